from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.trials.ending import ending

X = np.linspace(0, 1, 16, dtype="float32").reshape(8, 2)
Y = X.sum(axis=1)


def epochs(y, *args, **options):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    fit = ending(keras.Model.fit)
    return fit(model, X, y, *args, **{"epochs": 5, "verbose": 0, **options}).epoch


@pytest.mark.backends
def test_weights_that_are_no_numbers_end_a_fit():
    assert epochs(np.where(Y > 1, np.nan, Y)) == [0]


def test_other_fits_go_to_their_end():
    assert epochs(Y) == [0, 1, 2, 3, 4]


def test_a_loss_that_is_infinite_once_ends_nothing():
    class Overflowing(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs):
            logs["loss"] = np.inf

    assert epochs(Y, callbacks=Overflowing()) == [0, 1, 2, 3, 4]


def test_callbacks_of_the_script_are_called_as_before():
    seen = []
    noting = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    fit = ending(keras.Model.fit)
    fit(model, X, Y, None, 2, 0, [noting])
    fit(model, X, Y, None, 1, 0, (noting,))
    fit(model, X, Y, verbose=0, callbacks=keras.callbacks.CallbackList([noting], model=model))
    assert seen == [0, 1, 0, 0]
