"""The memory horizon: planted gradients, pure noise, and an LSTM that learns from a known lag."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.observe.measures.lstm import Lstm, squared_error
from tests.observe.measures.traces import random_trace

from unstuck.observe.measures.horizon import FEWEST, LEVEL, MOST, RESOLUTION, arrival
from unstuck.observe.measures.lags import lags_of, thinned
from unstuck.observe.measures.memory import memory_facts


def measured(trace):
    return memory_facts(trace, lags_of(trace))


def planted(lags, samples=32, steps=40, strength=2.0, seed=0, **words):
    """A trace whose gradients have noise everywhere and a common direction at lags."""
    trace = random_trace(samples, steps, seed=seed, **words)
    at = np.asarray(lags) if words.get("go_backwards") else steps - 1 - np.asarray(lags)
    gradients = {name: values.copy() for name, values in trace.gate_gradients.items()}
    for values in gradients.values():
        values[:, at] += strength
    return dataclasses.replace(trace, gate_gradients=gradients)


@pytest.mark.parametrize("furthest", [0, 1, 9, 24, 39])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_signal_up_to_a_lag(furthest, backwards) -> None:
    trace = planted(range(furthest + 1), go_backwards=backwards)
    facts = measured(trace)
    assert facts.horizon == furthest
    significant = np.array(facts.significance) <= LEVEL
    assert significant.tolist() == [lag <= furthest for lag in facts.lags]


def test_lags_that_say_nothing_on_the_way_do_not_end_it() -> None:
    assert measured(planted([0, 1, 2, 4, 11])).horizon == 11


def test_noise_alone_has_a_horizon_as_often_as_the_level_says() -> None:
    found = [measured(random_trace(32, 30, seed=seed)).horizon > 0 for seed in range(200)]
    assert sum(found) <= 200 * LEVEL + 3 * np.sqrt(200 * LEVEL)


def test_noise_that_all_lags_share_is_noise() -> None:
    """The error of a sample is the same at all lags, so that lags don't tell independently."""
    found = []
    for seed in range(100):
        trace = random_trace(16, 30, seed=seed)
        errors = np.random.default_rng(1000 + seed).standard_normal((16, 1, 1))
        shared = {name: np.abs(g) * errors for name, g in trace.gate_gradients.items()}
        found.append(min(measured(dataclasses.replace(trace, gate_gradients=shared)).significance))
    assert np.mean(np.array(found) <= LEVEL) <= LEVEL + 3 * np.sqrt(LEVEL / 100)


def test_p_values_against_all_sign_vectors() -> None:
    """With eight samples all 128 patterns can be tried, on the sums themselves."""
    trace = planted([0, 3], samples=8, steps=6, strength=1.0)
    lags = lags_of(trace)
    heard = arrival(trace, lags, thinned(6))
    hidden = np.concatenate([trace.initial[0][:, None], trace.hidden[:, :-1]], axis=1)
    blocks = [trace.inputs, hidden, np.ones((8, 6, 1))]
    gradients = np.concatenate(list(trace.gate_gradients.values()), axis=2).astype(float)
    patterns = 1 - 2 * ((np.arange(128)[:, None] >> np.arange(8)) & 1)
    outstanding = []
    for lag in range(6):
        step = 5 - lag
        products = np.concatenate(
            [
                np.einsum("sf,sz->sfz", x[:, step], gradients[:, step]).reshape(8, -1)
                / np.sqrt((x.astype(float) ** 2).sum(axis=2).mean())
                for x in blocks
            ],
            axis=1,
        )
        squares = ((patterns @ products) ** 2).sum(axis=1)
        outstanding.append((squares - squares.mean()) / squares.std())
    outstanding = np.array(outstanding)
    exact = (outstanding.max(axis=0) >= outstanding[:, :1] - 1e-9).mean(axis=1)
    np.testing.assert_allclose(heard.significance, exact, atol=0.06)


def recalls(lag, seed, samples=32, steps=30):
    """A fresh LSTM asked for what came in some steps ago, off by nothing on average."""
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((samples, steps, 1))
    lstm, head = Lstm.fresh(1, 16, seed), rng.standard_normal(16) * 0.3
    target = inputs[:, -1 - lag, 0]
    return lstm.trace(inputs, squared_error(head, target - target.mean()), reach=False)


@pytest.mark.parametrize("lag", [2, 5, 10])
def test_an_lstm_hears_of_the_step_that_it_is_asked_for(lag) -> None:
    horizons = [measured(recalls(lag, seed)).horizon for seed in range(10)]
    assert np.median(horizons) == lag
    assert sum(horizon == lag for horizon in horizons) >= 8


def test_units_of_inputs_and_of_the_loss_decide_nothing() -> None:
    trace = planted(range(7))
    scaled = dataclasses.replace(
        trace,
        inputs=trace.inputs * np.float32(1e6),
        gate_gradients={n: g * np.float32(1e-25) for n, g in trace.gate_gradients.items()},
    )
    assert measured(scaled).significance == pytest.approx(measured(trace).significance, abs=0.01)
    assert measured(scaled).contribution == pytest.approx(measured(trace).contribution, rel=1e-3)


def test_noise_of_larger_inputs_does_not_drown_other_lags() -> None:
    trace = planted(range(3))
    inputs = trace.inputs.copy()
    inputs[:, :20] *= 100
    assert measured(dataclasses.replace(trace, inputs=inputs)).horizon == 2


def test_what_float32_cannot_add_does_not_arrive() -> None:
    steps = 30
    trace = planted(range(steps), steps=steps, strength=3.0)
    fading = (0.1 ** np.arange(steps)[::-1])[:, None].astype(np.float32)
    trace = dataclasses.replace(
        trace, gate_gradients={n: g * fading for n, g in trace.gate_gradients.items()}
    )
    facts = measured(trace)
    assert facts.horizon == 6
    assert facts.lost == 7
    assert facts.contribution[6] > RESOLUTION > facts.contribution[7]


def test_gradients_of_zero() -> None:
    trace = random_trace()
    zero = {name: 0 * values for name, values in trace.gate_gradients.items()}
    facts = measured(dataclasses.replace(trace, gate_gradients=zero))
    assert (facts.horizon, facts.lost) == (0, None)
    assert set(facts.significance) == {1.0}
    assert set(facts.contribution) == {0.0}


def test_too_few_samples_to_tell() -> None:
    assert measured(planted(range(5), samples=FEWEST - 1)).horizon is None
    facts = measured(random_trace(samples=1, steps=1))
    assert (facts.horizon, facts.lags, facts.significance) == (None, (0,), (1.0,))


def test_six_samples_can_tell() -> None:
    facts = measured(planted(range(4), samples=FEWEST, strength=50.0))
    assert facts.horizon == 3
    assert facts.significance[0] == pytest.approx(1 / 2 ** (FEWEST - 1), abs=0.02)


def test_lags_that_few_samples_have_are_not_tested() -> None:
    mask = np.ones((32, 40), bool)
    mask[4:, :30] = False
    trace = dataclasses.replace(planted(range(40)), mask=mask)
    facts = measured(trace)
    assert facts.horizon == 9
    assert set(facts.significance[10:]) == {1.0}


def test_of_very_many_samples_some_are_looked_at() -> None:
    trace = planted(range(7), samples=4 * MOST, steps=20, strength=1.0)
    one_in_four = np.linspace(0, 4 * MOST - 1, MOST).astype(int)
    gradients = {name: values.copy() for name, values in trace.gate_gradients.items()}
    for values in gradients.values():
        values[np.setdiff1d(np.arange(4 * MOST), one_in_four)] = np.nan
    facts = measured(trace)
    assert facts.horizon == 6
    assert measured(dataclasses.replace(trace, gate_gradients=gradients)) == facts


def test_samples_that_are_no_numbers_are_left_out() -> None:
    trace = planted(range(7))
    gradients = {name: values.copy() for name, values in trace.gate_gradients.items()}
    gradients["forget"][3, :20] = np.nan
    gradients["output"][5] = np.inf
    assert measured(dataclasses.replace(trace, gate_gradients=gradients)).horizon == 6


def test_cells_of_unknown_gates_answer_by_their_state() -> None:
    trace = random_trace(32, 40, gates=())
    gradient = trace.hidden_gradient.copy()
    gradient[:, -6:] += 2
    trace = dataclasses.replace(trace, gates={}, gate_gradients={}, hidden_gradient=gradient)
    assert measured(trace).horizon == 5


def test_long_sequences_are_looked_at_in_some_places() -> None:
    facts = measured(planted(range(1000), steps=5000))
    assert facts.horizon == max(lag for lag in facts.lags if lag < 1000)
