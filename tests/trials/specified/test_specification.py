from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from unstuck import backends
from unstuck.trials.specified.building import built, finished
from unstuck.trials.specified.errors import SpecificationError
from unstuck.trials.specified.saving import load, save
from unstuck.trials.specified.specification import Specification, Unit


def predictions(model, x):
    return np.asarray(backends.current().forward(model, [x])[0])


def test_it_describes_what_fit_would_do(make, data):
    model = make(keras.optimizers.Adam(0.02, clipnorm=1.0))
    spec = Specification.of(model, *data, epochs=3, batch_size=16, shuffle=False)
    assert (spec.fit.epochs, spec.fit.batch_size, spec.fit.shuffle) == (3, 16, False)
    assert spec.rate == pytest.approx(0.02)
    copy = built(spec)
    np.testing.assert_allclose(predictions(copy, data[0]), predictions(model, data[0]), atol=1e-6)
    assert copy.optimizer.clipnorm == 1.0
    assert copy is not model


def test_rows_are_held_out_where_there_are_no_validation_data(make, data):
    x, y = data
    spec = Specification.of(make(), x, y)
    assert (spec.data.count, spec.held.count, spec.own) == (56, 14, False)
    given = Specification.of(make(), x, y, validation_data=(x[:5], y[:5]))
    assert (given.data.count, given.held.count, given.own) == (70, 5, True)
    split = Specification.of(make(), x, y, validation_split=0.25)
    np.testing.assert_array_equal(split.held.x, x[52:])


def test_a_trained_model_starts_anew_but_for_what_is_not_trained(make, data):
    model = make()
    model.fit(*data, verbose=0)
    model.get_layer("head").trainable = False
    spec = Specification.of(model, *data)
    kernel, head = (model.get_layer(name).weights[0] for name in ("lstm", "head"))
    assert not np.allclose(spec.weights["lstm/lstm_cell/kernel"], kernel.numpy())
    np.testing.assert_array_equal(spec.weights["head/kernel"], head.numpy())


def test_seeds_decide_what_a_training_starts_from(make, data):
    spec = Specification.of(make(), *data)
    first, again, other = spec.started(1), spec.started(1), spec.started(2)
    name = "lstm/lstm_cell/kernel"
    np.testing.assert_array_equal(first.weights[name], again.weights[name])
    assert not np.allclose(first.weights[name], other.weights[name])
    assert first.seed == 1


def test_describing_moves_nothing_of_the_users(make, data):
    model = make()
    before = random.getstate(), np.random.get_state()[1].tolist(), model.get_weights()
    Specification.of(model, *data)
    assert random.getstate() == before[0]
    assert np.random.get_state()[1].tolist() == before[1]
    for value, kept in zip(model.get_weights(), before[2], strict=True):
        np.testing.assert_array_equal(value, kept)


def test_numbers_alone_leave_the_program_the_same(make, data):
    spec = Specification.of(make(), *data)
    assert spec.program() == spec.optimized(learning_rate=1.0).started(3).program()
    assert spec.program() != spec.optimized(clipnorm=1.0).program()
    assert spec.program() != spec.fitted(batch_size=7).program()


def test_it_comes_back_from_one_file(make, data, tmp_path):
    x, y = data
    early = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True, min_delta=0.1)
    model = make()
    spec = Specification.of(
        model, {"input": x}, y, class_weight={0: 2.0}, callbacks=[early], validation_split=0.1
    ).replaced(unit=Unit((1.0,), (2.0,)))
    save(spec, tmp_path / "run.npz")
    again = load(tmp_path / "run.npz")
    assert again.fit == spec.fit
    assert (again.unit, again.seed, again.own) == (spec.unit, spec.seed, spec.own)
    assert again.program() == spec.program()
    np.testing.assert_array_equal(again.data.x["input"], spec.data.x["input"])
    np.testing.assert_array_equal(again.held.y, spec.held.y)
    assert all((again.weights[name] == value).all() for name, value in spec.weights.items())
    built(again)


def test_a_foreign_file_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    np.savez(path, x=np.asarray([object()], dtype=object))
    with pytest.raises(Exception, match="Expected a specification"):
        load(path)


def test_a_unit_is_undone_by_the_finished_model(make, data):
    spec = Specification.of(make(), *data)
    plain = finished(spec, spec.weights)
    scaled = finished(spec.replaced(unit=Unit((5.0,), (2.0,))), spec.weights)
    expected = 2 * predictions(plain, data[0]) + 5
    np.testing.assert_allclose(predictions(scaled, data[0]), expected, atol=1e-5)
    assert isinstance(scaled.layers[-1], keras.layers.Rescaling)
    assert scaled.compiled


class Unregistered(keras.Model):
    def __init__(self, layers):
        super().__init__()
        self.inner = keras.Sequential(layers)

    def call(self, x):
        return self.inner(x)


def test_a_model_without_configuration_is_refused(data):
    model = Unregistered([keras.layers.LSTM(2), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    with pytest.raises(SpecificationError, match="built"):
        Specification.of(model, *data)
    model(data[0][:1])
    with pytest.raises(SpecificationError, match=r"get_config[\s\S]*unstuck fix SCRIPT"):
        Specification.of(model, *data)


def test_a_lambda_is_refused(data):
    layers = [keras.layers.LSTM(2), keras.layers.Lambda(lambda x: 2 * x), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((6, 3)), *layers])
    model.compile("adam", "mse")
    with pytest.raises(SpecificationError, match="lambda"):
        Specification.of(model, *data)


def test_an_own_loss_is_refused(make, data):
    def my_loss(truth, guess):
        return keras.ops.abs(truth - guess)

    with pytest.raises(SpecificationError, match="my_loss"):
        Specification.of(make(loss=my_loss), *data)


def test_own_metrics_change_nothing(make, data):
    def my_metric(truth, guess):
        return keras.ops.abs(truth - guess)

    model = make()
    model.compile("adam", "mse", metrics=[my_metric])
    assert Specification.of(model, *data).compiled["metrics"] is None


def test_streams_are_refused(make, data):
    def stream():
        yield data

    with pytest.raises(SpecificationError, match="stream"):
        Specification.of(make(), stream(), None)
    with pytest.raises(SpecificationError, match="steps_per_epoch"):
        Specification.of(make(), *data, steps_per_epoch=3)


def test_callbacks_of_the_users_own_are_refused(make, data):
    own = keras.callbacks.LambdaCallback(on_epoch_end=print)
    with pytest.raises(SpecificationError, match="LambdaCallback"):
        Specification.of(make(), *data, callbacks=[own])
    files = keras.callbacks.CSVLogger("log.csv")
    assert Specification.of(make(), *data, callbacks=[files]).fit.callbacks == ()


def test_arrays_of_unequal_length_are_refused(make, data):
    with pytest.raises(SpecificationError, match="same number"):
        Specification.of(make(), data[0], data[1][:5])
