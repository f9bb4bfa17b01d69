"""SEQ101: one time step."""

from __future__ import annotations

import numpy as np
import pytest

HEAD = "import keras\nimport numpy as np\nfrom keras import layers\n"


def script(*layers: str, before: str = "") -> str:
    inside = "".join(f"    {layer},\n" for layer in layers)
    return f"{HEAD}{before}model = keras.Sequential([\n{inside}])\n"


@pytest.mark.parametrize(
    ("source", "line", "severity"),
    [
        (script("keras.Input((1, 1))", "layers.LSTM(4)"), 5, "warning"),
        (script("layers.LSTM(4, input_shape=(1, 1))"), 5, "warning"),
        (script("keras.Input((n, 1))", "layers.LSTM(4)", before="n = 1\n"), 4, "warning"),
        (script("keras.Input(batch_shape=(None, 1, 1))", "layers.GRU(4)"), 5, "warning"),
        # Where the row has several columns, they may hold the past.
        (script("keras.Input((1, 7))", "layers.LSTM(4)"), 5, "note"),
        (script("keras.Input((1, f))", "layers.Bidirectional(layers.LSTM(4))"), 5, "note"),
        (
            script(
                "keras.Input(x.shape[1:])",
                "layers.LSTM(4)",
                before="x = np.reshape(x, (x.shape[0], 1, x.shape[1]))\n",
            ),
            4,
            "note",
        ),
        (
            script("layers.LSTM(4)", "layers.Dense(1)", before="x = x.reshape(-1, 1, 3)\n"),
            4,
            "note",
        ),
    ],
)
def test_one_step_is_found_where_it_is_written(suspected, source, line, severity):
    (finding,) = suspected("SEQ101", source)
    assert (finding.location.line, finding.severity) == (line, severity)
    assert finding.level == "suspected"


@pytest.mark.parametrize(
    "source",
    [
        script("keras.Input((9, 1))", "layers.LSTM(4)"),
        script("keras.Input((None, 1))", "layers.LSTM(4)"),
        script("keras.Input((n, 1))", "layers.LSTM(4)"),
        script("keras.Input((1, 3))", "layers.Dense(4)"),
        script("keras.Input((1,))", "layers.Embedding(9, 4)", "layers.LSTM(4)"),
        script("keras.Input(batch_shape=(8, 1, 1))", "layers.LSTM(4, stateful=True)"),
        # The shape of the input says otherwise.
        script("keras.Input((9, 1))", "layers.LSTM(4)", before="x = x.reshape(-1, 1, 3)\n"),
        script("layers.LSTM(4)", before="x = x.reshape(-1, 1, 3)\nx = x.reshape(-1, 3, 1)\n"),
        script("layers.LSTM(4)", before="x = x.reshape(-1, 1)\n"),
        f"{HEAD}i = keras.Input((1, 8))\nh = keras.Input((4,))\nc = keras.Input((4,))\n"
        "o = layers.LSTM(4)(i, initial_state=[h, c])\nm = keras.Model([i, h, c], o)\n",
    ],
)
def test_other_scripts_are_left_alone(suspected, source):
    assert not suspected("SEQ101", source)


ONE = np.random.default_rng(0).normal(size=(64, 1, 3))


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ({"skill": 0.0}, "error"),
        ({"skill": 0.4}, "error"),
        ({"skill": 0.95}, "warning"),
        # No better than repeating the last value.
        ({"skill": 0.95, "naive": 0.051}, "error"),
    ],
)
def test_a_run_on_one_step(written, cell, words, severity):
    source = script("keras.Input((steps, 3))", "layers.LSTM(4)", before="steps = 1\n")
    layers = (cell("LSTM", shape=(None, 1, 3), line=7),)
    (found,) = written.judge("SEQ101", x=ONE, layers=layers, source=source, **words)
    assert found.severity == severity
    assert (found.location.line, found.location.layer) == (4, "lstm")
    assert found.evidence["features"].value == 3


def test_without_the_source_the_layer_is_named(written, cell):
    (found,) = written.judge("SEQ101", x=ONE, layers=(cell("LSTM", shape=(None, 1, 3), line=7),))
    assert found.location.line == 7


@pytest.mark.parametrize(
    ("x", "config", "shape"),
    [
        (np.zeros((64, 2, 3)), {}, (None, 2, 3)),
        (ONE, {"stateful": True}, (64, 1, 3)),
        # A layer in front has made steps of the columns.
        (ONE, {}, (None, 3, 1)),
    ],
)
def test_runs_with_a_past_are_left_alone(written, cell, x, config, shape):
    assert not written.judge("SEQ101", x=x, layers=(cell("LSTM", shape=shape, **config),))
