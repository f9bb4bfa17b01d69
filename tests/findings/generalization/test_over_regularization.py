"""GEN102: dropouts and penalties that leave nothing."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings import standins as given

from unstuck.case.facts import LayerFacts
from unstuck.findings.series import StepSeries, Watched

L2 = {"class_name": "L2", "config": {"l2": 1.0}}


def layers(*rates: float, cell: float = 0.0, penalty=None):
    config = {"units": 8, "dropout": cell, "recurrent_dropout": 0.0}
    lstm = LayerFacts("lstm", "LSTM", config | {"kernel_regularizer": penalty})
    dropouts = [LayerFacts(f"dropout_{i}", "Dropout", {"rate": r}) for i, r in enumerate(rates)]
    return (lstm, *dropouts)


def steps(*, last: float) -> StepSeries:
    """Two steps of one kernel whose norm goes from 4 to ``last``."""
    watched = (Watched("lstm/kernel", "lstm", "kernel", (2, 32)),)
    values = np.array([[[4.0]], [[last]]])
    numbers = np.arange(2)
    return StepSeries(numbers, numbers * 1.0, numbers * 0.0, values, ("weight_norm",), watched)


def judge(*rates, cell=0.0, penalty=None, last=5.0, **words):
    return given.judge(
        "GEN102",
        model=given.model(*layers(*rates, cell=cell, penalty=penalty)),
        progress=given.progress(**words),
        steps=steps(last=last),
        outputs=(given.output(),),
    )


def test_the_product_counts():
    (found,) = judge(0.6, 0.6)
    assert found.severity == "error"
    assert found.evidence["share_kept"].value == pytest.approx(0.4 * 0.4)
    assert [f.severity for f in judge(0.5, cell=0.7)] == ["error"]
    assert [f.severity for f in judge(0.9, skill=0.6)] == ["warning"]


def test_a_penalty_that_shrank_the_weights():
    (found,) = judge(penalty=L2, last=1.0)
    assert (found.severity, found.location.layer) == ("error", "lstm")
    assert found.evidence["weights_left"].value == 0.25


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ((0.5,), {}),
        ((0.5, 0.5), {}),
        ((0.9, 0.9), {"skill": 0.9}),
        # Where nothing is to be learned, regularization is not to blame.
        ((0.9, 0.9), {"signal": 0.0}),
        ((0.9, 0.9), {"signal": 0.2, "skill": 0.19}),
        ((), {"last": 1.0}),
        ((), {"last": 3.0, "penalty": L2}),
    ],
)
def test_milder_ones_and_networks_that_learn_are_left_alone(rates, words):
    assert not judge(*rates, **words)


def test_the_source_shows_what_is_left(suspected):
    source = (
        "import keras\nfrom keras import layers\nmodel = keras.Sequential([\n"
        "    layers.LSTM(8, dropout=0.8),\n    layers.Dropout(0.8),\n    layers.Dense(1)])\n"
    )
    (found,) = suspected("GEN102", source)
    assert (found.severity, found.location.line) == ("note", 4)
    assert found.evidence["share_kept"].value == pytest.approx(0.04)
    assert not suspected("GEN102", source.replace("0.8", "0.5"))
