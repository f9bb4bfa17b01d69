"""Which layer makes an output, and under which last activation."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from unstuck.case.model import model_facts


def own(x):
    return x


class Doubling(layers.Layer):
    activation = keras.activations.sigmoid

    def call(self, inputs):
        return inputs * 2


CASES = {
    "dense": ([layers.LSTM(3), layers.Dense(2)], "Dense", "linear"),
    "dense softmax": ([layers.LSTM(3), layers.Dense(1, "softmax")], "Dense", "softmax"),
    "activation layer": (
        [layers.LSTM(3), layers.Dense(2), layers.Activation("softmax")],
        "Dense",
        "softmax",
    ),
    "softmax layer": ([layers.LSTM(3), layers.Dense(2), layers.Softmax()], "Dense", "softmax"),
    "relu layer": ([layers.LSTM(3), layers.Dense(2), layers.ReLU()], "Dense", "relu"),
    "leaky layer": ([layers.LSTM(3), layers.Dense(2), layers.LeakyReLU()], "Dense", "leaky_relu"),
    "the last one counts": (
        [layers.LSTM(3), layers.Dense(2, "relu"), layers.Activation("sigmoid")],
        "Dense",
        "sigmoid",
    ),
    "linear after it does not": (
        [layers.LSTM(3), layers.Dense(2, "sigmoid"), layers.Activation("linear")],
        "Dense",
        "sigmoid",
    ),
    "dropout, reshape": (
        [layers.LSTM(3), layers.Dense(4, "tanh"), layers.Dropout(0.1), layers.Reshape((2, 2))],
        "Dense",
        "tanh",
    ),
    "lstm": ([layers.LSTM(1)], "LSTM", "tanh"),
    "lstm with relu": ([layers.LSTM(1, activation="relu")], "LSTM", "relu"),
    "bidirectional": ([layers.Bidirectional(layers.LSTM(1))], "Bidirectional", "tanh"),
    "bidirectional sum": (
        [layers.Bidirectional(layers.LSTM(1), merge_mode="sum")],
        "Bidirectional",
        None,
    ),
    "rnn": ([layers.RNN(layers.LSTMCell(2))], "RNN", "tanh"),
    "rnn of cells": ([layers.RNN([layers.LSTMCell(2), layers.GRUCell(2)])], "RNN", "tanh"),
    "time distributed": (
        [layers.LSTM(3, return_sequences=True), layers.TimeDistributed(layers.Dense(1, "sigmoid"))],
        "Dense",
        "sigmoid",
    ),
    "user's function": ([layers.LSTM(3), layers.Dense(1, activation=own)], "Dense", "own"),
    "lambda": ([layers.LSTM(3), layers.Dense(1), layers.Lambda(lambda x: x * 100)], "Dense", None),
    "scaled linear": ([layers.LSTM(3), layers.Dense(1), layers.Rescaling(9.0)], "Dense", "linear"),
    "scaled sigmoid": (
        [layers.LSTM(3), layers.Dense(1, "sigmoid"), layers.Rescaling(9.0)],
        "Dense",
        None,
    ),
    "bounded after scaling": (
        [layers.LSTM(3), layers.Dense(1), layers.Rescaling(9.0), layers.Activation("sigmoid")],
        "Dense",
        "sigmoid",
    ),
    "user's layer": ([layers.LSTM(3), layers.Dense(1, "sigmoid"), Doubling()], "Doubling", None),
    "pooled": (
        [layers.LSTM(3, return_sequences=True), layers.GlobalAveragePooling1D()],
        "LSTM",
        "tanh",
    ),
    "normalized": ([layers.LSTM(3), layers.BatchNormalization()], "BatchNormalization", "linear"),
    "nested": (
        [
            layers.LSTM(3),
            keras.Sequential([keras.Input((3,)), layers.Dense(2, "softmax"), layers.Dropout(0.1)]),
        ],
        "Dense",
        "softmax",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_head(name):
    parts, kind, activation = CASES[name]
    model = keras.Sequential([keras.Input((5, 2)), *parts])
    (head,) = model_facts(model).heads
    assert (head.kind, head.activation) == (kind, activation)
    assert head.shape == model.output_shape
    assert head.layer in {layer.name for layer in model_facts(model).layers}


def test_outputs_by_name_and_operations():
    inputs = keras.Input((5, 2))
    state = layers.LSTM(3, name="lstm")(inputs)
    price = layers.Dense(1, name="price")(state)
    trend = keras.ops.softmax(layers.Dense(3, name="trend")(state))
    total = layers.Add(name="total")([price, layers.Dense(1, "relu", name="other")(state)])
    model = keras.Model(inputs, {"price": price, "trend": trend, "total": total * 2.0})
    heads = {head.output: head for head in model_facts(model).heads}
    assert (heads["price"].layer, heads["price"].activation) == ("price", "linear")
    assert (heads["trend"].layer, heads["trend"].activation) == ("trend", "softmax")
    assert (heads["total"].layer, heads["total"].activation) == ("total", None)


def test_states_of_an_lstm_as_outputs():
    inputs = keras.Input((5, 2))
    model = keras.Model(inputs, layers.LSTM(3, return_state=True, name="lstm")(inputs))
    assert [head.layer for head in model_facts(model).heads] == ["lstm"] * 3
