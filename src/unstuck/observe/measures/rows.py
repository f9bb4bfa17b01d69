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


def rows(trace: Trace, values: Array) -> Array:
    """Returns the counted (sample, step) entries of an array as rows, those that aren't finite out.

    Args:
        values: Shape (samples, steps, width).

    Returns:
        Shape (entries, width).
    """
    flat = values.reshape(-1, values.shape[-1]) if trace.mask is None else values[trace.mask]
    if math.isfinite(flat.sum()):  # one pass says it all where all is well
        return flat
    return np.asarray(flat[np.isfinite(flat).all(axis=-1)])


def rms(values: Array) -> float:
    """Root mean square, 0 of nothing; in float64, where no float32 overflows or vanishes."""
    squares = np.square(values, dtype=np.float64)
    return math.sqrt(float(squares.sum()) / squares.size) if squares.size else 0.0


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
