from __future__ import annotations

import keras
import numpy as np
import pytest

STEPS, FEATURES = 6, 3


@pytest.fixture
def data():
    x = np.random.default_rng(0).normal(size=(70, STEPS, FEATURES)).astype("float32")
    return x, x[:, -1, :1] + 0.5 * x[:, -2, 1:2]


@pytest.fixture
def make():
    """Makes a small compiled model; what is given goes to its LSTM or to compile."""

    def made(optimizer=None, loss="mse", units=4, head=1, activation=None, **options):
        layers = [
            keras.layers.LSTM(units, name="lstm", **options),
            keras.layers.Dense(head, activation=activation, name="head"),
        ]
        model = keras.Sequential([keras.Input((STEPS, FEATURES)), *layers])
        model.compile(optimizer or keras.optimizers.Adam(0.01), loss)
        return model

    return made
