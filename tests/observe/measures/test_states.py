"""What units do, against states in which it was planted."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.observe.measures.traces import random_trace

from unstuck.observe.measures.lags import lags_of
from unstuck.observe.measures.states import state_facts
from unstuck.observe.measures.twins import twin_columns


def measured(trace, **arrays):
    trace = dataclasses.replace(trace, **arrays)
    return state_facts(trace, lags_of(trace))


def test_random_states_are_none_of_it() -> None:
    facts = measured(random_trace())
    assert (facts.dead_units, facts.constant_units, facts.twins) == (0, 0, 0)
    assert facts.rank > 3


def test_dead_units_give_nothing_and_learn_nothing() -> None:
    trace = random_trace(units=4)
    hidden = trace.hidden.copy()
    hidden[..., :2] = 0
    gradients = {name: values.copy() for name, values in trace.gate_gradients.items()}
    for values in gradients.values():
        values[..., 1:3] = 0
    facts = measured(trace, hidden=hidden, gate_gradients=gradients)
    assert facts.dead_units == 0.25
    assert measured(trace, hidden=hidden).dead_units == 0  # they still learn


def test_dead_units_of_unknown_cells() -> None:
    trace = random_trace(units=4, gates=())
    zero = np.zeros_like(trace.hidden)
    facts = measured(trace, hidden=zero, hidden_gradient=zero, gate_gradients={}, gates={})
    assert facts.dead_units == 1


def test_what_stands_in_masked_steps_revives_nothing() -> None:
    mask = np.ones((16, 12), bool)
    mask[:, :4] = False
    trace = random_trace(mask=mask)
    hidden = np.where(mask[..., None], 0, trace.hidden)
    zero = {name: 0 * values for name, values in trace.gate_gradients.items()}
    assert measured(trace, hidden=hidden, gate_gradients=zero).dead_units == 1


def test_constant_units_may_vary_over_steps() -> None:
    trace = random_trace(units=4)
    hidden = trace.hidden.copy()
    hidden[..., :3] = hidden[:1, :, :3]
    hidden[5, 3, 1] *= 1 + 1e-7  # rounding
    hidden[5, 3, 2] += 1e-4
    assert measured(trace, hidden=hidden).constant_units == 0.5


@pytest.mark.parametrize("side", ["left", "right"])
def test_constant_units_are_looked_at_where_steps_count(side) -> None:
    mask = np.random.default_rng(0).integers(1, 12, 16)[:, None] > np.arange(12)
    mask = mask[:, ::-1] if side == "left" else mask
    trace = random_trace(mask=mask)
    hidden = np.where(mask[..., None], trace.hidden[:1], trace.hidden)
    assert measured(trace, hidden=hidden).constant_units == 1
    assert measured(trace).constant_units == 0


def test_one_sample_cannot_tell_what_varies_over_samples() -> None:
    facts = measured(random_trace(samples=1))
    assert (facts.constant_units, facts.rank) == (0, 1)


def test_twins() -> None:
    trace = random_trace(units=6)
    hidden = trace.hidden.copy()
    hidden[..., 4] = hidden[..., 1]
    hidden[..., 5] = hidden[..., 2]
    hidden[0, 0, 5] += 1e-4  # in one place of 192
    assert measured(trace, hidden=hidden).twins == pytest.approx(2 / 6)
    hidden[..., 3] = hidden[..., 1] * np.float32(1 + 2e-7)
    assert measured(trace, hidden=hidden).twins == pytest.approx(3 / 6)
    assert measured(trace, hidden=0 * hidden).twins == 0


@given(st.lists(st.integers(0, 4), min_size=1, max_size=9), st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_twins_against_pairs(kinds, seed) -> None:
    source = np.random.default_rng(seed).standard_normal((30, 5)).astype(np.float32)
    source[:, 0] = 0
    columns = source[:, kinds]
    expected = [kind > 0 and kinds.count(kind) > 1 for kind in kinds]
    assert twin_columns(columns).tolist() == expected


@pytest.mark.parametrize("rank", [1, 2, 5])
def test_rank_counts_equal_directions(rank) -> None:
    trace = random_trace(samples=16, units=5)
    hidden = np.zeros_like(trace.hidden)
    # Columns of a Hadamard matrix: orthogonal, with mean zero.
    for unit in range(rank):
        bits = np.array([bin(sample & (unit + 1)).count("1") for sample in range(16)])
        hidden[:, -1, unit] = 1 - 2 * (bits % 2)
    facts = measured(trace, hidden=hidden + np.float32(3.0))
    assert facts.rank == pytest.approx(rank, rel=1e-5)


def test_rank_of_samples_that_end_alike() -> None:
    trace = random_trace()
    hidden = trace.hidden.copy()
    hidden[:, -1] = hidden[:1, -1]
    assert measured(trace, hidden=hidden).rank == 1


def test_rank_is_that_of_the_last_counted_states() -> None:
    mask = np.ones((16, 12), bool)
    mask[:, 9:] = False
    trace = random_trace()
    cut = measured(
        trace,
        mask=None,
        hidden=trace.hidden[:, :9],
        cell=trace.cell[:, :9],
        gate_gradients={n: g[:, :9] for n, g in trace.gate_gradients.items()},
    )
    assert measured(trace, mask=mask).rank == pytest.approx(cut.rank)


@pytest.mark.parametrize("backwards", [False, True])
def test_growth_of_an_accumulator(backwards) -> None:
    trace = random_trace(steps=100, go_backwards=backwards)
    count = np.arange(1.0, 101.0)[:, None]
    cell = np.broadcast_to(count[::-1] if backwards else count, trace.cell.shape)
    expected = np.sqrt((count[-10:] ** 2).mean() / (count[:10] ** 2).mean())
    assert measured(trace, cell=cell.astype(np.float32)).growth == pytest.approx(expected)


def test_growth_takes_tenths_of_each_sample() -> None:
    mask = np.ones((2, 60), bool)
    mask[1, :40] = False
    trace = random_trace(samples=2, steps=60, mask=mask)
    cell = np.ones_like(trace.cell)
    cell[0, -6:] = 3
    cell[1, -2:] = 3
    assert measured(trace, cell=cell).growth == pytest.approx(3)


def test_growth_needs_ten_steps_and_a_start() -> None:
    assert measured(random_trace(steps=9)).growth is None
    trace = random_trace(steps=10)
    cell = trace.cell.copy()
    cell[:, 0] = 0
    assert measured(trace, cell=cell).growth is None


def test_sizes() -> None:
    trace = random_trace()
    facts = measured(trace)
    assert facts.largest == pytest.approx(np.abs(trace.cell).max())
    assert facts.rms == pytest.approx(np.sqrt((trace.hidden.astype(float) ** 2).mean()))
    assert measured(trace, cell=None).largest == pytest.approx(np.abs(trace.hidden).max())
