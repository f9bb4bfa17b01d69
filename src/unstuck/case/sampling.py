"""Evenly spread rows of the data of a fit, for predictions once it is over."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from unstuck.case.arrays import leaves, map_nest, spread, take
from unstuck.case.data import Batch, array_batches
from unstuck.case.fitting import FitArguments


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """Rows of data as numpy arrays, nested as ``model(x)`` takes them.

    Attributes:
        x: Inputs.
        y: Targets, None where there are none.
        sample_weight: Weights, None where there are none.
        indices: Which samples of the arrays these are; None for a stream.
    """

    x: Any
    y: Any = None
    sample_weight: Any = None
    indices: Any = None

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(next((leaf for leaf in leaves(self.x) if leaf is not None), ()))


def training_sample(source: Any, count: int) -> Sample | None:
    """Returns at most ``count`` training samples that lie evenly over the data.

    Args:
        source: ``FitArguments`` of arrays, a ``Tap`` with batches of a stream, or a tuple
            (x, y) or (x, y, sample_weight) of arrays.
        count: Number of samples wanted.

    Returns:
        The samples, None if nothing can be read without consuming it.
    """
    if isinstance(source, FitArguments):
        batch = (source.x, source.y, source.sample_weight)
        return None if source.streamed else _spread_sample(batch, count)
    if hasattr(source, "batches"):
        return joined(source.batches, count)
    return _first(array_batches(source), count)


def validation_sample(source: Any, count: int) -> Sample | None:
    """Returns at most ``count`` validation samples; None if they are a stream or missing.

    Args:
        source: ``FitArguments`` or a ``Tap``.
        count: Number of samples wanted.
    """
    return _first(array_batches(source.validation_data), count)


def joined(batches: Sequence[Batch], count: int) -> Sample | None:
    """Returns whole batches of one shape as one sample, about ``count`` samples in all.

    Batches whose sequences have another length than those of the first are left out.
    """
    fitting = [batch for batch in batches if _form(batch) == _form(batches[0])]
    if not fitting:
        return None
    merged = tuple(_concatenated([batch[index] for batch in fitting]) for index in range(3))
    return _spread_sample(merged, count, keep_indices=False)


def _first(batches: Sequence[Batch], count: int) -> Sample | None:
    return _spread_sample(batches[0], count) if batches else None


def _spread_sample(
    batch: tuple[Any, ...], count: int, *, keep_indices: bool = True
) -> Sample | None:
    held = [leaf for leaf in leaves(batch[0]) if leaf is not None]
    if not held:
        return None
    indices = spread(int(held[0].shape[0]), count)
    x, y, weights = (map_nest(lambda leaf: take(leaf, indices), part) for part in batch)
    return Sample(x, y, weights, indices if keep_indices else None)


def _form(batch: Batch) -> list[Any]:
    return [None if leaf is None else np.shape(leaf)[1:] for leaf in leaves(batch)]


def _concatenated(parts: Sequence[Any]) -> Any:
    first = parts[0]
    if first is None:
        return None
    if isinstance(first, dict):
        return {key: _concatenated([part[key] for part in parts]) for key in first}
    if isinstance(first, list | tuple):
        return type(first)(_concatenated(items) for items in zip(*parts, strict=True))
    return np.concatenate(parts)
