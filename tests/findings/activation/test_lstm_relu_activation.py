"""ACT101: an unbounded activation in the cell."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings.xrayed import both, site, xray

from unstuck.case.edits import apply


def source(layer: str, steps: object = 90) -> str:
    return (
        "import keras\nfrom keras import layers\n"
        f"model = keras.Sequential([keras.Input(({steps}, 2)),\n    {layer},\n"
        "    layers.Dense(1)])\n"
    )


@pytest.mark.parametrize(
    "layer",
    [
        "layers.LSTM(8, activation='relu')",
        "layers.LSTM(8, 'relu')",
        "layers.GRU(8, activation=keras.activations.relu)",
        "layers.SimpleRNN(8, activation='elu')",
        "layers.Bidirectional(layers.LSTM(8, activation='relu'))",
        "layers.RNN(layers.LSTMCell(8, activation='relu'))",
    ],
)
def test_every_way_to_write_it_is_found_and_cured(suspected, layer):
    (finding,) = suspected("ACT101", source(layer))
    assert (finding.severity, finding.level, finding.location.line) == ("warning", "suspected", 4)
    edited = apply(source(layer), finding.treatments[0].edits)
    assert "tanh" in edited
    assert not suspected("ACT101", edited)


@pytest.mark.parametrize(
    "layer",
    [
        "layers.LSTM(8)",
        "layers.LSTM(8, activation='tanh')",
        "layers.LSTM(8, activation='sigmoid')",
        "layers.LSTM(8, activation=chosen)",
        "layers.Dense(8, activation='relu')",
        "layers.Conv1D(8, 3, activation='relu')",
    ],
)
def test_other_layers_are_left_alone(suspected, layer):
    assert not suspected("ACT101", source(layer))


@pytest.mark.parametrize(("steps", "severity"), [(10, "note"), (31, "warning"), ("n", "warning")])
def test_over_a_few_steps_it_is_a_note(suspected, steps, severity):
    (finding,) = suspected("ACT101", source("layers.LSTM(8, activation='relu')", steps))
    assert finding.severity == severity


LAYER = "layers.LSTM(8, activation='relu')"


def test_a_run_that_diverged(written, cell):
    script = source(LAYER)
    relu = cell(line=4, units=8, activation="relu")
    losses = np.where(np.arange(60) < 7, 1.0, np.nan)
    words = {"losses": losses, "layers": (relu,), "source": script, "skill": None}
    (found,) = written.judge("ACT101", **words)
    assert (found.severity, found.location.line, found.location.layer) == ("error", 4, "lstm")
    assert found.evidence["first_nonfinite_step"].value == 7
    assert "LSTM(8, activation='tanh')" in apply(script, found.treatments[0].edits)
    assert not written.judge("ACT101", **words | {"layers": (cell(activation="tanh"),)})


def test_a_gradient_that_jumped_with_the_loss(written, cell):
    gradient, losses = np.ones(60), np.linspace(1.0, 0.9, 60)
    gradient[40], losses[40] = 500.0, 30.0
    words = {"gradient": gradient, "losses": losses, "layers": (cell(activation="relu"),)}
    (found,) = written.judge("ACT101", **words)
    assert found.evidence["gradient_jump"].value == pytest.approx(500)
    assert not written.judge("ACT101", **words | {"skill": 0.97})


@pytest.mark.parametrize("seen", ["start", "middle", "end"])
def test_a_state_that_an_x_ray_saw_grow(written, cell, seen):
    grown = site(states={"growth": 1606.0, "largest": 21_000.0})
    when = {"start": 0, "middle": 30, "end": 60}
    xrays = tuple(
        xray(grown if at == seen else site(), step=n, reason=at) for at, n in when.items()
    )
    words = {"layers": (cell(activation="relu"),), "xrays": xrays}
    (found,) = written.judge("ACT101", **words)
    assert (found.severity, found.confidence) == ("error", 0.95)
    assert found.evidence["state_growth"].value == 1606
    assert "grew 1,606 times" in found.message
    assert not written.judge("ACT101", **words | {"skill": 0.97})
    assert not written.judge("ACT101", **words | {"layers": (cell(activation="tanh"),)})


def test_of_two_such_layers_the_one_that_grew_is_named(written, cell):
    layers = (cell(name="a", activation="relu"), cell(name="b", activation="relu"))
    sites = site("a"), site("b", states={"growth": 50.0})
    (found,) = written.judge("ACT101", layers=layers, xrays=both(*sites))
    assert found.location.layer == "b"


def test_a_jump_in_the_first_steps_counts(written, cell):
    gradient = np.ones(60)
    gradient[6] = 900.0
    words = {"gradient": gradient, "layers": (cell(activation="relu"),)}
    (found,) = written.judge("ACT101", **words)
    assert found.evidence["gradient_jump"].value == pytest.approx(900)
    # A first gradient is large wherever a training begins far off.
    first = np.ones(60)
    first[0] = 900.0
    assert not written.judge("ACT101", **words | {"gradient": first})


@pytest.mark.parametrize(
    ("steps", "severities"), [(100, ["warning"]), (None, ["warning"]), (10, [])]
)
def test_a_run_that_fails_without_a_jump_is_doubted(written, cell, steps, severities):
    words = {"layers": (cell(shape=(None, steps, 2), activation="relu"),)}
    assert [one.severity for one in written.judge("ACT101", **words)] == severities
    assert not written.judge("ACT101", skill=0.97, **words)


def test_of_two_layers_on_a_line_the_one_with_the_option_is_edited(written, cell):
    script = "m = keras.Sequential([LSTM(8), LSTM(8, activation='relu')])\n"
    script = f"import keras\nfrom keras.layers import LSTM\n{script}"
    layers = (cell(line=3, units=8, activation="tanh"), cell(line=3, units=8, activation="relu"))
    losses = np.where(np.arange(60) < 7, 1.0, np.nan)
    (found,) = written.judge("ACT101", losses=losses, layers=layers, source=script, skill=None)
    edited = apply(script, found.treatments[0].edits)
    assert "LSTM(8), LSTM(8, activation='tanh')" in edited
