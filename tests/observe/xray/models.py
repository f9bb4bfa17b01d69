"""Small models with recurrent layers in the many ways that Keras offers, and their batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

SAMPLES, STEPS, FEATURES = 3, 5, 2
BACKEND = keras.backend.backend()

MASKS = {
    "none": None,
    "right": [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [1, 0, 0, 0, 0]],
    "left": [[0, 0, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 1]],
    "holes": [[1, 0, 1, 0, 1], [0, 1, 1, 1, 0], [1, 1, 1, 1, 1]],
    "full row": [[0, 0, 0, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]],
}


def batch(mask: str = "none", seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs whose masked steps are zero, and one target a sample."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(SAMPLES, STEPS, FEATURES)).astype("float32")
    y = random.normal(size=(SAMPLES, 1)).astype("float32")
    if MASKS[mask] is not None:
        x = x * np.asarray(MASKS[mask], "float32")[..., None]
    return x, y


def model_of(*middle: Any, masked: bool = False, head: int = 1, shape: Any = None) -> Any:
    """A compiled sequential model around some layers."""
    front = [layers.Masking(0.0)] if masked else []
    given = keras.Input(shape or (STEPS, FEATURES))
    model = keras.Sequential([given, *front, *middle, layers.Dense(head)])
    model.compile("sgd", "mse")
    return model


def _two_branches() -> Any:
    given = keras.Input((STEPS, FEATURES))
    shared = layers.LSTM(3)
    once, again = shared(given), shared(layers.Dense(FEATURES)(given))
    encoded, h, c = layers.LSTM(3, return_sequences=True, return_state=True)(given)
    decoded = layers.LSTM(3)(encoded, initial_state=[h, c])
    joined = layers.Concatenate()([once, again, decoded])
    model = keras.Model(given, layers.Dense(1)(joined))
    model.compile("sgd", "mse")
    return model


def _nested() -> Any:
    inner = keras.Sequential(
        [keras.Input((STEPS, FEATURES)), layers.GRU(3, return_sequences=True)], name="encoder"
    )
    return model_of(inner, layers.LSTM(2))


class Forecaster(keras.Model):
    """A subclassed model, with a layer in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = [layers.LSTM(3, return_sequences=True), layers.SimpleRNN(2)]
        self.head = layers.Dense(1)

    def call(self, x: Any) -> Any:
        for layer in self.stack:
            x = layer(x)
        return self.head(x)


def _subclassed() -> Any:
    model = Forecaster()
    model.compile("sgd", "mse")
    model(np.zeros((SAMPLES, STEPS, FEATURES), "float32"))
    return model


class Leaky(keras.layers.Layer):
    """A cell of the user's own."""

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = self.state_size = self.output_size = units

    def build(self, shape: Any) -> None:
        self.mix = self.add_weight(shape=(shape[-1], self.units))
        self.built = True

    def call(self, inputs: Any, states: Any) -> Any:
        state = 0.7 * states[0] + keras.ops.matmul(inputs, self.mix)
        return state, [state]


def _stateful() -> Any:
    model = keras.Sequential(
        [
            keras.Input((STEPS, FEATURES), batch_size=SAMPLES),
            layers.LSTM(3, stateful=True, return_sequences=True),
            layers.GRU(2, stateful=True),
            layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    model.predict(batch()[0] + 1, verbose=0)  # so that there is a state to carry
    return model


def _lstm(**options: Any) -> Callable[[], Any]:
    return lambda: model_of(layers.LSTM(3, **options))


def _masked(mask: str, *makers: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: model_of(*(make() for make in makers), masked=True)


MODELS: dict[str, tuple[Callable[[], Any], str]] = {
    "lstm": (_lstm(), "none"),
    "lstm, implementation 1": (_lstm(implementation=1), "none"),
    "lstm, no bias": (_lstm(use_bias=False), "none"),
    "lstm, relu and hard sigmoid": (
        _lstm(activation="relu", recurrent_activation="hard_sigmoid"),
        "none",
    ),
    "lstm, dropout": (_lstm(dropout=0.4), "none"),
    "lstm, recurrent dropout": (_lstm(dropout=0.3, recurrent_dropout=0.3), "none"),
    "lstm, unrolled": (_lstm(unroll=True), "none"),
    "lstm, backwards": (_lstm(go_backwards=True), "none"),
    "gru": (lambda: model_of(layers.GRU(3)), "none"),
    "gru, reset before": (lambda: model_of(layers.GRU(3, reset_after=False)), "none"),
    "gru, dropouts": (lambda: model_of(layers.GRU(3, dropout=0.3, recurrent_dropout=0.3)), "none"),
    "gru, reset before, dropouts": (
        lambda: model_of(layers.GRU(3, reset_after=False, dropout=0.3, recurrent_dropout=0.3)),
        "none",
    ),
    "gru, no bias": (lambda: model_of(layers.GRU(3, use_bias=False)), "none"),
    "simple": (lambda: model_of(layers.SimpleRNN(3, dropout=0.2)), "none"),
    "stacked, right padding": (
        _masked("right", lambda: layers.LSTM(3, return_sequences=True), lambda: layers.GRU(2)),
        "right",
    ),
    "bidirectional, left padding": (
        _masked(
            "left",
            lambda: layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
            lambda: layers.LSTM(2),
        ),
        "left",
    ),
    "holes, backwards": (_masked("holes", lambda: layers.GRU(3, go_backwards=True)), "holes"),
    "a row of nothing but padding": (
        _masked(
            "full row", lambda: layers.LSTM(3, return_sequences=True), lambda: layers.SimpleRNN(3)
        ),
        "full row",
    ),
    "unrolled, masked": (
        _masked(
            "left",
            lambda: layers.LSTM(3, unroll=True, return_sequences=True),
            lambda: layers.LSTM(2, unroll=True),
        ),
        "left",
    ),
    "stack of cells": (
        lambda: model_of(
            layers.RNN([layers.LSTMCell(3), layers.GRUCell(2), layers.SimpleRNNCell(2)])
        ),
        "none",
    ),
    "stack of cells, masked": (
        _masked("holes", lambda: layers.RNN([layers.LSTMCell(3), layers.LSTMCell(2)])),
        "holes",
    ),
    "own cell": (
        lambda: model_of(layers.RNN(Leaky(3), return_sequences=True), layers.LSTM(2)),
        "none",
    ),
    "time distributed": (
        lambda: model_of(
            layers.TimeDistributed(layers.LSTM(2)), layers.LSTM(2), shape=(4, STEPS, FEATURES)
        ),
        "none",
    ),
    "convolutional": (
        lambda: model_of(
            layers.ConvLSTM1D(2, 2, padding="same", return_sequences=True),
            layers.ConvLSTM1D(2, 2, recurrent_dropout=0.2),
            layers.Flatten(),
            shape=(STEPS, 4, FEATURES),
        ),
        "none",
    ),
    "convolutional, planes": (
        lambda: model_of(layers.ConvLSTM2D(2, 2), layers.Flatten(), shape=(STEPS, 3, 3, FEATURES)),
        "none",
    ),
    "nested": (_nested, "none"),
    "shared, states handed on": (_two_branches, "none"),
    "subclassed": (_subclassed, "none"),
    "stateful": (_stateful, "none"),
}
"""Makers of models, each with the padding of its batch."""


def batch_for(model: Any, mask: str) -> tuple[np.ndarray, np.ndarray]:
    """A batch of the model's own input shape."""
    x, y = batch(mask)
    shape = getattr(model, "input_shape", None)
    if shape is not None and len(shape) > 3:
        x = np.random.default_rng(0).normal(size=(SAMPLES, *shape[1:])).astype("float32")
    return x, y
