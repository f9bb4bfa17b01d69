"""Where the bulk of some values ends and outliers begin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

OUTLYING = 5.0
"""Interquartile ranges from the quartiles beyond which a value is an outlier: 7 spreads of a
normal distribution, which none of its values reaches; of an exponential one, one in 900 does."""


def outlier_limits(values: Floats) -> tuple[Floats, Floats]:
    """Returns the lowest and highest value that is no outlier, each of shape (columns,).

    Where half of a column is one value, its quartiles tell no spread, and it has no outliers.

    Args:
        values: Shape (rows, columns), finite; Tukey's fences, set wide.
    """
    if not len(values):
        return np.full(values.shape[1], -np.inf), np.full(values.shape[1], np.inf)
    low, high = np.quantile(values, [0.25, 0.75], axis=0)
    reach = np.where(high > low, OUTLYING * (high - low), np.inf)
    return low - reach, high + reach
