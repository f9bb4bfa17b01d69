"""ACT103: gates that stay at an end of their range."""

from __future__ import annotations

import dataclasses

import pytest
from tests.findings.xrayed import both, site, xray

from unstuck.case.edits import apply

SOURCE = (
    "import keras\nfrom keras import layers\nmodel = keras.Sequential([\n"
    "    layers.Rescaling(255.0),\n    layers.LSTM(8),\n    layers.Dense(1),\n])\n"
)
STUCK = {"forget": {"saturated": 0.9, "stuck_units": 0.8, "stuck_steps": (3, 17)}}


def layers(cell):
    return (
        cell("InputLayer", name="x"),
        cell("Rescaling", line=4, inputs=("x",), scale=255.0),
        cell("LSTM", line=5, inputs=("rescaling",), units=8),
    )


def test_a_gate_that_starts_at_its_ends(written, cell):
    large = site(gates=STUCK, flow={"input_rms": 255.0})
    words = {"xrays": both(large), "layers": layers(cell), "source": SOURCE}
    (found,) = written.judge("ACT103", **words)
    assert (found.severity, found.confidence) == ("error", 0.85)
    place = found.location
    assert (place.line, place.layer, place.gate, place.timestep) == (4, "lstm", "forget", 3)
    assert found.evidence["saturated_at_start"].value == pytest.approx(0.9)
    assert "steps 3 to 17" in found.message
    assert "rescaling hands it has a root mean square of 255" in found.message
    edited = apply(SOURCE, found.treatments[0].edits).splitlines()
    assert edited[4:6] == ["    layers.BatchNormalization(),", "    layers.LSTM(8),"]
    assert not written.judge("ACT103", **words | {"skill": 0.95})


def test_inputs_of_unit_size_are_not_to_blame(written, cell):
    (found,) = written.judge("ACT103", xrays=both(site(gates=STUCK)), layers=layers(cell))
    assert found.location.line == 5
    assert "hands it" not in found.message


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ({"skill": 0.0}, "error"),
        ({"skill": 0.5}, "warning"),
        ({"skill": 0.0, "signal": 0.0}, "warning"),
    ],
)
def test_gates_that_got_stuck_since(written, cell, words, severity):
    later = (xray(site()), xray(site(gates=STUCK), step=60, reason="end"))
    (found,) = written.judge("ACT103", xrays=later, layers=layers(cell), **words)
    assert (found.severity, found.confidence) == (severity, 0.6)
    # Without an x-ray before the first step nobody knows since when.
    (found,) = written.judge("ACT103", xrays=later[1:], layers=layers(cell), **words)
    assert found.severity == severity
    assert found.evidence["saturated_at_start"].value is None


def test_gates_that_recovered_or_remember(written, cell):
    recovered = (xray(site(gates=STUCK)), xray(site(), step=60, reason="end"))
    assert not written.judge("ACT103", xrays=recovered, layers=layers(cell))
    remembering = {"forget": {"saturated": 0.4, "open": 0.4, "stuck_units": 0.2}}
    assert not written.judge("ACT103", xrays=both(site(gates=remembering)), layers=layers(cell))
    assert not written.judge("ACT103", xrays=(), layers=layers(cell))


def test_the_worst_of_all_gates_is_named(written, cell):
    gates = {**STUCK, "candidate": {"saturated": 0.97}}
    other = site("lstm_1", gates={"output": {"saturated": 0.6}})
    (found,) = written.judge("ACT103", xrays=both(other, site(gates=gates)), layers=layers(cell))
    assert (found.location.layer, found.location.gate) == ("lstm", "candidate")


def test_a_layer_inside_a_wrapper(written, cell):
    wrapped = (
        cell("Dense", line=4),
        cell("Bidirectional", line=5, inputs=("dense",)),
        cell("LSTM", "forward_lstm"),
    )
    wrapped = (*wrapped[:2], dataclasses.replace(wrapped[2], inside="bidirectional"))
    inner = site(
        "forward_lstm", name="bidirectional/forward_lstm", gates=STUCK, flow={"input_rms": 40.0}
    )
    (found,) = written.judge("ACT103", xrays=both(inner), layers=wrapped)
    assert found.location.line == 4


def test_relu_rests_at_its_one_end(written, cell):
    resting = site(gates={"candidate": {"saturated": 0.6, "shut": 0.6}}, activation="relu")
    assert not written.judge("ACT103", xrays=both(resting), layers=layers(cell))
    squashed = site(gates={"candidate": {"saturated": 0.6, "shut": 0.6}})
    assert written.judge("ACT103", xrays=both(squashed), layers=layers(cell))
