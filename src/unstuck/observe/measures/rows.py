"""The entries of a trace that count, and their size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.xray.trace import Array, Trace

ROUNDING = 8 * float(np.finfo(np.float32).eps)
"""Two float32 numbers that should be equal may differ by this share of the larger one: backends
sum in different orders, and a step of a recurrence makes a handful of roundings of half an
epsilon each."""


SAFE = (1e-30, 1e30)
"""Sums of squares, the lower end for each number in them, between which float32 loses nothing: its
numbers overflow at 3e38, and what vanishes below 1e-38 is not felt beside a mean of 1e-30."""


def rows(trace: Trace, values: Array) -> Array:
    """Returns the counted (sample, step) entries of an array as rows, those that aren't finite out.

    Args:
        values: Shape (samples, steps, width).

    Returns:
        Shape (entries, width), in any order.
    """
    if trace.mask is None:
        # A pass gives one step after the other; to put samples first would take a copy.
        flat = values.swapaxes(0, 1).reshape(-1, values.shape[-1])
    else:
        flat = values[trace.mask]
    return flat if all_finite(flat) else np.asarray(flat[np.isfinite(flat).all(axis=-1)])


def all_finite(values: Array) -> bool:
    """Whether an array surely holds only finite numbers; False also where their sum overflows.

    A sum that NumPy adds up itself: a product of vectors would go to threads of the linear algebra
    library, for which one of the other passes of an x-ray has to make room.
    """
    return math.isfinite(values.sum())


def rms(values: Array) -> float:
    """Root mean square, 0 of nothing."""
    return math.sqrt(square_sum(values) / values.size) if values.size else 0.0


def square_sum(values: Array) -> float:
    """Sum of squares, also where squares of single numbers leave the range of float32.

    Row by row in the array's own precision, which takes a third of the time; rows are short enough
    to lose nothing that matters, their sums are added up in float64.
    """
    if values.ndim == 2:
        total = float(np.einsum("ij,ij->i", values, values).sum(dtype=np.float64))
        if SAFE[0] * values.size < total < SAFE[1]:
            return total
    return float(np.square(values, dtype=np.float64).sum())


def mean(values: Array) -> float:
    """Mean, 0 of nothing."""
    return float(values.mean(dtype=np.float64)) if values.size else 0.0


def ratio(above: float, below: float) -> float | None:
    """Quotient of two sizes; None where it isn't a finite number."""
    value = above / below if below else math.inf
    return value if math.isfinite(value) else None


def nonfinite_share(trace: Trace, values: npt.NDArray[Any]) -> float:
    """Share of the counted (sample, step) entries of an array that hold a NaN or an infinity."""
    entries = int(trace.counted.sum())
    return 1 - len(rows(trace, values)) / entries if entries else 0.0
