"""ACT105: activations on what a cell has squashed already."""

from __future__ import annotations

import pytest

from unstuck.case.edits import apply

HEAD = "import tensorflow as tf\nimport keras\nfrom keras import layers\n"


def source(*lines: str) -> str:
    inside = "".join(f"    {line},\n" for line in lines)
    return f"{HEAD}model = keras.Sequential([\n    keras.Input((9, 2)),\n{inside}])\n"


@pytest.mark.parametrize(
    ("lines", "severity", "line"),
    [
        (("layers.LSTM(8)", "layers.Activation('sigmoid')", "layers.Dense(1)"), "warning", 7),
        (("layers.LSTM(8)", "layers.Activation('relu')", "layers.Dense(1)"), "note", 7),
        (("layers.LSTM(8)", "layers.ReLU()", "layers.Dense(1)"), "note", 7),
        (("layers.LSTM(8)", "layers.Softmax()", "layers.Dense(1)"), "warning", 7),
        (("layers.GRU(8)", "layers.Dropout(0.2)", "layers.Activation(keras.activations.sigmoid)",
          "layers.Dense(1)"), "warning", 8),
        (("tf.keras.layers.LSTM(8)", "tf.keras.layers.Activation('sigmoid')",
          "tf.keras.layers.Dropout(0.2)", "tf.keras.layers.Dense(1)"), "warning", 7),
    ],
)  # fmt: skip
def test_what_the_source_shows(suspected, lines, severity, line):
    (finding,) = suspected("ACT105", source(*lines))
    assert (finding.severity, finding.level) == (severity, "suspected")
    assert finding.location.line == line


def test_a_model_that_is_added_to_and_a_functional_one(suspected):
    added = (
        f"{HEAD}model = keras.Sequential()\nmodel.add(layers.LSTM(8))\n"
        "model.add(layers.Activation('sigmoid'))\nmodel.add(layers.Dense(1))\n"
    )
    (finding,) = suspected("ACT105", added)
    assert finding.location.line == 6
    cured = apply(added, finding.treatments[0].edits)
    assert not suspected("ACT105", cured)
    functional = (
        f"{HEAD}i = keras.Input((9, 2))\nh = layers.LSTM(8)(i)\n"
        "h = layers.Activation('sigmoid')(h)\nmodel = keras.Model(i, layers.Dense(1)(h))\n"
    )
    (finding,) = suspected("ACT105", functional)
    assert finding.location.line == 6


@pytest.mark.parametrize(
    "lines",
    [
        ("layers.LSTM(8)", "layers.Dense(1)", "layers.Activation('sigmoid')"),
        # As the last layer it is the task's own.
        ("layers.LSTM(3)", "layers.Activation('softmax')"),
        ("layers.LSTM(3)", "layers.Softmax()"),
        ("layers.LSTM(8)", "layers.BatchNormalization()", "layers.Activation('relu')",
         "layers.Dense(1)"),
        ("layers.LSTM(8)", "layers.Activation('linear')", "layers.Dense(1)"),
        ("layers.LSTM(8)", "layers.Activation(chosen)", "layers.Dense(1)"),
        ("layers.Conv1D(8, 3)", "layers.Activation('relu')", "layers.LSTM(8)"),
        ("layers.LSTM(8)", "layers.Dense(8, 'relu')", "layers.Activation('sigmoid')",
         "layers.Dense(1)"),
    ],
)  # fmt: skip
def test_sources_that_are_left_alone(suspected, lines):
    assert not suspected("ACT105", source(*lines))


def chain(cell, *between):
    """LSTM, what is between, Dense; each of the between as (kind, config)."""
    layers, below = [cell("LSTM", "a", line=6)], "a"
    for number, (kind, config) in enumerate(between):
        name = f"b{number}"
        layers.append(cell(kind, name, (None, 8), line=7 + number, inputs=(below,), **config))
        below = name
    return (*layers, cell("Dense", "dense", inputs=(below,), activation="linear"))


SIGMOID = ("Activation", {"activation": "sigmoid"})
SOFTMAX = ("Activation", {"activation": "softmax"})
TANH = ("Activation", {"activation": "tanh"})
AGAIN = ("LSTM", {})


@pytest.mark.parametrize(
    ("between", "skill", "severities", "shrinkage"),
    [
        ((SIGMOID,), 0.0, ["error"], 4),
        ((SIGMOID,), 0.5, ["warning"], 4),
        ((SIGMOID, AGAIN, SIGMOID), 0.5, ["error"], 16),
        ((SOFTMAX,), 0.5, ["warning"], 8),
        ((SOFTMAX, AGAIN, SIGMOID), 0.5, ["error"], 32),
        ((SIGMOID, ("Dropout", {}), SIGMOID), 0.5, ["error"], 16),
        ((TANH,), 0.0, ["note"], 1),
        ((TANH,), 0.5, [], 1),
        ((SIGMOID, AGAIN, SIGMOID), 0.95, [], 16),
        ((("Sigmoid", {}),), 0.0, ["error"], 4),
    ],
)
def test_how_much_it_takes(written, cell, between, skill, severities, shrinkage):
    found = written.judge("ACT105", layers=chain(cell, *between), skill=skill)
    assert [one.severity for one in found] == severities
    for one in found:
        assert one.evidence["shrinkage"].value == shrinkage
        assert (one.location.line, one.location.layer) == (7, "b0")


@pytest.mark.parametrize("between", [(), (("BatchNormalization", {}), SIGMOID), (("Dense", {}),)])
def test_runs_that_are_left_alone(written, cell, between):
    assert not written.judge("ACT105", layers=chain(cell, *between))


def test_the_task_s_own_activation(written, cell):
    last = chain(cell, SOFTMAX)[:-1]
    assert not written.judge("ACT105", layers=last)


def test_several_readers_make_a_gate_of_the_users_own(written, cell):
    layers = (
        cell("LSTM", "a"),
        cell("Activation", "gate", inputs=("a",), activation="sigmoid"),
        cell("Multiply", "product", inputs=("a", "gate")),
        cell("Dense", "dense", inputs=("product",)),
    )
    assert not written.judge("ACT105", layers=layers)


def test_the_edits(written, cell):
    script = source("layers.LSTM(8)", "layers.Activation('sigmoid')", "layers.Dense(1)")
    (found,) = written.judge("ACT105", layers=chain(cell, SIGMOID), source=script)
    assert "Activation('linear')" in apply(script, found.treatments[0].edits)
