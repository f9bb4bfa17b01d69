"""Maps of an x-ray as codes of one byte: a level of a colour scale, or why there is none."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.xray.grids import bins, rebinned
from unstuck.pictures import SitePicture

LEVELS = 250
"""Levels of a scale: more than an eye tells apart, and 0.4 % of a scale from 0 to 1."""
ZERO, BROKEN, MISSING = 250, 251, 255
"""Codes of an exact zero on a logarithmic scale, of NaN and infinity, of no sample that counts."""
DECADES = 8.0
"""Powers of ten of a logarithmic scale: float32 has seven digits, so that what is smaller than
1e-8 of the largest gradient is lost in any sum with it."""

Codes = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Scale:
    """What a colour stands for.

    Attributes:
        low, high: Ends; of a logarithmic scale without a positive value both are 1.
        clipped: Whether the lowest colour stands for lower numbers too.
    """

    palette: str
    low: float
    high: float
    log: bool = False
    clipped: bool = False

    def codes(self, values: Values, weights: Values) -> Codes:
        """Returns the code of each value; ``weights`` are 0 where nothing counts."""
        with np.errstate(all="ignore"):
            if self.log:
                share = np.log(values / self.low) / (math.log(self.high / self.low) or 1.0)
            else:
                share = (values - self.low) / (self.high - self.low)
            level = np.clip(np.round(np.nan_to_num(share) * (LEVELS - 1)), 0, LEVELS - 1)
        codes = np.where(np.isfinite(values), level, BROKEN)
        if self.log:
            codes = np.where(values == 0, ZERO, codes)
        return np.asarray(np.where(weights > 0, codes, MISSING), np.uint8)

    def value(self, share: float) -> float:
        """Returns the number at a share of the scale between 0 and 1."""
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + (self.high - self.low) * share


def activation_scale(maps: Iterable[Values], gate: bool) -> Scale:
    """Returns the scale for mean activations; all maps of a quantity share it.

    Args:
        maps: What will be drawn.
        gate: Whether 1 is the end of what it can be, if it stays below: then what is small looks
            small, and a shut gate looks the same everywhere.
    """
    known = _finite(maps)
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if low < 0:
        most = max(-low, high)
        most = 1.0 if gate and most <= 1 else most
        return Scale("signed", -most, most)
    if (gate and high <= 1) or not high:
        return Scale("viridis", 0.0, 1.0)
    return Scale("viridis", 0.0, high)


def gradient_scale(maps: Iterable[Values]) -> Scale:
    """Returns the logarithmic scale for gradients; all maps that are compared share it."""
    known = _finite(maps)
    positive = known[known > 0]
    if not positive.size:
        return Scale("cividis", 1.0, 1.0, log=True)
    low, high = float(positive.min()), float(positive.max())
    floor = high / 10**DECADES
    if low < floor:
        return Scale("cividis", floor, high, log=True, clipped=True)
    return Scale("cividis", low if low < high else high / 10, high, log=True)


@dataclasses.dataclass(frozen=True)
class Sheet:
    """The maps of one site in one x-ray, thinned out to what will be drawn.

    Attributes:
        maps: By measure and quantity, shape (rows, columns).
        courses: The same over all units, shape (1, columns).
        weights: How many numbers each entry of a map stands for, up to a factor.
        counted: Share of samples that count in each column.
        cut: Time steps and units of a cell; the last one of each may be smaller.
    """

    maps: Mapping[tuple[str, str], Values]
    courses: Mapping[tuple[str, str], Values]
    weights: Values
    counted: Values
    cut: tuple[int, int]


def sheet(site: SitePicture, columns: int, rows: int) -> Sheet | None:
    """Thins out the maps of a site to so many columns and rows; None where there are none."""
    if not site.maps:
        return None
    steps, units = np.array(site.step_bins), np.array(site.unit_bins)
    widths = steps[:, 1] - steps[:, 0] + 1
    weights = np.outer(units[:, 1] - units[:, 0] + 1, np.array(site.counted) * widths)
    by_row, by_column = bins(len(units), rows), bins(len(steps), columns)
    whole = bins(len(units), 1)
    maps: dict[tuple[str, str], Values] = {}
    courses: dict[tuple[str, str], Values] = {}
    for grid in site.maps:
        values = np.frombuffer(grid.data, "<f4").reshape(grid.shape).astype(float)
        squared = grid.measure == "gradient"
        for found, chosen in ((maps, by_row), (courses, whole)):
            found[grid.measure, grid.quantity] = rebinned(
                values, weights, chosen, by_column, squared
            ).astype(float)
    over_columns = np.add.reduceat(weights, by_column[:, 0], axis=1)
    return Sheet(
        maps=maps,
        courses=courses,
        weights=np.add.reduceat(over_columns, by_row[:, 0], axis=0),
        counted=np.add.reduceat(np.array(site.counted) * widths, by_column[:, 0])
        / np.add.reduceat(widths, by_column[:, 0]),
        cut=(
            int(steps[by_column[0, 1], 1]) + 1,
            int(units[by_row[0, 1], 1]) + 1,
        ),
    )


def _finite(maps: Iterable[Values]) -> npt.NDArray[Any]:
    found = [values[np.isfinite(values)] for values in maps]
    return np.concatenate(found) if found else np.zeros(0)
