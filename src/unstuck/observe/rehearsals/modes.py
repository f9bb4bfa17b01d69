"""The same rows in training mode and in inference mode, with the weights as they were left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from unstuck.observe.rehearsals.facts import ModeFacts
from unstuck.observe.rehearsals.original import Original
from unstuck.observe.rehearsals.rows import Course, Rows

BATCHES = 8
"""Batches of the user's size that are looked at: some hundred rows."""


def modes(original: Original, model: Any, course: Course) -> ModeFacts | None:
    """Compares both modes, None where no layer normalizes by its batch.

    Args:
        model: A copy of the user's model; its moving averages go on.
        course: Rows and their bounds.
    """
    layer = next((one for one in _normalizing(model) if one.trainable), None)
    if layer is None or not original.finite:
        return None
    loss = original.output_loss
    losses: dict[bool, list[float]] = {True: [], False: []}
    for rows in _parts(course.train, original.batch):
        for mode, found in losses.items():
            # The training pass moves the averages, so that each batch starts from the user's.
            for variable, value in zip(model.weights, original.weights, strict=True):
                variable.assign(value)
            out = np.asarray(keras.ops.convert_to_numpy(model(rows.x, training=mode)))
            found.append(loss.mean(rows.y, out, rows.weights))
    training, inference = (float(np.mean(losses[mode])) for mode in (True, False))
    if not (np.isfinite(training) and np.isfinite(inference)):
        return None
    return ModeFacts(
        layer=layer.name,
        training=training,
        inference=inference,
        constant=course.constant,
        perfect=course.perfect,
        momentum=float(layer.momentum),
    )


def _normalizing(model: Any) -> Iterator[Any]:
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, keras.layers.BatchNormalization):
            yield layer


def _parts(rows: Rows, size: int) -> Iterator[Rows]:
    """Yields batches of one size, in random order as ``fit`` would make them."""
    order = np.random.default_rng(0).permutation(rows.count)
    for start in range(0, min(BATCHES, rows.count // size) * size, size):
        yield rows.take(order[start : start + size])
