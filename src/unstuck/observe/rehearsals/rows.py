"""The rows of data that copies are trained on."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.case.arrays import spread
from unstuck.observe.controls import constant_predictor, perfect_predictor
from unstuck.observe.losses import OutputLoss
from unstuck.observe.outcomes import Sample

Array = npt.NDArray[Any]

SEEN = 256
"""Rows that a loss is measured on: its error is then a few percent, and it takes milliseconds."""
HELD = 5
"""One row of so many is held out where the user has no validation data."""


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows of a model with one output.

    Attributes:
        x: Any nesting of arrays with the samples first.
        y: Targets, shape (samples, ...).
        weights: Sample weights, shape (samples,) or (samples, steps), or None.
    """

    x: Any
    y: Array
    weights: Array | None = None

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.y)

    def take(self, index: Array) -> Rows:
        """Returns some of the rows."""
        x = keras.tree.map_structure(lambda leaf: leaf[index], self.x)
        return Rows(x, self.y[index], None if self.weights is None else self.weights[index])

    def spread(self, count: int = SEEN) -> Rows:
        """Returns rows that lie evenly over these."""
        return self.take(spread(self.count, count))


@dataclasses.dataclass(frozen=True)
class Course:
    """Rows to train on, rows to measure on, and what a constant and perfection cost there.

    Attributes:
        train: Rows to draw batches from.
        seen: Some of them.
        held: Rows that are not trained on, None where there are none.
    """

    train: Rows
    seen: Rows
    held: Rows | None
    constant: float
    constant_held_out: float | None
    perfect: float


def course(
    train: Rows, held: Rows | None, loss: OutputLoss, shape: tuple[int, ...]
) -> Course | None:
    """Prepares rows; None where a constant leaves nothing to learn, or has no loss.

    Args:
        shape: Shape of a prediction, without the samples.
    """
    seen = train.spread()
    held = None if held is None else held.spread()
    constant, perfect = _bounds(seen, loss, shape)
    if constant is None or perfect is None or not constant > perfect:
        return None
    held_out = None if held is None else _bounds(held, loss, shape)[0]
    return Course(train, seen, held, constant, held_out, perfect)


def _bounds(
    rows: Rows, loss: OutputLoss, shape: tuple[int, ...]
) -> tuple[float | None, float | None]:
    full = (rows.count, *shape)
    return (
        constant_predictor(loss, rows.y, full, rows.weights),
        perfect_predictor(loss, rows.y, full, rows.weights),
    )


def rows_of(sample: Sample, name: str) -> Rows:
    """Returns a sample as rows, real numbers in Keras's float type."""
    weights = sample.weights.get(name)
    return Rows(
        keras.tree.map_structure(_typed, sample.x),
        _typed(np.asarray(sample.targets[name])),
        None if weights is None else np.asarray(weights, np.float32),
    )


def split(train: Rows, validation: Rows | None) -> tuple[Rows, Rows | None]:
    """Returns rows to train on and rows to hold out: the user's own, or one in HELD."""
    if validation is not None or train.count < 4 * HELD:
        return train, validation
    order = np.random.default_rng(0).permutation(train.count)
    cut = train.count // HELD
    return train.take(np.sort(order[cut:])), train.take(np.sort(order[:cut]))


def batches(rows: Rows, size: int, steps: int, seed: int) -> list[Array]:
    """Draws the rows of each step: shuffled passes over all of them, whole batches only."""
    rng = np.random.default_rng(seed)
    size = min(size, rows.count)
    orders: list[Array] = []
    while len(orders) < steps:
        order = rng.permutation(rows.count)[: rows.count // size * size]
        orders += list(order.reshape(-1, size))
    return orders[:steps]


def _typed(leaf: Any) -> Array:
    array = np.asarray(leaf)
    return array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array
