"""Keras's recurrent layers, each built once: compiling an orthogonal initializer takes a while."""

from __future__ import annotations

import functools

import keras
from tests.observe.measures.lstm import GATES

KINDS = {
    "LSTM": (keras.layers.LSTM, GATES),
    "GRU": (keras.layers.GRU, ("update", "reset", "candidate")),
    "SimpleRNN": (keras.layers.SimpleRNN, ("candidate",)),
}
FEATURES, UNITS = 12, 20


def built(kind, **words):
    layer = KINDS[kind][0](UNITS, return_sequences=True, **words)
    layer.build((None, None, FEATURES))
    return layer


def weights_of(layer):
    return [keras.ops.convert_to_numpy(weight.value) for weight in layer.cell.weights]


@functools.cache
def default_weights(kind):
    """Weights of a layer without arguments, from one seed."""
    keras.utils.set_random_seed(0)
    return weights_of(built(kind))
