"""What a decoder would learn from its own targets: a table of which class follows which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.framing import DecodingFacts

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

FEWEST = 64
"""Samples below which a table of pairs is mostly empty."""
CLASSES = 500
"""Classes up to which pairs are counted: a table of 2 MB."""
PLACES = 16
"""Places of the inputs of which each is tried beside the class before."""
KINDS = 64
"""Distinct values up to which a place of an input is tried: of more, pairs are seen too rarely."""
CELLS = 2_000_000
"""Cells of a table, 16 MB; larger ones would be mostly empty."""
SMALLEST = 1e-7
"""Probability that Keras clips at."""
WHOLE = 0.95
"""Share of the entries of an input that must be those of the targets."""


def decoding(
    output: str, inputs: list[Array], targets: Array, predictions: Array, from_logits: bool
) -> DecodingFacts | None:
    """Compares the model's predictions of classes by step with what the step before tells.

    Args:
        inputs: The model's inputs.
        targets: Class numbers of shape (samples, steps) or (samples, steps, 1), or one-hot rows.
        predictions: Shape (samples, steps, classes).

    Returns:
        None where the targets are no classes by step, or there are too few of them.
    """
    labels = _labels(targets, predictions)
    if labels is None or len(labels) < FEWEST or labels.shape[1] < 2:
        return None
    classes = predictions.shape[2]
    if classes > CLASSES or labels.min() < 0 or labels.max() >= classes:
        return None
    told = _told(labels)
    shifts = tuple(_shift(array, labels, classes) for array in inputs)
    sources = [one for one, shift in zip(inputs, shifts, strict=True) if shift is None]
    kinds = min(KINDS, CELLS // (classes * max(classes, labels.shape[1])))
    known = [np.zeros(len(labels), np.int64), *_places(sources, kinds)]
    unigram, bigram = (
        min(float(_table_loss(labels, classes, place, before)[told].mean()) for place in known)
        for before in (False, True)
    )
    lost = _losses(predictions.astype(np.float64), labels, from_logits)[:, 1:]
    return DecodingFacts(
        output,
        unigram,
        bigram,
        float(lost[told].mean()),
        shifts,
        tuple(bool((array == array[:1]).all()) for array in inputs),
    )


def _labels(targets: Array, predictions: Array) -> Numbers | None:
    """Returns class numbers, shape (samples, steps)."""
    if predictions.ndim != 3 or predictions.shape[2] < 3 or targets.ndim not in (2, 3):
        return None
    hot = targets.ndim == 3 and targets.shape[2] == predictions.shape[2]
    found = targets.argmax(axis=2) if hot else targets.reshape(len(targets), -1)
    if found.shape != predictions.shape[:2] or not (found == np.round(found)).all():
        return None
    return np.asarray(found, np.int64)


def _told(labels: Numbers) -> npt.NDArray[np.bool_]:
    """Marks the steps from the second on that are no padding, shape (samples, steps - 1).

    The class that ends most sequences may fill them up: after itself it says nothing.
    """
    last = np.bincount(labels[:, -1]).argmax()
    filled = (labels[:, 1:] == last) & (labels[:, :-1] == last)
    return np.asarray(~filled if not filled.all() else np.ones_like(filled))


def _places(inputs: list[Array], kinds: int) -> Iterator[Numbers]:
    """Yields places of the inputs that take a few kinds of values, as numbers from zero up."""
    columns = [
        array.reshape(len(array), -1)[:, at]
        for array in inputs
        for at in range(min(array[0].size, PLACES))
    ]
    for column in columns[:PLACES]:
        values, numbered = np.unique(column, return_inverse=True)
        if 1 < len(values) <= kinds:
            yield numbered.reshape(-1)


def _table_loss(labels: Numbers, classes: int, place: Numbers, before: bool) -> Floats:
    """Returns the loss of frequencies that the other half of the samples gave, by step.

    Args:
        place: What is known of each sample, as numbers from zero up.
        before: Whether the class one step before is known; else the number of the step is.
    """
    half = np.arange(len(labels)) % 2 == 0
    steps = np.broadcast_to(np.arange(labels.shape[1] - 1), labels[:, 1:].shape)
    given = labels[:, :-1] if before else steps
    given = place[:, None] * (int(given.max()) + 1) + given
    found = np.empty(given.shape)
    for held in (half, ~half):
        # A tenth of a count for what was not seen, as little as keeps the loss finite.
        table = np.full((int(given.max()) + 1, classes), 0.1)
        np.add.at(table, (given[~held], labels[~held, 1:]), 1)
        shares = table / table.sum(axis=1, keepdims=True)
        found[held] = -np.log(shares[given[held], labels[held, 1:]])
    return found


def _losses(predictions: Floats, labels: Numbers, from_logits: bool) -> Floats:
    shifted = predictions - predictions.max(axis=2, keepdims=True)
    shares = np.exp(shifted) if from_logits else np.clip(predictions, SMALLEST, 1)
    shares = shares / shares.sum(axis=2, keepdims=True)
    right = np.take_along_axis(shares, labels[:, :, None], axis=2)[:, :, 0]
    return np.asarray(-np.log(np.clip(right, SMALLEST, 1)))


def _shift(array: Array, labels: Numbers, classes: int) -> int | None:
    """Returns by how many steps an input lags behind the targets, None if it is neither 0 nor 1."""
    hot = array.ndim == 3 and array.shape[2] == classes
    flat = array.argmax(axis=2) if hot else array.reshape(len(array), -1)
    if flat.shape != labels.shape:
        return None
    if (flat == labels).mean() >= WHOLE:
        return 0
    return 1 if (flat[:, 1:] == labels[:, :-1]).mean() >= WHOLE else None
