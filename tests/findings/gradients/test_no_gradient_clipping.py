"""GRD103: a spike that undid the training."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from unstuck.case.edits import apply
from unstuck.findings.registry import rule

SOURCE = (
    "import keras\nfrom keras import layers\n"
    "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
    "sgd = keras.optimizers.SGD(0.05, momentum=0.9)\n"
    "model.compile(optimizer=sgd, loss='mse')\nmodel.fit(x, y)\n"
)


def undone(at: int = 100, height: float = 500.0, low: float = 0.2, end: float = 1.0, steps=200):
    """A loss that came down to ``low`` and went up at a spike; the best constant's is 1."""
    losses, gradient = np.full(steps, low), np.ones(steps)
    losses[:20] = np.linspace(1.0, low, 20)
    losses[at:] = end
    gradient[at] = height
    return {"losses": losses, "gradient": gradient, "optimizer": "SGD", "rate": 0.05}


def test_a_training_that_a_spike_undid(written):
    words = {"source": SOURCE, "lines": {"compile": 5}, **undone()}
    (found,) = written.judge("GRD103", **words)
    assert (found.severity, found.location.line) == ("error", 4)
    evidence = {name: quantity.value for name, quantity in found.evidence.items()}
    assert evidence["spike_at_step"] == 100
    assert evidence["gradient_jump"] == pytest.approx(500)
    assert evidence["spikes"] == pytest.approx(1 / 200)
    assert evidence["loss_before"] == pytest.approx(0.2)
    assert evidence["loss_at_end"] == pytest.approx(1.0)
    cured = apply(SOURCE, found.treatments[0].edits)
    assert "SGD(0.05, momentum=0.9, clipnorm=1.0)" in cured
    assert not written.judge("GRD103", skill=0.95, **words)


@pytest.mark.parametrize(
    "words",
    [
        # Twenty times the usual is within what gradients do.
        undone(height=20.0),
        # Nothing had been learned, or it was learned again.
        undone(low=0.9),
        undone(end=0.3),
        # In the first steps there is no usual gradient yet.
        undone(at=10),
        undone(steps=30, at=25),
    ],
)
def test_other_courses_are_left_alone(written, words):
    assert not written.judge("GRD103", **words)


def test_many_spikes_are_an_explosion(written):
    words = undone()
    words["gradient"][100::5] = 500.0
    assert words["gradient"][100:].mean() > 50
    assert not written.judge("GRD103", **words)


def test_a_gradient_that_is_no_longer_finite(written):
    words = undone()
    words["losses"][100:] = np.nan
    words["gradient"][100:] = np.nan
    words["nonfinite"] = np.where(np.arange(200) < 100, 0.0, 3.0)
    (found,) = written.judge("GRD103", **words | {"skill": None})
    assert found.evidence["gradient_jump"].value is None
    assert found.evidence["loss_at_end"].value is None
    assert "was not finite" in found.message


@pytest.mark.parametrize("option", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_what_clips_already_is_left_alone(written, option):
    with written.evidence(**undone()) as evidence:
        optimizer = dataclasses.replace(evidence.compiled.optimizer, config={option: 1.0})
        evidence.__dict__["compiled"] = dataclasses.replace(evidence.compiled, optimizer=optimizer)
        assert not list(rule("GRD103").judge(evidence))
    with written.evidence(**undone()) as evidence:
        optimizer = dataclasses.replace(evidence.compiled.optimizer, config={option: None})
        evidence.__dict__["compiled"] = dataclasses.replace(evidence.compiled, optimizer=optimizer)
        assert list(rule("GRD103").judge(evidence))


def test_a_weight_without_a_gradient_hides_no_spike(written):
    none = {"gradient": np.nan, "nonfinite": np.nan}
    words = undone() | {"variables": {"lstm/kernel": {}, "aside/kernel": none}}
    assert written.judge("GRD103", **words)
