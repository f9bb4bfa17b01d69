"""The healthy twin: one plain LSTM layer on standardized data, with the user's head and loss."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.case.serialization import without_loading_tensorflow
from unstuck.observe.rehearsals.original import Original
from unstuck.observe.rehearsals.rows import Rows

Array = npt.NDArray[Any]

UNITS = 32
"""Units of the plain LSTM: a usual small size."""
TOKENS = 50_000
"""Largest token id for which it gets an Embedding; with more it would be as large as the data."""
CLASSES = ("crossentropy", "hinge", "poisson")
"""Losses whose targets are no quantities to be standardized."""


def plain_lstm(original: Original) -> Any | None:
    """Returns a model with one LSTM layer that answers as the user's does, None if none can.

    The sequences are numbers (samples, steps, features) or token ids (samples, steps); the answer
    is one for each sequence, or one for each step; then the layer reads in both directions.
    """
    leaves = keras.tree.flatten(original.train.x)
    shape = original.shape
    if len(leaves) != 1 or len(shape) not in (1, 2):
        return None
    x = leaves[0]
    per_step = len(shape) == 2
    if per_step and shape[0] != x.shape[1]:
        return None
    layers = [keras.Input(x.shape[1:], dtype=x.dtype), *_front(x, original.model)]
    if len(layers) == 1 and x.ndim != 3:
        return None
    lstm = keras.layers.LSTM(UNITS, return_sequences=per_step)
    # A label of one step may hang on what comes after it.
    layers += [
        keras.layers.Bidirectional(lstm) if per_step else lstm,
        keras.layers.Dense(shape[-1], activation=_activation(original)),
    ]
    with without_loading_tensorflow():
        return keras.Sequential(layers)


def standardized(original: Original) -> tuple[Rows, Rows | None]:
    """Returns the rows to train on and to hold out with zero mean and unit spread.

    Each feature of numbers is, but for steps that are masked; so are the targets where the head
    is linear and they are quantities. Token ids and classes stay as they are.
    """
    train, held = original.train, original.held
    parts = [one for one in (train, held) if one is not None]
    leaves = keras.tree.flatten(train.x)
    embedded = any(isinstance(one, keras.layers.Embedding) for one in _flat(original.model))
    if len(leaves) == 1 and leaves[0].ndim == 3 and not embedded:
        scale = _scale(_unmasked(leaves[0], original.model))
        parts = [_scaled_inputs(one, scale, original.model) for one in parts]
    if original.activation == "linear" and not _classifies(original):
        scale = _scale(train.y)
        parts = [dataclasses.replace(one, y=_scaled(one.y, scale)) for one in parts]
    return parts[0], (parts[1] if held is not None else None)


def _front(x: Array, model: Any) -> list[Any]:
    """Returns what stands before the LSTM: masking as the user's, or an embedding of token ids."""
    flat = _flat(model)
    if x.ndim == 3:
        return [keras.layers.Masking(one.mask_value) for one in flat if _masks(one)][:1]
    embedding = next((one for one in flat if isinstance(one, keras.layers.Embedding)), None)
    if x.ndim != 2 or embedding is None or not 0 <= x.min() <= x.max() < TOKENS:
        return []
    return [keras.layers.Embedding(int(x.max()) + 1, UNITS, mask_zero=embedding.mask_zero)]


def _activation(original: Original) -> str:
    known = original.activation in ("sigmoid", "softmax")
    return str(original.activation) if known else "linear"


def _classifies(original: Original) -> bool:
    given = original.loss
    name = given if isinstance(given, str) else getattr(given, "__name__", type(given).__name__)
    return any(word in name.lower().replace("_", "") for word in CLASSES)


def _flat(model: Any) -> list[Any]:
    return list(model._flatten_layers(include_self=False))


def _masks(layer: Any) -> bool:
    return isinstance(layer, keras.layers.Masking)


def _real(x: Array, model: Any) -> Array:
    """Says which steps are data rather than padding that a Masking layer takes out."""
    values = [one.mask_value for one in _flat(model) if _masks(one)]
    padded = np.zeros(x.shape[:2], bool)
    for value in values:
        padded |= (x == np.asarray(value, x.dtype)).all(axis=-1)
    return ~padded


def _unmasked(x: Array, model: Any) -> Array:
    return np.asarray(x[_real(x, model)])


def _scale(values: Array) -> tuple[Array, Array]:
    flat = values.astype(np.float64)
    spread = flat.std(axis=0)
    return flat.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _scaled(values: Array, scale: tuple[Array, Array]) -> Array:
    return np.asarray((values - scale[0]) / scale[1], keras.config.floatx())


def _scaled_inputs(rows: Rows, scale: tuple[Array, Array], model: Any) -> Rows:
    def apply(x: Array) -> Array:
        return np.where(_real(x, model)[..., None], _scaled(x, scale), x)

    return dataclasses.replace(rows, x=keras.tree.map_structure(apply, rows.x))
