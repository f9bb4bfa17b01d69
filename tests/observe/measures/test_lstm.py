"""The LSTM that these tests measure, against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from tests.observe.measures.lstm import Lstm, squared_error

SAMPLES, STEPS, FEATURES, UNITS = 3, 5, 2, 4
MASK = np.array([[1, 1, 1, 1, 1], [0, 0, 1, 1, 1], [1, 0, 1, 1, 0]], bool)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def setting(rng):
    lstm = Lstm.fresh(FEATURES, UNITS)
    inputs = rng.standard_normal((SAMPLES, STEPS, FEATURES))
    return lstm, inputs, rng.standard_normal(UNITS), rng.standard_normal(SAMPLES)


def loss_of(lstm, inputs, mask, initial, head, targets):
    hidden = lstm.forward(inputs, mask, initial).hidden[:, -1]
    return ((hidden @ head - targets) ** 2).mean() / 2


def differences(function, values, step=1e-6):
    slopes = np.zeros_like(values)
    for index in np.ndindex(values.shape):
        above, below = values.copy(), values.copy()
        above[index] += step
        below[index] -= step
        slopes[index] = (function(above) - function(below)) / (2 * step)
    return slopes


@pytest.mark.parametrize("backwards", [False, True])
def test_gradients_of_weights_and_inputs(rng, backwards) -> None:
    lstm, inputs, head, targets = setting(rng)
    initial = [rng.standard_normal((SAMPLES, UNITS)) for _ in range(2)]
    trace = lstm.trace(
        inputs, squared_error(head, targets), mask=MASK, initial=initial, backwards=backwards
    )
    turn = slice(None, None, -1) if backwards else slice(None)

    def loss(lstm=lstm, inputs=inputs):
        return loss_of(lstm, inputs[:, turn], MASK[:, turn], initial, head, targets)

    dz = np.concatenate(list(trace.gate_gradients.values()), axis=2)
    hidden = np.concatenate([initial[0][:, None], trace.processed(trace.hidden)[:, :-1]], axis=1)
    dz_processed = trace.processed(dz)
    by_hand = {
        "kernel": np.einsum("stf,stz->fz", inputs, dz),
        "recurrent": np.einsum("stu,stz->uz", hidden, dz_processed),
        "bias": dz.sum(axis=(0, 1)),
    }
    weights = {name: getattr(lstm, name) for name in by_hand}
    for name, gradient in by_hand.items():
        numeric = differences(
            lambda w, name=name: loss(Lstm(**{**weights, name: w})), weights[name]
        )
        np.testing.assert_allclose(gradient, numeric, atol=1e-6)
    numeric = differences(lambda values: loss(inputs=values), inputs)
    np.testing.assert_allclose(trace.input_gradient, numeric, atol=1e-6)


def test_gradients_of_states(rng) -> None:
    """dL/dh and dL/dc at a step are those of the rest of the sequence by its initial state."""
    lstm, inputs, head, targets = setting(rng)
    trace = lstm.trace(inputs, squared_error(head, targets), mask=MASK)
    run = lstm.forward(inputs, MASK, [np.zeros((SAMPLES, UNITS))] * 2)
    for step in range(STEPS - 1):
        states = [run.hidden[:, step], run.cell[:, step]]

        def rest(hidden, cell, after=step + 1):
            return loss_of(lstm, inputs[:, after:], MASK[:, after:], [hidden, cell], head, targets)

        by_hidden = differences(lambda h, c=states[1], rest=rest: rest(h, c), states[0])
        np.testing.assert_allclose(trace.hidden_gradient[:, step], by_hidden, atol=1e-6)
        by_cell = differences(lambda c, h=states[0], rest=rest: rest(h, c), states[1])
        # The trace's dL/dc has the path through h of the same step, which the rest doesn't.
        squashed = np.tanh(run.cell[:, step])
        own = by_hidden * run.gates["output"][:, step] * (1 - squashed**2)
        np.testing.assert_allclose(trace.cell_gradient[:, step], by_cell + own, atol=1e-6)


def test_reach_is_the_norm_of_the_jacobian(rng) -> None:
    lstm = Lstm.fresh(FEATURES, UNITS)
    inputs = np.repeat(rng.standard_normal((1, STEPS, FEATURES)), 400, axis=0)
    trace = lstm.trace(inputs, squared_error(np.ones(UNITS), np.zeros(400)))
    measured = np.sqrt((trace.reach.astype(float) ** 2).mean(axis=0))
    run = lstm.forward(inputs[:1], np.ones((1, STEPS), bool), [np.zeros((1, UNITS))] * 2)
    rows = []
    for unit in range(UNITS):
        seed = np.zeros_like(run.cell)
        seed[:, -1, unit] = 1
        rows.append(lstm.backward(run, np.zeros_like(seed), seed)[1][0])
    exact = np.sqrt((np.stack(rows) ** 2).sum(axis=(0, 2)) / UNITS)
    assert measured[-1] == pytest.approx(1)
    np.testing.assert_allclose(measured, exact, rtol=0.1)
