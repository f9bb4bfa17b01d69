"""OPT103: how many updates a training makes."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply

MODEL = (
    "import keras\nfrom keras import layers\n"
    "model = keras.Sequential([keras.Input((9, 2)), layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\n"
)


@pytest.mark.parametrize(
    ("fit", "updates"),
    [
        ("model.fit(x[:64], y[:64])", 2),
        ("model.fit(x[:64], y[:64], batch_size=64, epochs=5)", 5),
        ("n = 70\nmodel.fit(x[:n], y[:n], batch_size=32, epochs=3)", 9),
        ("model.fit(x=x[0:100], y=y, steps_per_epoch=4)", 4),
        ("model.fit(x, steps_per_epoch=10, epochs=2)", 20),
    ],
)
def test_the_numbers_in_the_call_bound_the_updates(suspected, fit, updates):
    (finding,) = suspected("OPT103", MODEL + fit + "\n")
    assert (finding.severity, finding.level) == ("note", "suspected")
    assert finding.evidence["updates"].value == updates
    cured = apply(MODEL + fit + "\n", finding.treatments[0].edits)
    assert "epochs=" in cured
    assert not suspected("OPT103", cured)


@pytest.mark.parametrize(
    "fit",
    [
        "model.fit(x, y)",
        "model.fit(x[:-64], y[:-64])",
        "model.fit(x[64:], y[64:])",
        "model.fit(x[:64], y[:64], epochs=n)",
        "model.fit(x[:3200], y[:3200])",
        # Training that goes on call by call.
        "for epoch in range(50):\n    model.fit(x[:64], y[:64])",
        "model.fit(x[:64], y[:64])\nmodel.fit(x[:64], y[:64], epochs=90)",
        "while True:\n    model.fit(x, steps_per_epoch=1)",
    ],
)
def test_other_calls_are_left_alone(suspected, fit):
    assert not suspected("OPT103", MODEL + fit + "\n")


def test_a_training_that_stopped_while_it_fell(written):
    source = MODEL + "model.fit(x, y, epochs=2)\n"
    losses = np.linspace(1.0, 0.5, 60)
    words = {"losses": losses, "skill": 0.04, "source": source, "lines": {"fit": 5}}
    (found,) = written.judge("OPT103", **words)
    assert (found.severity, found.location.line) == ("error", 5)
    assert found.evidence["updates"].value == 60
    # The last third lost a sixth of the run's fall of 0.5, of the 0.99 that there were to lose.
    assert found.evidence["fall_in_last_third"].value == pytest.approx(0.17, abs=0.02)
    (edit,) = found.treatments[0].edits
    assert edit.new == "model.fit(x, y, epochs=20)"


def test_a_training_that_learned_is_left_alone(written):
    assert not written.judge("OPT103", losses=np.linspace(1.0, 0.05, 60), skill=0.97)


def test_a_short_run_without_signal_is_left_alone(written):
    # Weights that moved, a control that finds nothing: more of the same would not help.
    flat = np.full(900, 0.69)
    assert not written.judge("OPT103", losses=flat, signal=-0.01, update=0.1)
