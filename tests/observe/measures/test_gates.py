"""Shares of gates against counts made here, and ends of activations against Keras's functions."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
from tests.observe.measures.traces import random_trace, with_gate

from unstuck.observe.measures.ends import ENDS, SLOPE_LEFT, ends_of
from unstuck.observe.measures.gates import gate_facts


def facts_of(trace, name):
    return next(facts for facts in gate_facts(trace) if facts.name == name)


@pytest.mark.parametrize("name", sorted(ENDS))
def test_at_the_ends_no_slope_is_left(name) -> None:
    points = np.linspace(-9, 9, 3601, dtype=np.float32)
    values = np.asarray(keras.ops.convert_to_numpy(keras.activations.get(name)(points)), float)
    slopes = np.gradient(values, points.astype(float))
    ends = ENDS[name]
    middle = values[1:-1]
    saturated = (middle <= ends.lower) | (middle >= ends.upper)
    # Each slope is a mean of two intervals: leave out those around a kink or the very threshold.
    smooth = np.abs(slopes[2:] - slopes[:-2]) < 0.02
    left = slopes[1:-1] / slopes.max()
    assert saturated.any()
    assert not saturated.all()
    assert (left[saturated & smooth] <= SLOPE_LEFT + 0.005).all()
    assert (left[~saturated & smooth] >= SLOPE_LEFT - 0.005).all()


@pytest.mark.parametrize("name", ["linear", "leaky_relu", "my_own", None])
def test_activations_without_ends_never_saturate(name) -> None:
    trace = random_trace(activation=name, recurrent_activation=name)
    trace = with_gate(trace, "input", np.full(trace.hidden.shape, np.inf))
    assert {facts.saturated for facts in gate_facts(trace)} == {0.0}


def test_the_candidate_has_the_activation_of_the_cell() -> None:
    site = random_trace(activation="relu", recurrent_activation="hard_sigmoid").site
    assert ends_of(site, "candidate") == ENDS["relu"]
    assert ends_of(site, "forget") == ENDS["hard_sigmoid"]


def test_shares_at_each_end() -> None:
    trace = random_trace(samples=4, steps=5, units=10)
    values = np.full(trace.hidden.shape, 0.5)
    values[..., :2] = 0.019
    values[..., 2] = 0.981
    values[..., 3] = np.where(np.arange(5) < 4, 1.0, 0.5)  # at 80 % of steps: not stuck
    facts = facts_of(with_gate(trace, "forget", values), "forget")
    assert facts.shut == pytest.approx(0.2)
    assert facts.open == pytest.approx(0.18)
    assert facts.saturated == pytest.approx(0.38)
    assert facts.stuck_units == pytest.approx(0.3)
    assert facts.mean == pytest.approx(values.mean())
    gradient = trace.gate_gradients["forget"].astype(float)
    assert facts.gradient == pytest.approx(np.sqrt((gradient**2).mean()))


def test_tanh_is_shut_below_and_open_above() -> None:
    trace = random_trace(samples=2, steps=2, units=4)
    facts = facts_of(with_gate(trace, "candidate", [-0.97, 0.97, 0.95, 0.0]), "candidate")
    assert (facts.shut, facts.open) == (0.25, 0.25)


def test_the_longest_range_of_stuck_steps() -> None:
    trace = random_trace(samples=20, steps=12, units=5)
    values = np.full(trace.hidden.shape, 0.5)
    values[:, 1, :3] = 0.0
    values[:, 6:10, :3] = 1.0  # three of five units: the median is one of them
    values[0, 7, :] = 0.5  # one sample in twenty may differ
    assert facts_of(with_gate(trace, "output", values), "output").stuck_steps == (6, 9)
    values[1, 7, :] = 0.5
    assert facts_of(with_gate(trace, "output", values), "output").stuck_steps == (8, 9)
    values[...] = 0.5
    assert facts_of(with_gate(trace, "output", values), "output").stuck_steps is None


def test_masked_steps_have_no_gates() -> None:
    mask = np.zeros((4, 6), bool)
    mask[:, 2:] = True
    mask[1] = False
    trace = random_trace(samples=4, steps=6, mask=mask)
    facts = facts_of(with_gate(trace, "input", mask[..., None] * 0.5), "input")
    assert (facts.saturated, facts.mean, facts.stuck_steps) == (0.0, 0.5, None)
    facts = facts_of(with_gate(trace, "input", mask[..., None] * 1.0), "input")
    assert (facts.open, facts.stuck_units, facts.stuck_steps) == (1.0, 1.0, (2, 5))


def test_nothing_counted_measures_nothing() -> None:
    trace = random_trace(samples=3, steps=4, mask=np.zeros((3, 4), bool))
    facts = facts_of(trace, "forget")
    assert (facts.saturated, facts.stuck_units, facts.mean, facts.gradient) == (0, 0, 0, 0)


def test_cells_of_unknown_gates() -> None:
    trace = random_trace(gates=())
    assert gate_facts(dataclasses.replace(trace, gates={}, gate_gradients={})) == ()
