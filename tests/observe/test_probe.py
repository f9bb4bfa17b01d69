"""What the probe measures, against steps that ran without it."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.observe.probe import (
    CLIPPED_NORM,
    GRADIENT_MAX,
    GRADIENT_NORM,
    NONFINITE,
    UPDATE_NORM,
    WEIGHT_NORM,
)

RATE, BATCH = 0.5, 8


def updates(model: keras.Model, x: np.ndarray, y: np.ndarray, epochs: int = 1):
    """Trains one batch after the other without a probe; returns weights before, changes, losses."""
    before, changes, losses = [], [], []
    for _ in range(epochs):
        for start in range(0, len(x), BATCH):
            old = [keras.ops.convert_to_numpy(v).copy() for v in model.trainable_variables]
            batch = slice(start, start + BATCH)
            losses.append(float(np.ravel(model.train_on_batch(x[batch], y[batch]))[0]))
            new = [keras.ops.convert_to_numpy(v) for v in model.trainable_variables]
            before.append(old)
            changes.append([b - a for a, b in zip(old, new, strict=True)])
    return before, changes, losses


def norms(arrays: list[list[np.ndarray]]) -> np.ndarray:
    return np.array([[np.linalg.norm(array.astype("float64")) for array in row] for row in arrays])


def fit(model: keras.Model, x: np.ndarray, y: np.ndarray, callback, **options) -> None:
    model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0, callbacks=[callback], **options)
    assert callback.complaints == []


def test_plain_gradient_descent_gives_every_number_away(make_lstm, attach, data):
    reference = make_lstm()
    reference.compile(keras.optimizers.SGD(RATE), "mse")
    before, changes, losses = updates(reference, data.x, data.y)

    model, seen = make_lstm(), attach()
    model.compile(keras.optimizers.SGD(RATE), "mse")
    fit(model, data.x, data.y, seen)

    largest = np.array([[np.abs(array).max() for array in row] for row in changes])
    close = {"rtol": 2e-5, "atol": 1e-6}
    np.testing.assert_allclose(seen.loss, losses, **close)
    np.testing.assert_allclose(seen.learning_rate, RATE)
    np.testing.assert_allclose(seen.values[..., GRADIENT_NORM], norms(changes) / RATE, **close)
    np.testing.assert_allclose(seen.values[..., CLIPPED_NORM], norms(changes) / RATE, **close)
    np.testing.assert_allclose(seen.values[..., GRADIENT_MAX], largest / RATE, **close)
    np.testing.assert_allclose(seen.values[..., WEIGHT_NORM], norms(before), **close)
    np.testing.assert_allclose(seen.values[..., UPDATE_NORM], norms(changes), **close)
    assert not seen.values[..., NONFINITE].any()


def test_variables_are_named_by_layer_and_weight(make_lstm, attach, data):
    model, seen = make_lstm(), attach()
    model.compile("sgd", "mse")
    fit(model, data.x, data.y, seen)

    lstm, dense = (layer.name for layer in model.layers)
    assert [(one.layer, one.weight, one.shape) for one in seen.probe.watched] == [
        (lstm, "kernel", (3, 16)),
        (lstm, "recurrent_kernel", (4, 16)),
        (lstm, "bias", (16,)),
        (dense, "kernel", (4, 1)),
        (dense, "bias", (1,)),
    ]
    assert [one.path for one in seen.probe.watched] == [v.path for v in model.trainable_variables]


CLIPPED = [
    {"clipnorm": 0.3},
    {"clipvalue": 0.05},
    {"global_clipnorm": 0.4},
    {"gradient_accumulation_steps": 2},
    {"gradient_accumulation_steps": 2, "clipnorm": 0.3},
    {"gradient_accumulation_steps": 2, "clipvalue": 0.05},
    {"clipnorm": 0.3, "loss_scale_factor": 8.0},
]


@pytest.mark.parametrize("options", CLIPPED, ids=str)
def test_clipped_norms_are_those_of_the_update(options, make_dense, attach, data):
    reference = make_dense()
    reference.compile(keras.optimizers.SGD(RATE, **options), "mse")
    _, changes, _ = updates(reference, data.x, data.y, epochs=2)
    raw = make_dense()
    raw.compile(keras.optimizers.SGD(RATE), "mse")
    _, first, _ = updates(raw, data.x[:BATCH], data.y[:BATCH])

    model, seen = make_dense(), attach()
    model.compile(keras.optimizers.SGD(RATE, **options), "mse")
    fit(model, data.x, data.y, seen, epochs=2)

    clipped, applied = seen.values[..., CLIPPED_NORM], norms(changes) / RATE
    is_update = np.arange(6) % options.get("gradient_accumulation_steps", 1) == (
        options.get("gradient_accumulation_steps", 1) - 1
    )
    np.testing.assert_allclose(clipped[is_update], applied[is_update], rtol=2e-5, atol=1e-6)
    assert np.isnan(clipped[~is_update]).all()
    np.testing.assert_array_equal(seen.values[~is_update, :, UPDATE_NORM], 0)
    np.testing.assert_allclose(
        seen.values[0, :, GRADIENT_NORM], norms(first)[0] / RATE, rtol=2e-5, atol=1e-6
    )


def test_an_embedding_that_meets_a_word_twice(attach, data):
    def make():
        keras.utils.set_random_seed(5)
        return keras.Sequential(
            [
                keras.Input((4,)),
                keras.layers.Embedding(7, 3, mask_zero=True),
                keras.layers.LSTM(4),
                keras.layers.Dense(1),
            ]
        )

    reference = make()
    reference.compile(keras.optimizers.SGD(RATE), "mse")
    _, changes, _ = updates(reference, data.words, data.y)
    model, seen = make(), attach()
    model.compile(keras.optimizers.SGD(RATE), "mse")
    fit(model, data.words, data.y, seen)

    np.testing.assert_allclose(
        seen.values[..., GRADIENT_NORM], norms(changes) / RATE, rtol=2e-5, atol=1e-6
    )


def test_schedule_is_read_before_each_update(make_dense, attach, data):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    model, seen = make_dense(), attach()
    model.compile(keras.optimizers.Adam(schedule), "mse")
    fit(model, data.x, data.y, seen, epochs=2)
    expected = [float(schedule(step)) for step in range(6)]
    np.testing.assert_allclose(seen.learning_rate, expected, rtol=1e-6)


def line(factor: float, count: int = 5) -> tuple[keras.Model, np.ndarray, np.ndarray]:
    """A model whose kernel gradient is the mean of x, times a factor, whatever the weights."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((count,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.0), lambda _, output: output * factor)
    x = np.random.default_rng(2).normal(size=(BATCH, count)).astype("float32")
    return model, x, np.zeros((BATCH, 1), "float32")


@pytest.mark.parametrize("factor", [1e25, 1e-25, 1.0])
def test_finite_gradients_whose_squares_leave_float32(factor, attach):
    model, x, y = line(factor)
    seen = attach()
    fit(model, x, y, seen)
    expected = x.astype("float64").mean(axis=0) * factor
    np.testing.assert_allclose(
        seen.values[0, 0, GRADIENT_NORM], np.linalg.norm(expected), rtol=1e-4
    )
    np.testing.assert_allclose(seen.values[0, 0, GRADIENT_MAX], np.abs(expected).max(), rtol=1e-4)
    assert seen.values[0, 0, NONFINITE] == 0


def test_entries_that_are_not_finite_are_counted(attach):
    model, x, y = line(1.0)
    x[0, 1], x[3, 2] = np.inf, np.nan
    seen = attach()
    fit(model, x, y, seen)
    assert seen.values[0, 0, NONFINITE] == 2
    assert np.isnan(seen.values[0, 0, GRADIENT_MAX])
    assert np.isnan(seen.values[0, 0, GRADIENT_NORM])


def test_loss_scale_is_taken_out_and_skipped_steps_have_no_update(make_dense, attach, data):
    model, plain = make_dense(), attach()
    model.compile(keras.optimizers.SGD(0.01), "mse")
    fit(model, data.x, data.y, plain)

    model, seen = make_dense(), attach()
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.01), initial_scale=256.0)
    model.compile(scaled, "mse")
    x = data.x.copy()
    x[BATCH] = np.nan
    fit(model, x, data.y, seen)

    np.testing.assert_allclose(seen.values[0], plain.values[0], rtol=1e-4, atol=1e-6)
    assert seen.values[1, :, NONFINITE].all()
    assert np.isnan(seen.values[1, :, CLIPPED_NORM]).all()
    np.testing.assert_array_equal(seen.values[1, :, UPDATE_NORM], 0)
    assert np.isfinite(seen.values[2]).all()


def test_a_variable_without_a_gradient(attach, data):
    class Idle(keras.layers.Layer):
        def build(self, shape):
            self.idle = self.add_weight(shape=(2,), name="idle", initializer="ones")

        def call(self, x):
            return x

    model = keras.Sequential(
        [keras.Input((4, 3)), keras.layers.Flatten(), Idle(), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    seen = attach()
    with pytest.warns() if keras.backend.backend() != "jax" else np.errstate():
        fit(model, data.x, data.y, seen)
    # JAX gives a zero where the others give nothing.
    assert not np.nan_to_num(seen.values[:, 0, : WEIGHT_NORM - 1]).any()
    np.testing.assert_allclose(seen.values[:, 0, WEIGHT_NORM], np.sqrt(2), rtol=1e-6)
    assert np.isfinite(seen.values[:, 1:]).all()


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="torch has no several steps at once")
def test_several_steps_in_one_execution(make_dense, attach, data):
    model, seen = make_dense(), attach()
    model.compile(keras.optimizers.SGD(0.01), "mse", steps_per_execution=2)
    fit(model, data.x, data.y, seen, epochs=2)
    single, one = make_dense(), attach()
    single.compile(keras.optimizers.SGD(0.01), "mse")
    fit(single, data.x, data.y, one, epochs=2)
    np.testing.assert_allclose(seen.values, one.values, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(seen.loss, one.loss, rtol=1e-5)


def test_long_runs_are_delivered_in_order_and_in_pieces(make_dense, attach, data):
    model, seen = make_dense(), attach()
    model.compile("sgd", "mse")
    model.fit(data.x, data.y, batch_size=1, epochs=7, verbose=0, callbacks=[seen])
    sizes = [len(steps.loss) for steps in seen.delivered]
    assert sum(sizes) == 7 * len(data.x)
    assert [steps.first for steps in seen.delivered] == [0, *np.cumsum(sizes)[:-1]]
    assert len(sizes) > 1


def test_a_frozen_layer_is_not_watched(make_dense, attach, data):
    model, seen = make_dense(), attach()
    model.layers[1].trainable = False
    model.compile("sgd", "mse")
    fit(model, data.x, data.y, seen)
    assert [one.weight for one in seen.probe.watched] == ["kernel", "bias"]
    assert np.isfinite(seen.values).all()


def test_two_outputs_and_a_subclass_that_is_not_built(attach, data):
    class Two(keras.Model):
        def __init__(self):
            super().__init__()
            self.memory = keras.layers.LSTM(4)
            self.heads = [keras.layers.Dense(1), keras.layers.Dense(2)]

        def call(self, x):
            state = self.memory(x)
            return [head(state) for head in self.heads]

    model, seen = Two(), attach()
    model.compile("adam", ["mse", "mae"])
    targets = [data.y, np.repeat(data.y, 2, axis=1)]
    model.fit(data.x, targets, batch_size=BATCH, verbose=0, callbacks=[seen])
    assert seen.complaints == []
    assert seen.values.shape == (3, 7, 6)
    assert np.isfinite(seen.values).all()
    assert [one.path for one in seen.probe.watched] == [v.path for v in model.trainable_variables]


def test_a_train_step_of_ones_own_may_hide_the_loss(attach, data):
    class Own(keras.Sequential):
        def train_step(self, *arguments):
            tracker, self._loss_tracker = self._loss_tracker, keras.metrics.Mean(name="other")
            try:
                return super().train_step(*arguments)
            finally:
                self._loss_tracker = tracker

    model = Own([keras.Input((4, 3)), keras.layers.LSTM(2), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    seen = attach()
    if keras.backend.backend() == "jax":
        model.train_step = lambda state, batch: hidden(model, state, batch)
    fit(model, data.x[:BATCH], data.y[:BATCH], seen)
    assert np.isfinite(seen.values).all()
    assert np.isnan(seen.loss).all()


def hidden(model, state, batch):
    """A JAX step that differentiates a loss of its own and updates no metric."""
    import jax

    trainable, others, optimizer, metrics = state
    x, y = batch[0], batch[1]

    def loss(weights):
        output, _ = model.stateless_call(weights, others, x)
        return keras.ops.mean((output - y) ** 2)

    gradients = jax.grad(loss)(trainable)
    trainable, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trainable)
    return {}, (trainable, others, optimizer, metrics)
