"""Samples of the data of a fit in the form that outcomes are measured on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.case.arrays import leaves, map_nest, take
from unstuck.case.compiled import output_names
from unstuck.case.fitting import FitArguments
from unstuck.case.graph import input_names
from unstuck.case.sampling import Sample as Rows
from unstuck.case.sampling import training_sample, validation_sample
from unstuck.case.stream import Tap
from unstuck.observe.outcomes import Sample

Array = npt.NDArray[Any]
Opening = tuple[Array, dict[str, Array]]

COUNT = 1024
"""Samples that outcomes are measured on: shares are then right to 3 % (two standard errors), and
predicting them takes a fraction of a second."""
ENTRIES = 4_000_000
"""Entries of the inputs that are predicted on, so that long sequences get fewer samples."""
OPENING = 1024
"""Consecutive windows that show whether the targets continue them, and what came before each:
many times the longest horizon that is compared."""
DRIVE = 64
"""Samples whose rows tell how the data drive the gates."""


def samples(model: Any, arguments: FitArguments | None, tap: Tap | None) -> list[Sample]:
    """Returns a training and, where there is one, a validation sample."""
    source = tap if tap is not None and tap.batches else arguments
    if source is None:
        return []
    rows = {
        "train": training_sample(source, COUNT),
        "validation": validation_sample(source, COUNT),
    }
    # Keras folds class weights into the batches of a stream before the tap sees them.
    weights = arguments.class_weight if arguments is source and arguments is not None else None
    opening = _opening(model, arguments)
    return [
        _sample(model, split, _bounded(part), weights if split == "train" else None, opening)
        for split, part in rows.items()
        if part is not None and part.y is not None
    ]


def first_rows(model: Any, arguments: FitArguments) -> dict[str, Array]:
    """Returns a few samples of each input by its name."""
    rows = training_sample(arguments, DRIVE)
    if rows is None:
        return {}
    if isinstance(rows.x, dict):
        return {str(name): np.asarray(leaf) for name, leaf in rows.x.items()}
    return dict(zip(input_names(model) or ["input"], map(np.asarray, leaves(rows.x)), strict=False))


def _bounded(rows: Rows) -> Rows:
    entries = sum(np.size(leaf) for leaf in leaves(rows.x))
    if entries <= ENTRIES:
        return rows
    pick = np.linspace(0, rows.count - 1, max(1, rows.count * ENTRIES // entries)).astype(int)
    parts = (rows.x, rows.y, rows.sample_weight)
    return Rows(*(map_nest(lambda leaf: take(leaf, pick), part) for part in parts))


def _sample(
    model: Any,
    split: str,
    rows: Rows,
    class_weight: Mapping[Any, float] | None,
    opening: Opening | None,
) -> Sample:
    targets = _by_output(model, rows.y)
    weights = {} if rows.sample_weight is None else _by_output(model, rows.sample_weight)
    if class_weight and len(targets) == 1:
        (name, target), *_ = targets.items()
        weights[name] = weights.get(name, np.float32(1.0)) * _class_weights(target, class_weight)
    return Sample(split, rows.x, targets, weights, opening, rows.y)


def _by_output(model: Any, nest: Any) -> dict[str, Array]:
    names = list(output_names(model)) or ["output"]
    if isinstance(nest, Mapping):
        return {str(name): np.asarray(leaf) for name, leaf in nest.items() if leaf is not None}
    leaves = nest if isinstance(nest, list | tuple) else [nest]
    return {
        name: np.asarray(leaf)
        for name, leaf in zip(names, leaves, strict=False)
        if leaf is not None
    }


def _class_weights(target: Array, weights: Mapping[Any, float]) -> Array:
    """Returns the weight of each sample by its class, as Keras folds ``class_weight`` in."""
    hot = target.ndim > 1 and target.shape[-1] > 1
    classes = (target.argmax(axis=-1) if hot else target.reshape(len(target), -1)[:, 0]).astype(int)
    return np.asarray([float(weights.get(int(value), 1.0)) for value in classes], np.float32)


def _opening(model: Any, arguments: FitArguments | None) -> Opening | None:
    """Returns the first rows of an array's data in the user's order, None for a stream."""
    if arguments is None or arguments.streamed:
        return None
    windows = next(iter(leaves(arguments.x)), None)
    if windows is None or arguments.y is None or len(windows.shape) != 3:
        return None
    entries = int(np.prod(windows.shape[1:]))
    picked = np.arange(min(OPENING, len(windows), ENTRIES // max(entries, 1)))
    targets = map_nest(lambda leaf: take(leaf, picked), arguments.y)
    return np.asarray(take(windows, picked)), _by_output(model, targets)
