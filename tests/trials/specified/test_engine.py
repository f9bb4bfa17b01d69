from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.trials.specified.building import built
from unstuck.trials.specified.engine import Engine
from unstuck.trials.specified.specification import Specification, Unit

CLOSE = 1e-4


def fitted(spec, **more):
    """Trains by Keras's own fit, one epoch a call, in the order of the trial."""
    model, order = built(spec), np.random.default_rng(spec.seed)
    losses, size = [], spec.fit.batch_size
    for _ in range(spec.fit.epochs):
        count = spec.data.count
        rows = spec.data.take(order.permutation(count) if spec.fit.shuffle else np.arange(count))
        options = {"class_weight": spec.fit.class_weight, "sample_weight": rows.sample_weight}
        told = model.fit(rows.x, rows.y, size, 1, 0, shuffle=False, **options, **more)
        losses += told.history["loss"]
    return model, losses


def close(trained, model):
    for value, weight in zip(trained.weights.values(), model.get_weights(), strict=True):
        np.testing.assert_allclose(value, weight, atol=CLOSE)


@pytest.mark.parametrize("rows", [64, 56, 10])
def test_trials_at_once_are_what_fit_would_do(make, data, rows):
    x, y = data
    model = make(keras.optimizers.Adam(0.01, clipnorm=1.0))
    every = {"validation_data": (x[:2], y[:2])}
    spec = Specification.of(model, x[:rows], y[:rows], epochs=2, batch_size=16, **every)
    specs = [spec.optimized(learning_rate=rate).started(at) for at, rate in enumerate((1e-3, 0.1))]
    engine = Engine()
    found = engine.run(specs)
    assert (engine.compiled, engine.ran) == (1, 2)
    for one, trained in zip(specs, found, strict=True):
        own, losses = fitted(one)
        close(trained, own)
        np.testing.assert_allclose(trained.losses, losses, rtol=1e-3)


def test_a_second_round_is_the_same_as_the_first(make, data):
    spec = Specification.of(make(dropout=0.3), *data, epochs=2).started(1)
    engine = Engine()
    (first,), (again, other) = engine.run([spec]), engine.run([spec, spec.started(2)])
    for name, value in first.weights.items():
        np.testing.assert_allclose(again.weights[name], value, atol=1e-6)
    assert not np.allclose(other.losses, first.losses)
    assert engine.compiled == 1


def test_penalties_and_weights_of_classes_count(data):
    x, y = data
    y = (y[:, 0] > 0.7).astype(int)
    lstm = keras.layers.LSTM(4, kernel_regularizer=keras.regularizers.L2(0.1))
    head = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input((6, 3)), lstm, head])
    model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
    spec = Specification.of(model, x, y[:, None], epochs=2, class_weight={0: 1.0, 1: 4.0})
    (trained,) = Engine().run([spec])
    close(trained, fitted(spec)[0])


def test_moving_averages_are_trained(data):
    layers = [keras.layers.LSTM(3), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((6, 3)), *layers])
    model.compile("adam", "mse")
    spec = Specification.of(model, *data, epochs=2)
    (trained,) = Engine().run([spec])
    close(trained, fitted(spec)[0])


def test_callbacks_decide_as_in_fit(make, data):
    x, y = data
    early = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    slower = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=0.5)
    spec = Specification.of(
        make(keras.optimizers.Adam(0.3)),
        *data,
        epochs=12,
        shuffle=False,
        validation_data=(x[:20], y[:20] + 1.0),
        callbacks=[early, slower],
    )
    (trained,) = Engine().run([spec])
    own = built(spec)
    history = own.fit(
        *data,
        epochs=12,
        shuffle=False,
        verbose=0,
        validation_data=(x[:20], y[:20] + 1.0),
        callbacks=[early, slower],
    )
    assert len(trained.losses) == len(history.history["loss"]) < 12
    close(trained, own)


def test_a_unit_is_trained_in_and_undone(make, data):
    x, y = data
    spec = Specification.of(make(), x, 100 + 10 * y, epochs=2)
    engine = Engine()
    plain = Specification.of(make(), x, y, epochs=2).replaced(weights=spec.weights)
    found = engine.run([plain, spec.replaced(unit=Unit((100.0,), (10.0,)))])
    for value, other in zip(*(one.weights.values() for one in found), strict=True):
        np.testing.assert_allclose(value, other, atol=1e-3)
    inside, outside = (engine.predictions(one, x) for one in found)
    np.testing.assert_allclose(outside, 100 + 10 * inside, rtol=1e-3)


def test_what_does_not_suit_the_model_fails_alone(make, data):
    x, y = data
    sick = Specification.of(make(loss="categorical_crossentropy", head=3), x, y)
    found = Engine().run([sick, Specification.of(make(), x, y)])
    assert found[0] is None
    assert found[1] is not None


def test_nothing_is_run_without_time(make, data):
    assert Engine(lambda: 0.0).run([Specification.of(make(), *data)]) == [None]


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="side by side on JAX only")
@pytest.mark.parametrize("width", [1, 2, 3])
def test_it_does_not_matter_how_many_run_side_by_side(make, data, width):
    from unstuck.backends.jax_together import Epochs

    x, y = data
    model = make()
    epochs = Epochs(model, (x[:16], y[:16], None), width)
    start = epochs.state()
    order = np.random.default_rng(0)
    orders = [order.permutation(len(x)) for _ in range(5)]
    ended, losses = epochs.run([start] * 5, (x, y, None), orders, 16)
    assert len(ended) == len(losses) == 5
    for state, loss, picked in zip(ended, losses, orders, strict=True):
        epochs.put(start)
        history = model.fit(x[picked], y[picked], 16, 1, 0, shuffle=False)
        assert loss == pytest.approx(history.history["loss"][0], rel=1e-4)
        for value, weight in zip(state[0], model.trainable_variables, strict=True):
            np.testing.assert_allclose(value, np.asarray(weight.value), atol=1e-5)
