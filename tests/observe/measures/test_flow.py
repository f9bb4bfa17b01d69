"""Signal and gradient through a site, against sums made here and against Keras's layers."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
from tests.observe.measures import lstm
from tests.observe.measures.layers import FEATURES, KINDS, UNITS, built, default_weights
from tests.observe.measures.traces import random_trace

from unstuck.observe.measures.expected import SAMPLES, STEPS, expected_output_rms, standard_weights
from unstuck.observe.measures.flow import flow_facts
from unstuck.observe.measures.lags import lags_of


def measured(trace):
    return flow_facts(trace, lags_of(trace))


def expected(trace):
    return expected_output_rms(trace, lags_of(trace))


def size(values):
    return np.sqrt((np.asarray(values, float) ** 2).mean())


def test_sizes_of_what_passes() -> None:
    trace = random_trace()
    facts = measured(trace)
    assert facts.input_rms == pytest.approx(size(trace.inputs))
    assert facts.output_rms == pytest.approx(size(trace.hidden))
    assert facts.input_gradient == pytest.approx(size(trace.input_gradient))
    assert facts.output_gradient == pytest.approx(size(trace.hidden_gradient[:, -1]))


@pytest.mark.parametrize("backwards", [False, True])
def test_only_counted_steps_pass(backwards) -> None:
    mask = np.ones((16, 12), bool)
    mask[:, :2] = False
    mask[:, 8:] = False
    trace = random_trace(mask=mask, go_backwards=backwards)
    facts = measured(trace)
    assert facts.input_rms == pytest.approx(size(trace.inputs[:, 2:8]))
    last = 2 if backwards else 7
    assert facts.output_gradient == pytest.approx(size(trace.hidden_gradient[:, last]))


def test_trained_weights_are_not_held_against_initial_ones() -> None:
    trace = random_trace()
    assert flow_facts(trace, lags_of(trace), at_start=False).expected_output_rms is None
    assert measured(trace).expected_output_rms > 0


@pytest.mark.parametrize("kind", KINDS)
def test_expected_output_is_that_of_a_keras_layer_with_the_same_weights(kind) -> None:
    trace = random_trace(samples=SAMPLES, steps=7, units=UNITS, features=FEATURES, kind=kind)
    trace = dataclasses.replace(trace, initial=())
    layer = built(kind, kernel_initializer="zeros", recurrent_initializer="zeros")
    kernel, recurrent, bias = standard_weights(kind, FEATURES, UNITS)
    bias = np.stack([bias, 0 * bias]) if kind == "GRU" else bias
    layer.set_weights([kernel, recurrent, bias])
    output = keras.ops.convert_to_numpy(layer(trace.inputs))
    assert expected(trace) == pytest.approx(size(output), rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_standard_weights_are_like_those_of_a_keras_layer(kind) -> None:
    theirs = default_weights(kind)
    kernel, recurrent, bias = standard_weights(kind, FEATURES, UNITS)
    assert kernel.shape == theirs[0].shape
    assert np.abs(kernel).max() == pytest.approx(np.abs(theirs[0]).max(), rel=0.03)
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(UNITS), atol=1e-5)
    np.testing.assert_allclose(theirs[1] @ theirs[1].T, np.eye(UNITS), atol=1e-5)
    np.testing.assert_array_equal(np.broadcast_to(bias, theirs[2].shape), theirs[2])


@pytest.mark.parametrize("backwards", [False, True])
def test_a_fresh_lstm_is_what_is_expected(backwards) -> None:
    """Masks, direction and initial state included: the numpy LSTM of these tests says the same."""
    mask = np.random.default_rng(2).random((SAMPLES, 30)) < 0.7
    mask[1] = False
    rng = np.random.default_rng(3)
    inputs = rng.standard_normal((SAMPLES, 30, 2))
    fresh = lstm.Lstm(*standard_weights("LSTM", 2, 6))
    initial = [rng.standard_normal((SAMPLES, 6)) for _ in range(2)]
    trace = fresh.trace(
        inputs, np.zeros_like, mask=mask, initial=initial, backwards=backwards, reach=False
    )
    assert expected(trace) == pytest.approx(measured(trace).output_rms, rel=1e-4)


def test_the_first_steps_of_some_samples_are_enough() -> None:
    trace = random_trace(samples=50, steps=STEPS + 100)
    assert expected(trace) == pytest.approx(
        expected(
            dataclasses.replace(
                trace, inputs=trace.inputs.copy() + (np.arange(STEPS + 100) >= STEPS)[:, None]
            )
        )
    )


def test_nothing_is_expected_of_other_layers_or_broken_inputs() -> None:
    assert expected(random_trace(kind="RNN")) is None
    trace = random_trace()
    trace.inputs[0, 0, 0] = np.nan
    assert expected(trace) is None
    assert expected(random_trace(mask=np.zeros((16, 12), bool))) is None
