"""ACT102: activations that don't belong into a cell."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings.xrayed import both, site

from unstuck.case.edits import apply


def source(layer: str) -> str:
    return (
        "import tensorflow as tf\nimport keras\nfrom keras import layers\n"
        f"model = keras.Sequential([\n    {layer},\n    layers.Dense(1)])\n"
    )


@pytest.mark.parametrize(
    ("layer", "severity"),
    [
        ("layers.LSTM(8, activation='softmax')", "warning"),
        ("layers.LSTM(8, 'softmax')", "warning"),
        ("layers.SimpleRNN(8, activation=keras.activations.softmax)", "warning"),
        ("layers.LSTM(8, recurrent_activation='relu')", "warning"),
        ("layers.LSTM(8, 'tanh', 'tanh')", "warning"),
        ("layers.GRU(8, recurrent_activation=None)", "warning"),
        ("layers.GRU(8, recurrent_activation='softmax')", "warning"),
        ("tf.keras.layers.LSTM(8, recurrent_activation='linear')", "warning"),
        ("layers.Bidirectional(layers.LSTM(8, recurrent_activation='elu'))", "warning"),
        ("layers.RNN(layers.LSTMCell(8, recurrent_activation='tanh'))", "warning"),
        ("layers.LSTM(8, activation='sigmoid')", "note"),
        ("layers.LSTM(8, activation=None)", "note"),
        ("layers.LSTM(8, activation='linear')", "note"),
    ],
)
def test_every_way_to_write_it_is_found_and_cured(suspected, layer, severity):
    script = source(layer)
    (finding,) = suspected("ACT102", script)
    assert (finding.severity, finding.level, finding.location.line) == (severity, "suspected", 5)
    assert not suspected("ACT102", apply(script, finding.treatments[0].edits))


@pytest.mark.parametrize(
    "layer",
    [
        "layers.LSTM(8)",
        "layers.LSTM(8, activation='tanh', recurrent_activation='sigmoid')",
        "layers.LSTM(8, recurrent_activation='hard_sigmoid')",
        "layers.LSTM(8, activation='relu')",  # ACT101
        "layers.LSTM(8, activation='softsign')",
        "layers.LSTM(8, activation=chosen, recurrent_activation=chosen)",
        "layers.SimpleRNN(8, activation='sigmoid')",
        "layers.SimpleRNN(8, activation='linear')",
        "layers.Dense(8, activation='softmax')",
    ],
)
def test_other_cells_are_left_alone(suspected, layer):
    assert not suspected("ACT102", source(layer))


def words(cell, **config):
    config = {"activation": "tanh", "recurrent_activation": "sigmoid"} | config
    return {"layers": (cell(line=5, units=8, **config),)}


GREW = both(site(states={"growth": 40.0}))


@pytest.mark.parametrize(
    ("config", "more", "severity"),
    [
        ({"activation": "softmax"}, {}, "error"),
        ({"activation": "softmax"}, {"skill": 0.5}, "error"),
        ({"recurrent_activation": "softmax"}, {}, "error"),
        ({"activation": "sigmoid"}, {}, "error"),
        ({"activation": "sigmoid"}, {"skill": 0.5}, "warning"),
        ({"activation": "linear"}, {}, "warning"),
        ({"activation": "linear"}, {"xrays": GREW}, "error"),
        ({"activation": "linear"}, {"losses": [1.0, np.nan], "skill": None}, "error"),
        ({"recurrent_activation": "relu"}, {"xrays": both()}, "warning"),
        ({"recurrent_activation": "relu"}, {"xrays": GREW}, "error"),
        ({"recurrent_activation": "tanh"}, {}, "warning"),
    ],
)
def test_how_likely_it_is_the_reason(written, cell, config, more, severity):
    given = words(cell, **config)
    (found,) = written.judge("ACT102", **given | more)
    assert (found.severity, found.location.line, found.location.layer) == (severity, 5, "lstm")
    assert not written.judge("ACT102", skill=0.95, **given)


def test_the_gate_is_named_and_cured(written, cell):
    script = source("layers.LSTM(8, recurrent_activation='softmax')")
    seen = both(site(gates={"forget": {"mean": 0.125}}))
    given = words(cell, recurrent_activation="softmax")
    (found,) = written.judge("ACT102", xrays=seen, source=script, **given)
    assert found.location.gate == "forget"
    assert found.evidence["mean_forget"].value == pytest.approx(0.125)
    assert "recurrent_activation='sigmoid'" in apply(script, found.treatments[0].edits)


def test_both_options_are_two_findings(written, cell):
    given = words(cell, activation="softmax", recurrent_activation="relu")
    assert len(written.judge("ACT102", **given)) == 2
    gru = (cell("GRU", activation="tanh", recurrent_activation="tanh"),)
    (found,) = written.judge("ACT102", layers=gru, xrays=both(site("gru", "GRU")))
    assert (found.location.gate, "mean_update" in found.evidence) == ("update", True)


def test_functions_of_the_users_own_are_not_judged(written, cell):
    assert not written.judge("ACT102", **words(cell, activation="snake", recurrent_activation=None))
