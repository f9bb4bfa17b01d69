"""STA103: batches that are no mixtures."""

from __future__ import annotations

import pytest
from tests.findings import standins as given

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.observe.outcome import CompositionFacts

SOURCE = (
    "import keras, numpy as np\nfrom keras import layers\n"
    "y = np.repeat([0, 1], 80)\n"
    "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'binary_crossentropy')\n"
    "model.fit(x, y, epochs=5, shuffle=False)\n"
)
FILE = "train.py"


def judge(between: float, *, loss="binary_crossentropy", shuffle=False, expected=0.1, **words):
    return given.judge(
        "STA103",
        composition=(CompositionFacts("dense", between, expected, 40),),
        compiled=given.compiled(loss),
        fit=given.fit(shuffle=shuffle, place=given.Place(FILE, 6)),
        progress=given.progress(**words),
        scripts={FILE: Script.parse(SOURCE, FILE)},
    )


def test_sorted_classes_that_are_not_learned():
    (found,) = judge(1.0)
    assert (found.severity, found.location.line) == ("error", 6)
    assert found.evidence["variance_between_batches"].value == 1.0
    assert "shuffle" not in apply(SOURCE, found.treatments[0].edits)


def test_a_series_in_order_is_a_warning():
    assert [one.severity for one in judge(0.9, loss="mean_squared_error")] == ["warning"]


@pytest.mark.parametrize(
    ("between", "words"),
    [
        (0.1, {}),
        (0.6, {"expected": 0.5}),
        (1.0, {"shuffle": True}),
        (1.0, {"skill": 0.9}),
    ],
    ids=["mixed", "tiny batches", "shuffled", "learned"],
)
def test_mixtures_and_runs_that_learn_are_left_alone(between, words):
    assert not judge(between, **words)


def test_the_source_shows_blocks_in_order(suspected):
    (found,) = suspected("STA103", SOURCE)
    assert (found.severity, found.location.line) == ("warning", 6)
    cured = apply(SOURCE, found.treatments[0].edits)
    assert cured.splitlines()[-1] == "model.fit(x, y, epochs=5)"
    assert not suspected("STA103", cured)
    assert not suspected("STA103", SOURCE.replace("np.repeat([0, 1], 80)", "np.load('y.npy')"))
