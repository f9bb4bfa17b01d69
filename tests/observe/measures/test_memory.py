"""Half-lives against closed forms."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.observe.measures.traces import random_trace, with_gate

from unstuck.observe.measures.lags import FAR, NEAR, lags_of, thinned
from unstuck.observe.measures.memory import half_life, memory_facts
from unstuck.observe.xray.facts import MemoryFacts


def measured(trace) -> MemoryFacts:
    return memory_facts(trace, lags_of(trace))


def with_reach(trace, reach):
    values = np.broadcast_to(np.asarray(reach, np.float32), trace.hidden.shape[:2])
    return dataclasses.replace(trace, reach=values)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_half_life_of_a_constant_gate(kept) -> None:
    trace = with_gate(random_trace(), "forget", kept)
    assert half_life(trace) == pytest.approx(np.log(2) / -np.log(kept), rel=1e-3)


def test_half_life_is_that_of_the_geometric_mean_and_of_the_median_unit() -> None:
    trace = random_trace(steps=10, units=3)
    alternating = np.where(np.arange(10) % 2, 0.5, 0.125)[:, None]  # 0.25 a step
    trace = with_gate(
        trace,
        "forget",
        np.concatenate([alternating, 0 * alternating + 0.9, 0 * alternating + 0.001], axis=1),
    )
    assert half_life(trace) == pytest.approx(0.5)


def test_half_life_of_gates_that_never_close() -> None:
    assert half_life(with_gate(random_trace(), "forget", 1.0)) is None


def test_a_gate_that_is_shut_once_does_not_outweigh_all_others() -> None:
    kept = np.full((1, 100, 1), 0.9)
    kept[:, 50] = 0.0
    life = half_life(with_gate(random_trace(steps=100), "forget", kept))
    assert 2 < life < np.log(2) / -np.log(0.9)


def test_the_update_gate_is_what_a_gru_keeps() -> None:
    trace = random_trace(kind="GRU", gates=("update", "reset", "candidate"))
    gates = dict.fromkeys(("update", "reset", "candidate"), np.full(trace.hidden.shape, 0.5))
    assert half_life(dataclasses.replace(trace, gates=gates)) == pytest.approx(1)


def test_no_forget_gate_no_half_life() -> None:
    trace = random_trace(kind="SimpleRNN", gates=("candidate",))
    assert half_life(dataclasses.replace(trace, gates={"candidate": trace.hidden})) is None


def test_masked_steps_forget_nothing() -> None:
    mask = np.ones((16, 12), bool)
    mask[:, :7] = False
    mask[3, 9] = False
    trace = with_gate(random_trace(mask=mask), "forget", mask[..., None] * 0.5)
    assert half_life(trace) == pytest.approx(1)


@pytest.mark.parametrize("factor", [0.3, 0.5, 0.8, 0.97])
@pytest.mark.parametrize("backwards", [False, True])
def test_measured_half_life_of_a_geometric_reach(factor, backwards) -> None:
    trace = random_trace(steps=200, go_backwards=backwards)
    fading = factor ** np.arange(200.0)
    trace = with_reach(trace, fading if backwards else fading[::-1])
    facts = measured(trace)
    assert facts.measured_half_life == pytest.approx(np.log(2) / -np.log(factor), rel=1e-4)
    np.testing.assert_allclose(facts.reach, factor ** np.array(facts.lags), rtol=1e-5, atol=1e-37)


def test_measured_half_life_counts_unmasked_steps() -> None:
    rng = np.random.default_rng(0)
    mask = rng.random((16, 60)) < 0.6
    after = mask[:, ::-1].cumsum(axis=1)[:, ::-1] - mask  # counted steps behind each
    facts = measured(with_reach(random_trace(steps=60, mask=mask), 0.8**after))
    assert facts.measured_half_life == pytest.approx(np.log(2) / -np.log(0.8), rel=1e-4)


@pytest.mark.parametrize("reach", [1.0, 0.6, 0.0])
def test_a_reach_that_never_halves(reach) -> None:
    assert measured(with_reach(random_trace(), reach)).measured_half_life is None


def test_a_reach_that_stays_just_below_half() -> None:
    facts = measured(with_reach(random_trace(steps=4), [0.48, 0.48, 0.9, 1.0]))
    expected = 1 + np.log(0.9 / 0.5) / np.log(0.9 / 0.48)
    assert facts.measured_half_life == pytest.approx(expected)


def test_a_growing_reach_never_halves_and_lost_numbers_are_left_out() -> None:
    reach = 2.0 ** np.arange(300)[::-1]
    reach[reach > 1e38] = np.inf
    facts = measured(with_reach(random_trace(steps=300), reach))
    assert facts.measured_half_life is None
    assert np.isfinite(facts.reach).all()


def test_reach_of_samples_is_taken_as_a_root_mean_square() -> None:
    trace = random_trace(samples=2, steps=3)
    facts = measured(with_reach(trace, [[0.3, 0.5, 1.0], [0.4, 0.1, 1.0]]))
    assert facts.reach == pytest.approx((1.0, np.sqrt(0.13), np.sqrt(0.125)))


def test_without_reach() -> None:
    facts = measured(dataclasses.replace(random_trace(), reach=None))
    assert (facts.measured_half_life, facts.reach) == (None, ())


def test_the_curve_of_the_gradient() -> None:
    trace = random_trace(steps=9)
    mask = np.ones((16, 9), bool)
    mask[:, 7:] = False
    facts = measured(dataclasses.replace(trace, mask=mask))
    assert facts.lags == tuple(range(7))
    expected = np.sqrt((trace.hidden_gradient.astype(float) ** 2).mean(axis=(0, 2)))[6::-1]
    np.testing.assert_allclose(facts.gradient, expected, rtol=1e-6)


@pytest.mark.parametrize("longest", [0, 1, 2, NEAR, NEAR + FAR, NEAR + FAR + 1, 200, 5000])
def test_lags_are_few_rising_and_reach_to_the_end(longest) -> None:
    lags = thinned(longest)
    assert len(lags) <= NEAR + FAR
    assert (np.diff(lags) > 0).all()
    assert set(range(min(longest, NEAR))) <= set(lags)
    assert list(lags[-1:]) == [longest - 1] * bool(longest)


@pytest.mark.parametrize("backwards", [False, True])
def test_lags_against_a_loop(backwards) -> None:
    mask = np.random.default_rng(4).random((9, 11)) < 0.6
    mask[2] = False
    lags = lags_of(random_trace(samples=9, steps=11, mask=mask, go_backwards=backwards))
    for sample in range(9):
        seen = [step for step in range(11) if mask[sample, step]]
        seen = seen if backwards else seen[::-1]
        assert lags.steps[sample][lags.valid[sample]].tolist() == seen
        assert lags.valid[sample].tolist() == [True] * len(seen) + [False] * (
            lags.longest - len(seen)
        )
