"""GRD101: gradients that jump."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply

SOURCE = (
    "import keras\nfrom keras import layers\n"
    "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
    "sgd = keras.optimizers.SGD(0.05, momentum=0.9)\n"
    "model.compile(optimizer=sgd, loss='mse')\nmodel.fit(x, y)\n"
)


def spike(height: float) -> np.ndarray:
    gradient = np.ones(60)
    gradient[40] = height
    return gradient


def test_a_spike_that_goes_into_the_weights_of_plain_sgd(written):
    words = {"gradient": spike(300.0), "optimizer": "SGD", "rate": 0.05}
    (found,) = written.judge("GRD101", source=SOURCE, lines={"compile": 5}, **words)
    assert (found.severity, found.location.line, found.location.layer) == ("error", 4, "lstm")
    assert found.evidence["gradient_jump"].value == pytest.approx(300)
    cured = apply(SOURCE, found.treatments[0].edits)
    assert "SGD(0.05, momentum=0.9, clipnorm=1.0)" in cured
    # Adam divides the spike by itself.
    assert not written.judge("GRD101", **words | {"optimizer": "Adam"})
    assert not written.judge("GRD101", **words | {"skill": 0.97})
    assert not written.judge("GRD101", **words | {"gradient": spike(3.0)})


def test_a_named_optimizer_becomes_a_call(written):
    source = SOURCE.replace("optimizer=sgd", "optimizer='sgd'")
    words = {"gradient": spike(300.0), "optimizer": "SGD", "rate": 0.01}
    (found,) = written.judge("GRD101", source=source, lines={"compile": 5}, **words)
    assert found.location.line == 5
    cured = apply(source, found.treatments[0].edits)
    assert "optimizer=keras.optimizers.SGD(clipnorm=1.0)" in cured


@pytest.mark.parametrize(("first", "found"), [(0, False), (9, True)])
def test_nan_at_the_first_step_has_not_exploded(written, first, found):
    losses = np.where(np.arange(60) < first, 1.0, np.nan)
    nonfinite = np.where(np.arange(60) < first, 0.0, 3.0)
    weight = np.where(np.arange(60) <= first, 2.0, np.nan)
    words = {"losses": losses, "nonfinite": nonfinite, "weight": weight, "skill": None}
    findings = written.judge("GRD101", **words)
    assert [finding.evidence["first_nonfinite_step"].value for finding in findings] == [9] * found
