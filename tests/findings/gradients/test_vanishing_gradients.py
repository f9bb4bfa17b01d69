"""GRD102: gradients that do not arrive, through time and through depth."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings.xrayed import both, site, xray

from unstuck.case.edits import apply
from unstuck.findings.gradients.reach import left_at
from unstuck.observe.xray.facts import LagFacts

SOURCE = (
    "import keras\nfrom keras import layers\nmodel = keras.Sequential([\n"
    "    layers.SimpleRNN(8, activation='sigmoid'),\n"
    "    layers.Dense(8, activation='sigmoid'),\n    layers.Dense(1),\n])\n"
)


def remembers(factor: float, steps: int = 20, **told):
    """A site of whose state so much is left after each step."""
    curve = {"lags": tuple(range(steps)), "reach": tuple(factor**k for k in range(steps))}
    return site(steps=steps, memory=curve, **told)


def lag(needed: int = 19, near: float = 0.0, window: int = 20) -> LagFacts:
    """All of the targets lie ``needed`` steps back, but for what is known at lag 0."""
    return LagFacts("dense", window, needed, 1.0, lags=(0, needed), scores=(near, 1.0))


@pytest.mark.parametrize(
    ("factor", "needed", "skill", "severities"),
    [
        # 0.25^19 = 4e-12 is left where it is needed; 0.25^4 is 4e-3.
        (0.25, 19, 0.0, ["error"]),
        (0.25, 4, 0.0, []),
        (0.73, 19, 0.0, []),
        (0.25, 19, 0.95, []),
    ],
)
def test_what_is_left_at_the_lag_that_is_needed(written, cell, factor, needed, skill, severities):
    words = {"xrays": both(remembers(factor)), "lags": (lag(needed),), "layers": (cell(line=4),)}
    found = written.judge("GRD102", skill=skill, **words)
    assert [one.severity for one in found] == severities
    for one in found:
        place = one.location
        assert (place.line, place.layer, place.gate) == (4, "lstm", "forget")
        assert place.timestep == 20 - 1 - needed
        assert one.evidence["left_at_start"].value == pytest.approx(factor**needed, rel=1e-5)


def test_a_reach_that_has_grown_is_under_way(written, cell):
    grown = (xray(remembers(0.25)), xray(remembers(0.8), step=60, reason="end"))
    (found,) = written.judge("GRD102", xrays=grown, lags=(lag(),), layers=(cell(),))
    assert found.severity == "warning"


def test_a_model_that_misses_what_is_near_has_another_fault(written, cell):
    words = {"xrays": both(remembers(0.25)), "layers": (cell(),), "skill": 0.0}
    assert not written.judge("GRD102", lags=(lag(near=0.6),), **words)
    reached = words | {"skill": 0.5}
    assert written.judge("GRD102", lags=(lag(near=0.6),), **reached)
    # Nothing to speak of lies out of reach.
    assert not written.judge("GRD102", lags=(lag(near=0.95),), **reached)


@pytest.mark.parametrize(
    "layers",
    [
        lambda cell: (cell("Bidirectional"), cell()),
        lambda cell: (cell(go_backwards=True),),
        lambda cell: (cell(return_sequences=True), cell("GlobalMaxPooling1D")),
    ],
)
def test_states_that_are_read_elsewhere(written, cell, layers):
    words = {"xrays": both(remembers(0.25)), "lags": (lag(),)}
    assert not written.judge("GRD102", layers=layers(cell), **words)


def test_without_a_lag_or_an_x_ray_nothing_is_said(written, cell):
    assert not written.judge("GRD102", xrays=both(remembers(0.25)), layers=(cell(),))
    assert not written.judge("GRD102", lags=(lag(),), layers=(cell(),))
    late = (xray(remembers(0.25), step=60, reason="end"),)
    assert not written.judge("GRD102", lags=(lag(),), layers=(cell(),), xrays=late)
    shorter = both(remembers(0.25, steps=10))
    assert not written.judge("GRD102", lags=(lag(),), layers=(cell(),), xrays=shorter)


def test_the_layer_that_remembers_best_counts(written, cell):
    words = {"lags": (lag(),), "layers": (cell(), cell(name="lstm_1"))}
    two = both(remembers(0.25), remembers(0.8, layer="lstm_1"))
    assert not written.judge("GRD102", xrays=two, **words)


def test_the_cell_gets_its_tanh_back(written, cell):
    kind = cell("SimpleRNN", "lstm", line=4, activation="sigmoid", units=8)
    words = {"xrays": both(remembers(0.25, kind="SimpleRNN")), "lags": (lag(),), "layers": (kind,)}
    (found,) = written.judge("GRD102", source=SOURCE, **words)
    assert found.location.gate is None
    assert "SimpleRNN(8, activation='tanh')" in apply(SOURCE, found.treatments[0].edits)


def test_lags_in_between_take_the_nearest_shorter_one():
    thin = site(memory={"lags": (0, 2, 8), "reach": (1.0, 0.5, 0.1)})
    assert [left_at(thin, lag) for lag in (0, 1, 2, 7, 8, 30)] == [1.0, 1.0, 0.5, 0.5, 0.1, 0.1]
    assert left_at(site(), 3) is None


SHAPE = (8, 8)


def deep(cell, first: float, **more):
    layers = (
        cell("LSTM", line=4),
        cell("Dense", "hidden", line=5, inputs=("lstm",), activation="sigmoid", units=8),
        cell("Dense", "dense", line=6, inputs=("hidden",), activation="linear"),
    )
    variables = {
        "lstm/kernel": {"shape": SHAPE, "gradient": first, "update": 1e-6},
        "hidden/kernel": {"shape": SHAPE, "gradient": 0.1},
        "dense/kernel": {"shape": SHAPE, "gradient": 1.0},
    }
    return {"layers": layers, "variables": variables, "source": SOURCE} | more


@pytest.mark.parametrize(
    ("first", "skill", "severities"),
    [
        (1e-3, 0.0, ["error"]),
        (1e-3, 0.5, ["warning"]),
        (1e-3, 0.95, []),
        (1e-2, 0.0, []),
        # Exactly zero is cut off, which is another fault.
        (0.0, 0.0, []),
        # Networks that learn begin thin and bring it up.
        (np.r_[np.full(40, 1e-6), np.full(20, 0.5)], 0.0, []),
    ],
)
def test_gradients_that_thin_out_through_the_layers(written, cell, first, skill, severities):
    found = written.judge("GRD102", **deep(cell, first, skill=skill))
    assert [one.severity for one in found] == severities
    for one in found:
        assert (one.location.line, one.location.layer) == (4, "lstm")
        assert one.evidence["gradient_ratio"].value == pytest.approx(1e-3)
        assert "Dense(8, activation='relu')" in apply(SOURCE, one.treatments[0].edits)


def test_each_weight_counts_not_each_layer(written, cell):
    wide = deep(cell, 0.03)
    wide["variables"]["lstm/kernel"]["shape"] = (8, 800)
    (found,) = written.judge("GRD102", **wide)
    assert found.evidence["gradient_ratio"].value == pytest.approx(0.03 / 10, rel=1e-4)


def test_a_model_of_one_layer_has_no_depth(written, cell):
    words = {"layers": (cell(line=4),), "variables": {"lstm/kernel": {"gradient": 1e-9}}}
    assert not written.judge("GRD102", **words)
