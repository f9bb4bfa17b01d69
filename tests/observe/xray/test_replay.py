"""The opened loops against the layers themselves, for many ways to build a model."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers
from tests.observe.xray.models import (
    BACKEND,
    FEATURES,
    MODELS,
    SAMPLES,
    STEPS,
    batch,
    batch_for,
    model_of,
)

from unstuck.observe.xray.capture import Batch, capture, replay_of
from unstuck.observe.xray.replay import XRayError

EXACT = 1e-5
"""Relative; what float32 leaves of a sum that is added up in another order."""


def state_of(model) -> list[np.ndarray]:
    held = [state for layer in model._flatten_layers() for state in _states(layer)]
    return [keras.ops.convert_to_numpy(v) for v in [*model.variables, *held]]


def _states(layer) -> list:
    return keras.tree.flatten(getattr(layer, "states", None) or [])


def _compile(on: bool) -> None:
    if BACKEND == "jax":
        import jax

        jax.config.update("jax_disable_jit", not on)
    elif BACKEND == "tensorflow":
        import tensorflow as tf

        tf.config.run_functions_eagerly(not on)


@pytest.fixture
def quickly():
    """Runs passes without the minutes that compiling thirty models would take."""
    _compile(False)
    yield
    _compile(True)


@pytest.mark.backends
@pytest.mark.parametrize("name", MODELS)
def test_the_replay_equals_the_layer(name, quickly):
    make, mask = MODELS[name]
    keras.utils.set_random_seed(1)
    model = make()
    x, y = batch_for(model, mask)
    before = state_of(model)
    found = capture(model, Batch(x, y))
    assert found.facts.withheld is None, found.facts.checks
    assert found.traces
    for check in found.facts.checks:
        assert check.output <= EXACT
        sums = (check.bias, check.kernel, check.recurrent_kernel)
        assert all(value is None or value <= 10 * EXACT for value in sums), check
    for old, new in zip(before, state_of(model), strict=True):
        np.testing.assert_array_equal(old, new)


def loss_with(model, variable, index, change, x, y) -> float:
    """The loss that Keras itself gives with one entry of a weight changed, in inference mode."""
    value = keras.ops.convert_to_numpy(variable.value)
    moved = value.copy()
    moved[index] += change
    variable.assign(moved)
    try:
        return float(model.evaluate(x, y, batch_size=len(x), verbose=0))
    finally:
        variable.assign(value)


@pytest.mark.backends
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_gradients_equal_finite_differences(kind):
    keras.utils.set_random_seed(2)
    model = model_of(getattr(layers, kind)(3), masked=True)
    x, y = batch("left")
    trace = capture(model, Batch(x, y), training=False).traces[0]
    cell = model.layers[1].cell
    # The bias adds to z at every step, so its slope is the sum of the gradients at z.
    slope = np.concatenate(
        [trace.gate_gradients[gate].sum(axis=(0, 1)) for gate in trace.site.gates]
    )
    for unit in (0, len(slope) // 2, len(slope) - 1):
        index = (unit,) if len(cell.bias.shape) == 1 else (0, unit)
        change = 1e-2
        up, down = (loss_with(model, cell.bias, index, s * change, x, y) for s in (1, -1))
        assert (up - down) / (2 * change) == pytest.approx(slope[unit], rel=2e-2, abs=1e-4)


@pytest.mark.backends
def test_the_gradient_of_each_input_step_equals_finite_differences():
    keras.utils.set_random_seed(3)
    model = model_of(layers.LSTM(3))
    x, y = batch()
    trace = capture(model, Batch(x, y), training=False).traces[0]
    for sample, step, feature in ((0, 0, 0), (1, 2, 1), (2, 4, 0)):
        losses = []
        for sign in (1, -1):
            moved = x.copy()
            moved[sample, step, feature] += sign * 1e-2
            losses.append(model.evaluate(moved, y, batch_size=len(x), verbose=0))
        slope = (losses[0] - losses[1]) / 2e-2
        expected = trace.input_gradient[sample, step, feature]
        assert slope == pytest.approx(expected, rel=2e-2, abs=1e-4)


def test_states_and_gates_obey_the_equations_of_the_cell():
    keras.utils.set_random_seed(4)
    model = model_of(layers.LSTM(3, return_sequences=True), layers.LSTM(2))
    x, y = batch()
    trace = capture(model, Batch(x, y)).traces[0]
    gate = trace.gates
    held = np.concatenate([np.zeros_like(trace.cell[:, :1]), trace.cell[:, :-1]], axis=1)
    cell = gate["forget"] * held + gate["input"] * gate["candidate"]
    np.testing.assert_allclose(trace.cell, cell, atol=1e-6)
    np.testing.assert_allclose(trace.hidden, gate["output"] * np.tanh(cell), atol=1e-6)
    outputs = keras.Model(model.inputs, model.layers[0].output).predict(x, verbose=0)
    np.testing.assert_allclose(trace.hidden, outputs, atol=1e-6)


def test_time_is_that_of_the_data_also_backwards():
    keras.utils.set_random_seed(5)
    model = model_of(layers.LSTM(3, go_backwards=True))
    x, y = batch()
    trace = capture(model, Batch(x, y)).traces[0]
    np.testing.assert_array_equal(trace.inputs, x)
    # The step that is read last is the data's first, and there is the output.
    last = keras.Model(model.inputs, model.layers[0].output).predict(x, verbose=0)
    np.testing.assert_allclose(trace.hidden[:, 0], last, atol=1e-6)
    np.testing.assert_array_equal(trace.processed(trace.hidden)[:, -1], trace.hidden[:, 0])


def test_masked_steps_hold_the_state_and_pass_its_gradient_on():
    keras.utils.set_random_seed(6)
    model = model_of(layers.LSTM(3), masked=True)
    x, y = batch("right")
    trace = capture(model, Batch(x, y)).traces[0]
    assert trace.mask.tolist() == (x != 0).all(axis=2).tolist()
    np.testing.assert_array_equal(trace.hidden[0, 2], trace.hidden[0, 4])
    np.testing.assert_allclose(trace.hidden_gradient[0, 2], trace.hidden_gradient[0, 4])
    assert not trace.gates["forget"][0, 3].any()
    assert not trace.gate_gradients["forget"][0, 3].any()


def test_the_reach_of_a_constant_forget_gate_is_its_power():
    # A cell whose gates don't look at h: c_T = f^(T-t) c_t + what was read in between.
    model = model_of(layers.LSTM(4))
    cell = model.layers[0].cell
    cell.recurrent_kernel.assign(np.zeros((4, 16)))
    cell.kernel.assign(np.zeros((FEATURES, 16)))
    x, y = batch()
    trace = capture(model, Batch(x, y)).traces[0]
    forget = 1 / (1 + np.exp(-1.0))
    expected = forget ** np.arange(STEPS - 1, -1, -1.0)
    np.testing.assert_allclose(trace.reach, np.tile(expected, (SAMPLES, 1)), rtol=1e-5)


def test_several_inputs_and_outputs_with_weights():
    one, two = keras.Input((STEPS, 2), name="one"), keras.Input((STEPS,), name="two", dtype="int32")
    read = layers.LSTM(3)(one)
    told = layers.GRU(3)(layers.Embedding(7, 2, mask_zero=True)(two))
    joined = layers.Concatenate()([read, told])
    outputs = {"a": layers.Dense(1, name="a")(joined), "b": layers.Dense(2, name="b")(joined)}
    model = keras.Model({"one": one, "two": two}, outputs)
    model.compile("sgd", {"a": "mse", "b": "sparse_categorical_crossentropy"})
    random = np.random.default_rng(0)
    x = {"one": random.normal(size=(4, STEPS, 2)), "two": random.integers(0, 7, (4, STEPS))}
    y = {"a": random.normal(size=(4, 1)), "b": random.integers(0, 2, 4)}
    found = capture(model, Batch(x, y))
    assert found.facts.withheld is None
    assert [trace.site.kind for trace in found.traces] == ["LSTM", "GRU"]
    assert found.traces[1].mask.tolist() == (x["two"] != 0).tolist()


@pytest.mark.backends
def test_half_precision_is_held_to_its_own_rounding():
    keras.utils.set_random_seed(7)
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = model_of(layers.LSTM(3, return_sequences=True), layers.GRU(2))
    finally:
        keras.config.set_dtype_policy(policy)
    found = capture(model, Batch(*batch()))
    assert found.facts.withheld is None, found.facts.checks
    assert np.isfinite(found.traces[0].hidden_gradient).all()
    assert found.traces[0].hidden_gradient.any()


def test_what_does_not_equal_the_layer_is_withheld(monkeypatch):
    from unstuck.observe.xray.cells import Lstm

    model = model_of(layers.LSTM(3))
    right = Lstm.gated

    def wrong(self, z, states, moment):
        return right(self, z * 1.01, states, moment)

    monkeypatch.setattr(Lstm, "gated", wrong)
    found = capture(model, Batch(*batch()))
    assert found.traces == ()
    assert found.facts.sites == ()
    assert "withheld" in found.facts.withheld
    assert not found.facts.checks[0].passed


def test_a_loss_that_is_not_finite_is_said():
    model = model_of(layers.LSTM(3))
    x, y = batch()
    found = capture(model, Batch(x * np.nan, y))
    assert found.traces == ()
    assert "not finite" in found.facts.withheld
    assert found.facts.loss is None


def test_parts_of_a_batch_give_what_the_whole_gives(monkeypatch):
    from unstuck.observe.xray import capture as module

    model = model_of(layers.LSTM(3, return_sequences=True), layers.LSTM(2))
    random = np.random.default_rng(0)
    x, y = random.normal(size=(7, STEPS, FEATURES)), random.normal(size=(7, 1))
    whole = capture(model, Batch(x, y))
    monkeypatch.setattr(module, "AT_ONCE", 3 * 4 * STEPS * 12 * 5)
    parts = capture(model, Batch(x, y))
    assert parts.facts.loss == pytest.approx(whole.facts.loss, rel=1e-5)
    for a, b in zip(whole.traces, parts.traces, strict=True):
        np.testing.assert_allclose(a.hidden, b.hidden, atol=1e-6)
        np.testing.assert_allclose(a.hidden_gradient, b.hidden_gradient, atol=1e-6)
        np.testing.assert_allclose(a.gate_gradients["input"], b.gate_gradients["input"], atol=1e-6)


def test_a_batch_beyond_memory_is_thinned_out_evenly(monkeypatch):
    from unstuck.observe.xray import capture as module

    model = model_of(layers.LSTM(3))
    monkeypatch.setattr(module, "RETURNED", 4 * 4 * STEPS * 12 * 3)
    random = np.random.default_rng(0)
    found = capture(model, Batch(random.normal(size=(40, STEPS, FEATURES)), np.zeros((40, 1))))
    assert found.facts.samples == 4
    assert len(found.traces[0].hidden) == 4


def test_earlier_values_give_the_earlier_model():
    keras.utils.set_random_seed(8)
    model = model_of(layers.LSTM(3))
    x, y = batch()
    earlier = replay_of(model, True).values()
    first = capture(model, Batch(x, y))
    model.fit(x, y, epochs=3, verbose=0)
    again = capture(model, Batch(x, y), values=earlier)
    assert again.facts.loss == pytest.approx(first.facts.loss, rel=1e-6)
    assert capture(model, Batch(x, y)).facts.loss != pytest.approx(first.facts.loss, rel=1e-3)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: keras.Sequential([keras.Input((3,)), layers.Dense(1)]), "none"),
        (lambda: keras.Sequential([layers.LSTM(2), layers.Dense(1)]), "built"),
        (lambda: keras.Sequential([keras.Input((5, 2)), layers.LSTM(2)]), "compile"),
    ],
)
def test_a_model_without_something_to_see_is_refused(make, said):
    with pytest.raises(XRayError, match=said):
        capture(make(), Batch(*batch()))


def test_targets_are_asked_for():
    with pytest.raises(XRayError, match="targets"):
        capture(model_of(layers.LSTM(2)), Batch(batch()[0], None))


@pytest.mark.backends
def test_training_goes_on_as_if_nothing_had_been_looked_at():
    def trained(look: bool) -> list[np.ndarray]:
        keras.utils.set_random_seed(9)
        model = model_of(
            layers.LSTM(3, dropout=0.3, return_sequences=True),
            layers.BatchNormalization(),
            layers.GRU(2, recurrent_dropout=0.2),
        )
        x, y = batch()
        model.fit(x, y, epochs=2, verbose=0)
        if look:
            capture(model, Batch(x, y))
        model.fit(x, y, epochs=2, verbose=0)
        return state_of(model)

    for a, b in zip(trained(False), trained(True), strict=True):
        np.testing.assert_array_equal(a, b)
