"""Diagnoses as real runs give them, for the tests of every view."""

from __future__ import annotations

import math
import random

from unstuck.record import (
    Curves,
    Diagnosis,
    Edit,
    Finding,
    FitReport,
    Location,
    LossSummary,
    Quantity,
    Tool,
    Treatment,
)

TOOL = Tool(version="0.1.0", keras="3.12.0", backend="jax")

REVIEWS = """\
import keras
import numpy as np

(x, y), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=5000)
x = keras.utils.pad_sequences(x, maxlen=400, padding="post")

model = keras.Sequential()
model.add(keras.layers.Embedding(5000, 32))
model.add(keras.layers.LSTM(64))
model.add(keras.layers.Dense(1, activation="softmax"))

model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.001),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
model.fit(x, y, epochs=5, batch_size=128, validation_split=0.2)
"""


def _noise(seed: int, count: int, spread: float = 1.0) -> list[float]:
    draw = random.Random(seed)
    return [draw.gauss(0.0, spread) for _ in range(count)]


def _layers(names: tuple[str, ...], count: int, level: float, slope: float = 0.0):
    return {
        name: tuple(
            level * 10 ** (-0.7 * index) * math.exp(0.3 * jitter + slope * step)
            for step, jitter in enumerate(_noise(index + 7, count))
        )
        for index, name in enumerate(names)
    }


def stuck() -> Diagnosis:
    """Softmax over one unit, with a padding that is not masked and a slow optimizer."""
    steps = tuple(range(0, 785, 2))
    count = len(steps)
    answer = Finding(
        code="OUT101",
        name="softmax-on-one-unit",
        cause="output_softmax_single_unit",
        severity="error",
        level="cured",
        confidence=0.99,
        message=(
            "The last layer applies softmax to a single unit, which gives 1.0 for every review: "
            "the loss cannot fall, and no layer below receives a gradient."
        ),
        location=Location(file="train.py", line=10, layer="dense"),
        evidence={
            "outputs_that_equal_1": Quantity(1.0),
            "standard_deviation_of_the_outputs": Quantity(0.0),
            "gradient_norm_below_the_head": Quantity(0.0),
            "loss_of_always_1": Quantity(8.0151),
            "steps_measured": Quantity(785, "steps"),
        },
        treatments=(
            Treatment(
                id="sigmoid-head",
                summary=("Use sigmoid, which turns one unit into a probability between 0 and 1."),
                edits=(
                    Edit(
                        line=10,
                        old='model.add(keras.layers.Dense(1, activation="softmax"))',
                        new='model.add(keras.layers.Dense(1, activation="sigmoid"))',
                    ),
                ),
                trial={
                    "loss_before": 8.0151,
                    "loss_after": 0.4312,
                    "seeds": 5,
                    "p_value": 0.03125,
                },
            ),
            Treatment(
                id="two-units",
                summary="Keep softmax, and give it one unit for each of the two classes.",
                edits=(
                    Edit(
                        line=10,
                        old='model.add(keras.layers.Dense(1, activation="softmax"))',
                        new='model.add(keras.layers.Dense(2, activation="softmax"))',
                    ),
                    Edit(
                        line=14,
                        old='    loss="binary_crossentropy",',
                        new='    loss="sparse_categorical_crossentropy",',
                    ),
                ),
            ),
        ),
    )
    mask = Finding(
        code="MSK101",
        name="unmasked-padding",
        cause="padding_not_masked",
        severity="warning",
        level="observed",
        confidence=0.9,
        message=(
            "41 % of all time steps are padding after the text, and the LSTM reads them: "
            "its last state has forgotten the review."
        ),
        location=Location(file="train.py", line=8, layer="embedding", timestep=399),
        evidence={
            "padded_time_steps": Quantity(0.41),
            "median_length": Quantity(178, "time steps"),
            "memory_of_the_last_word": Quantity(3.1e-9),
        },
        treatments=(
            Treatment(
                id="mask-zero",
                summary="Let the Embedding mark padding, so that the LSTM skips it.",
                edits=(
                    Edit(
                        line=8,
                        old="model.add(keras.layers.Embedding(5000, 32))",
                        new="model.add(keras.layers.Embedding(5000, 32, mask_zero=True))",
                    ),
                ),
            ),
        ),
    )
    slow = Finding(
        code="OPT104",
        name="plain-sgd-on-lstm",
        cause="optimizer_unsuited",
        severity="warning",
        level="suspected",
        confidence=0.6,
        message="SGD without momentum at 0.001 moves an LSTM too little in 785 steps.",
        location=Location(file="train.py", line=13),
        evidence={"median_update_ratio": Quantity(2.4e-7)},
        treatments=(
            Treatment(
                id="adam",
                summary="Use Adam.",
                edits=(
                    Edit(
                        line=13,
                        old="    optimizer=keras.optimizers.SGD(learning_rate=0.001),",
                        new="    optimizer=keras.optimizers.Adam(learning_rate=0.001),",
                    ),
                ),
            ),
        ),
    )
    curves = Curves(
        steps=steps,
        loss=tuple(8.015 + jitter for jitter in _noise(1, count, 0.35)),
        learning_rate=(0.001,) * count,
        gradient_norm={
            "dense": (0.0,) * count,
            "lstm": (0.0,) * count,
            "embedding": (0.0,) * count,
        },
        update_ratio={
            "dense": (0.0,) * count,
            "lstm": (0.0,) * count,
            "embedding": (0.0,) * count,
        },
        epochs=(156, 313, 470, 627, 784),
        validation_loss=(7.92, 7.92, 7.92, 7.92, 7.92),
    )
    fit = FitReport(
        model="sequential",
        location=Location(file="train.py", line=17),
        steps=785,
        verdict="stuck",
        summary="The loss is that of always answering 1.",
        loss=LossSummary(start=8.0151, end=8.0151, constant_predictor=0.6931),
        skill=-10.56,
        findings=(answer, mask, slow),
        curves=curves,
    )
    return Diagnosis(
        tool=TOOL,
        script="train.py",
        fits=(fit,),
        findings=(answer, mask, slow),
        verdict="stuck",
        summary="The model cannot learn: it gives the same output for every review.",
        sources={"train.py": REVIEWS},
    )


def healthy() -> Diagnosis:
    """A forecast that learns, with one remark and a naive forecast to compare with."""
    steps = tuple(range(0, 1200, 3))
    count = len(steps)
    names = ("head", "lstm_2", "lstm_1")
    note = Finding(
        code="OPT108",
        name="stopped-early",
        cause="too_few_updates",
        severity="note",
        level="observed",
        confidence=0.7,
        message="The loss was still falling at the last step: more epochs would help a little.",
        location=Location(file="forecast.py", line=21),
        evidence={"slope_of_the_last_epoch": Quantity(-3.2e-4, "per step")},
    )
    fit = FitReport(
        model="forecaster",
        location=Location(file="forecast.py", line=21),
        steps=1200,
        verdict="healthy",
        summary="It beats the best constant and the naive forecast.",
        loss=LossSummary(start=1.12, end=0.0734, constant_predictor=1.003, naive_forecast=0.181),
        skill=0.927,
        findings=(note,),
        curves=Curves(
            steps=steps,
            loss=tuple(
                0.07 + 1.05 * math.exp(-step / 180) * math.exp(0.12 * jitter)
                for step, jitter in zip(steps, _noise(2, count), strict=True)
            ),
            learning_rate=tuple(0.001 * 0.5 ** (step // 300) for step in steps),
            gradient_norm=_layers(names, count, 1.0, -0.004),
            update_ratio=_layers(names, count, 4e-3, -0.005),
            epochs=tuple(range(99, 1200, 100)),
            validation_loss=tuple(
                0.085 + 0.9 * math.exp(-step / 190) for step in range(99, 1200, 100)
            ),
        ),
    )
    return Diagnosis(
        tool=TOOL,
        script="forecast.py",
        fits=(fit,),
        findings=(note,),
        verdict="healthy",
        summary="The model is training: its loss is 14 times below the best constant's.",
    )


def diverged() -> Diagnosis:
    """A relu cell whose state explodes, then NaN; the fit was interrupted."""
    steps = tuple(range(240))
    source = "\n".join(
        [
            "def build(units):",
            "    inputs = keras.Input((60, 3))",
            '    hidden = keras.layers.LSTM(units, activation="relu")(inputs)',
            "    return keras.Model(inputs, keras.layers.Dense(1)(hidden))",
            "",
            "model = build(32)",
            'model.compile("adam", "mse")',
            "model.fit(windows, targets, epochs=20)",
        ]
    )
    burst = 180
    growth = [math.exp(max(0, step - 120) / 6) for step in steps]
    alive = [step < burst for step in steps]
    answer = Finding(
        code="ACT101",
        name="relu-in-lstm",
        cause="lstm_relu_activation",
        severity="error",
        level="proven",
        confidence=0.97,
        message=(
            "relu inside the LSTM lets its cell state grow without bound: it reached 3.1e38 at "
            "step 180, and everything after that is NaN."
        ),
        location=Location(
            file="/home/ana/project/models/build.py",
            line=3,
            layer="lstm",
            gate="candidate",
            timestep=59,
        ),
        evidence={
            "largest_cell_state": Quantity(math.inf),
            "first_nonfinite_step": Quantity(180, "step"),
            "loss_at_the_end": Quantity(math.nan),
            "growth_per_time_step": Quantity(1.37, "×"),
        },
        treatments=(
            Treatment(
                id="tanh",
                summary="Take the activation out, so that the cell uses tanh.",
                edits=(
                    Edit(
                        line=3,
                        old='    hidden = keras.layers.LSTM(units, activation="relu")(inputs)',
                        new="    hidden = keras.layers.LSTM(units)(inputs)",
                    ),
                ),
                trial={
                    "loss": {"without": [math.nan, math.nan, math.nan], "with": [0.31, 0.29, 0.3]},
                    "diverged": {"without": "3 of 3", "with": "0 of 3"},
                },
            ),
        ),
    )
    fit = FitReport(
        model="functional",
        location=Location(file="/home/ana/project/models/build.py", line=8),
        steps=240,
        verdict="diverged",
        summary="The loss is NaN from step 180 on.",
        loss=LossSummary(start=1.21, end=math.nan, constant_predictor=1.0, naive_forecast=0.44),
        skill=None,
        findings=(answer,),
        interrupted="KeyboardInterrupt",
        curves=Curves(
            steps=steps,
            loss=tuple(
                0.9 + 0.002 * grow if fine else None
                for grow, fine in zip(growth, alive, strict=True)
            ),
            learning_rate=(0.001,) * 240,
            gradient_norm={
                name: tuple(
                    scale * grow * math.exp(0.2 * jitter) if fine else None
                    for grow, fine, jitter in zip(growth, alive, _noise(3, 240), strict=True)
                )
                for name, scale in (("lstm", 1.0), ("dense", 0.2))
            },
            update_ratio={
                name: tuple(
                    1e-3 * math.exp(0.2 * jitter) if fine else None
                    for fine, jitter in zip(alive, _noise(seed, 240), strict=True)
                )
                for name, seed in (("lstm", 4), ("dense", 5))
            },
        ),
    )
    return Diagnosis(
        tool=Tool(version="0.1.0", keras="3.12.0", backend="torch"),
        script="/home/ana/project/train.py",
        fits=(fit,),
        findings=(answer,),
        verdict="diverged",
        summary="The loss became NaN at step 180 and stayed there.",
        sources={"/home/ana/project/models/build.py": source},
    )


def no_fits() -> Diagnosis:
    """A script that never came to its fit."""
    return Diagnosis(
        tool=Tool(version="0.1.0"),
        script="train.py",
        fits=(),
        findings=(),
        verdict="undetermined",
        summary="The script ended before it called fit, so there is nothing to judge.",
    )


HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\u2028[bold]{{7*7}}"


def hostile() -> Diagnosis:
    """Strings of the user's that try to leave the place where they are shown."""
    finding = Finding(
        code=f"X{HOSTILE}",
        name=HOSTILE,
        cause=HOSTILE,
        severity="error",
        level="observed",
        confidence=0.5,
        message=f"message {HOSTILE} \x1b[31m\u202etxet",
        location=Location(file=HOSTILE, line=1, layer=HOSTILE, gate=HOSTILE, timestep=0),
        evidence={HOSTILE: Quantity(HOSTILE, HOSTILE)},
        treatments=(
            Treatment(
                id=HOSTILE,
                summary=HOSTILE,
                edits=(Edit(line=1, old=HOSTILE, new=HOSTILE + "\ud800"),),
                trial={HOSTILE: HOSTILE},
            ),
        ),
    )
    steps = tuple(range(30))
    values = tuple(1.0 / (step + 1) for step in steps)
    names = (HOSTILE, "a.b[0]['c']", "\\\"';", "__proto__")
    layers = {name: values for name in names}
    fit = FitReport(
        model=HOSTILE,
        location=Location(file=HOSTILE, line=1),
        steps=30,
        verdict="stuck",
        summary=HOSTILE,
        loss=LossSummary(start=1.0, end=1 / 30, constant_predictor=0.7, naive_forecast=0.6),
        skill=0.0,
        findings=(finding,),
        interrupted=HOSTILE,
        curves=Curves(
            steps=steps,
            loss=values,
            learning_rate=values,
            gradient_norm=layers,
            update_ratio=layers,
            epochs=(9, 19, 29),
            validation_loss=(0.5, None, 0.4),
        ),
    )
    return Diagnosis(
        tool=Tool(version=HOSTILE, keras=HOSTILE, backend=HOSTILE),
        script=HOSTILE,
        fits=(fit,),
        findings=(finding, finding),
        verdict="stuck",
        summary=HOSTILE,
        sources={HOSTILE: f"model.add({HOSTILE})\n# {HOSTILE}"},
    )


def large(points: int = 2000, layers: int = 20, fits: int = 1) -> Diagnosis:
    """A deep model with long curves, some layers measured on every tenth step only."""
    steps = tuple(range(0, points * 5, 5))
    names = tuple(f"encoder_block_{index:02d}_bidirectional_lstm" for index in range(layers))
    norms = {
        name: tuple(
            math.exp(0.3 * jitter - 0.6 * index - point / points)
            if index % 4 or point % 10 == 0
            else None
            for point, jitter in enumerate(_noise(index, points))
        )
        for index, name in enumerate(names)
    }
    fit = FitReport(
        model="deep_" + "very_" * 8 + "long_model_name",
        location=Location(file="pipeline/training/entry_point.py", line=1234),
        steps=points * 5,
        verdict="misleading",
        summary="It repeats the last value.",
        loss=LossSummary(
            start=2.3e-5, end=1.9e-7, constant_predictor=2.2e-5, naive_forecast=1.8e-7
        ),
        skill=0.99,
        findings=(),
        curves=Curves(
            steps=steps,
            loss=tuple(
                1.9e-7 + 2.3e-5 * math.exp(-point / 90) * math.exp(0.3 * jitter)
                for point, jitter in enumerate(_noise(50, points))
            ),
            learning_rate=tuple(1e-3 * min(1, point / 100) for point in range(points)),
            gradient_norm=norms,
            update_ratio=norms,
        ),
    )
    base = stuck()
    return Diagnosis(
        tool=TOOL,
        script="pipeline/training/entry_point.py",
        fits=(fit,) * fits,
        findings=base.findings * 3,
        verdict="misleading",
        summary="The model repeats the last value: it is no better than the naive forecast, "
        "although its loss is 120 times below that of the best constant prediction.",
        sources={"train.py": REVIEWS},
    )
