"""ACT104: units that are zero for every input."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings.xrayed import both, site

from unstuck.case.edits import apply

SOURCE = (
    "import keras\nfrom keras import layers\n"
    "model = keras.Sequential([\n    layers.LSTM(4, activation='relu'),\n"
    "    layers.Dense(8, activation='relu'),\n    layers.Dense(1)])\n"
)


def dead(share: float, activation: str = "relu"):
    return both(site(states={"dead_units": share}, activation=activation))


@pytest.mark.parametrize(
    ("share", "skill", "severities"),
    [
        (1.0, 0.0, ["error"]),
        (0.6, 0.0, ["error"]),
        (0.6, 0.5, ["warning"]),
        (1.0, 0.5, ["error"]),
        (0.3, 0.0, []),
        (1.0, 0.97, []),
    ],
)
def test_cells_of_which_most_units_are_dead(written, cell, share, skill, severities):
    layers = (cell(line=4, units=4, activation="relu"),)
    found = written.judge("ACT104", xrays=dead(share), layers=layers, skill=skill, source=SOURCE)
    assert [one.severity for one in found] == severities
    for one in found:
        assert (one.location.line, one.location.layer) == (4, "lstm")
        assert "LSTM(4, activation='tanh')" in apply(SOURCE, one.treatments[0].edits)


def test_only_relu_dies(written, cell):
    assert not written.judge("ACT104", xrays=dead(1.0, "tanh"), layers=(cell(),))


ZERO = {"gradient": np.r_[np.ones(20), np.zeros(40)]}


def words(cell, hidden="relu", **more):
    layers = (
        cell("LSTM"),
        cell("Dense", "hidden", line=5, inputs=("lstm",), activation=hidden, units=8),
        cell("Dense", "dense", inputs=("hidden",), activation="linear"),
    )
    variables = {
        "lstm/kernel": ZERO,
        "hidden/kernel": ZERO,
        "hidden/bias": ZERO,
        "dense/kernel": ZERO,
        "dense/bias": {},
    }
    return {"layers": layers, "variables": variables, "source": SOURCE} | more


def test_a_dense_layer_that_died_on_the_way(written, cell):
    (found,) = written.judge("ACT104", **words(cell))
    assert (found.severity, found.location.line, found.location.layer) == ("error", 5, "hidden")
    assert "Dense(8, activation='leaky_relu')" in apply(SOURCE, found.treatments[0].edits)
    assert not written.judge("ACT104", **words(cell, skill=0.97))


@pytest.mark.parametrize(
    ("kind", "config", "found"),
    [
        ("ReLU", {}, True),
        ("ReLU", {"negative_slope": 0.1}, False),
        ("LeakyReLU", {}, False),
        ("Activation", {"activation": "relu"}, True),
        ("Activation", {"activation": "tanh"}, False),
    ],
)
def test_relu_may_stand_behind_the_layer(written, cell, kind, config, found):
    given = words(cell, hidden="linear")
    lstm, hidden, dense = given["layers"]
    given["layers"] = (lstm, hidden, cell(kind, "act", inputs=("hidden",), **config), dense)
    assert bool(written.judge("ACT104", **given)) is found


def test_a_head_that_died(written, cell):
    head = cell("Dense", "dense", line=6, inputs=("lstm",), activation="relu")
    given = {"layers": (cell("LSTM"), head)}
    given["variables"] = {"lstm/kernel": ZERO, "dense/kernel": ZERO, "dense/bias": ZERO}
    (found,) = written.judge("ACT104", **given)
    assert found.location.layer == "dense"


def test_zeros_that_come_from_further_back(written, cell):
    # A loss without a gradient gives none to the head either.
    given = words(cell)
    given["variables"]["dense/bias"] = ZERO
    assert not written.judge("ACT104", **given)
    awake = words(cell)
    awake["variables"]["hidden/bias"] = {"gradient": np.r_[np.zeros(59), 1e-12]}
    assert not written.judge("ACT104", **awake)
    assert not written.judge("ACT104", **words(cell, hidden="tanh"))
