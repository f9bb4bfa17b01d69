"""Turn the raw rows that a step leaves into measurements with names."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np

from unstuck.observe.clipping import Clipping
from unstuck.observe.step import BLOCKS, HEADER

COLUMNS = (
    "GRADIENT_NORM",
    "CLIPPED_NORM",
    "GRADIENT_MAX",
    "NONFINITE",
    "WEIGHT_NORM",
    "UPDATE_NORM",
)
"""What ``Steps.values`` holds of each variable, in this order."""
GRADIENT_NORM, CLIPPED_NORM, GRADIENT_MAX, NONFINITE, WEIGHT_NORM, UPDATE_NORM = range(len(COLUMNS))


@dataclasses.dataclass(frozen=True)
class Watched:
    """A trainable variable.

    Attributes:
        path: Its path as Keras gives it.
        layer: Name of the layer of the model that owns it.
        weight: Its name in that layer, for example "kernel", "recurrent_kernel" or "bias".
        shape: Its shape.
    """

    path: str
    layer: str
    weight: str
    shape: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Steps:
    """Consecutive training steps.

    Attributes:
        first: Index of the first of them, counted from 0 since the probe was attached.
        loss: Loss of each batch, unscaled, shape (steps,); NaN where the step hides it.
        learning_rate: Learning rate of each step, shape (steps,).
        values: Shape (steps, variables, len(COLUMNS)), float32. Norms are Euclidean. Gradient
            norms and the largest absolute entry are before clipping and free of any loss scale;
            the clipped norm is of what the update was computed from, NaN where the weights were
            not updated; the weight norm is from before the update.
    """

    first: int
    loss: np.ndarray
    learning_rate: np.ndarray
    values: np.ndarray


def measured(rows: np.ndarray, first: int, clipping: Clipping) -> Steps:
    """Names the numbers of raw rows, shape (steps, width), and takes the loss scale out."""
    header = dict(zip(HEADER, rows[:, : len(HEADER)].T, strict=True))
    blocks = rows[:, len(HEADER) :].reshape(len(rows), len(BLOCKS), -1)
    raw = {name: blocks[:, index].astype(np.float64) for index, name in enumerate(BLOCKS)}
    scale = header["loss_scale"].astype(np.float64)[:, None]
    with np.errstate(all="ignore"):
        norm = raw["norm"] / scale
        arrived = norm if clipping.passes_raw else raw["arrived"]
        columns = (
            norm,
            clipping.clipped_norms(arrived, header["is_update"], raw["nonfinite"]),
            raw["largest"] / scale,
            raw["nonfinite"],
            raw["weights"],
            raw["updates"],
        )
        values = np.stack(columns, axis=-1).astype(np.float32)
    return Steps(first, header["loss"].copy(), header["learning_rate"].copy(), values)


def watched(model: keras.Model, variables: list[keras.Variable]) -> tuple[Watched, ...]:
    """Describes variables by the layers that own them; cells belong to their layer."""
    owners: dict[int, str] = {}
    layers = [layer for layer in model._flatten_layers(include_self=False, recursive=False)]
    while layers:
        layer = layers.pop()
        owners.update({id(variable): layer.name for variable in layer.variables})
        if isinstance(layer, keras.Model):
            layers.extend(layer._flatten_layers(include_self=False, recursive=False))
    return tuple(
        Watched(v.path, owners.get(id(v), model.name), v.name, tuple(v.shape)) for v in variables
    )
