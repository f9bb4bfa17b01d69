"""How strongly the data drive the gates of the first recurrent layers, before any training.

The pre-activation of a gate is x.W + h.U + b. The part x.W + b is known before the first
step, from the data and the initial weights alone, and it decides whether a gate starts in
the range where it can learn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.observe.outcome import DriveFacts

Array = npt.NDArray[Any]

SATURATION = 4.0
"""sigmoid(4) = 0.982 and its slope there is 0.0177, 7 % of the largest; tanh is flatter still."""
ROWS = 1024
"""Rows x[t] that are multiplied: enough for shares to 3 % (two standard errors), and a few
megabytes for 1,000 columns; more would show in the peak memory of a small training."""
CARRIERS = (
    "InputLayer", "Masking", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout",
    "Reshape", "Permute", "ZeroPadding1D", "Identity",
)  # fmt: skip
"""Layers that hand their input on at its own scale."""
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "Bidirectional")


def drives(model: Any, inputs: dict[str, Array]) -> Iterator[DriveFacts]:
    """Yields one record for every recurrent layer that reads the data at their own scale.

    Args:
        model: A built Keras model with its initial weights.
        inputs: Input arrays by the name of the model's input, shape (samples, steps, features).
    """
    for layer in model.layers:
        if type(layer).__name__ not in RECURRENT:
            continue
        source = _source(layer, inputs, model)
        if source is not None and source.ndim == 3:
            yield from _drive(layer, source)


def _source(layer: Any, inputs: dict[str, Array], model: Any) -> Array | None:
    """Follows the graph upwards while layers only hand their input on."""
    for _ in range(len(model.layers) + 1):
        parents = _parents(layer)
        if not parents:
            return next(iter(inputs.values())) if layer is model.layers[0] else None
        layer = parents[0]
        if type(layer).__name__ not in CARRIERS:
            return None
        if type(layer).__name__ == "InputLayer":
            return inputs.get(layer.name, next(iter(inputs.values())) if len(inputs) == 1 else None)
        if type(layer).__name__ in ("Reshape", "Permute"):
            return None
    return None


def _parents(layer: Any) -> list[Any]:
    nodes = getattr(layer, "_inbound_nodes", [])
    return [parent.operation for node in nodes[:1] for parent in node.parent_nodes]


def _drive(layer: Any, source: Array) -> Iterator[DriveFacts]:
    recurrent = getattr(layer, "forward_layer", layer)
    cell = getattr(recurrent, "cell", None)
    kernel = getattr(cell, "kernel", None)
    if kernel is None or source.shape[2] != kernel.shape[0]:
        return
    rows = source.reshape(-1, source.shape[2])
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(int)].astype(np.float64)
    rows = rows[np.isfinite(rows).all(axis=1)]
    if not len(rows):
        return
    weights = np.asarray(keras.ops.convert_to_numpy(kernel.value), np.float64)
    driven = rows @ weights
    power = float((driven**2).mean())
    offset = float((driven.mean(axis=0) ** 2).mean())
    spread = rows.var(axis=0) * (weights**2).mean(axis=1)
    yield DriveFacts(
        layer=layer.name,
        saturated=float((np.abs(driven) > SATURATION).mean()),
        strength=power**0.5,
        offset_share=offset / power if power > 0 else 0.0,
        largest_share=float(spread.max() / spread.sum()) if spread.sum() > 0 else 1.0,
    )
