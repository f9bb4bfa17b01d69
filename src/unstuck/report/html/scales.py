"""Which part of the number line a chart shows, and where it puts its ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

WIDE = 30.0
"""Largest over smallest value from which a logarithmic axis reads better than a linear one."""
MOST_TICKS = 7
"""Ticks that fit beside the lowest chart."""
FEWEST_TICKS = 3
"""Below this many powers of ten, their doubles and fivefolds become ticks too."""
MARGIN = 0.06
"""Share of the axis left free above and below the curves."""


LARGEST = 1e300
"""Beyond this the margin of an axis would overflow; nothing is drawn there."""
SMALLEST = 1e-300
"""Below this the margin of a logarithmic axis would underflow; it counts as 0."""
EXPONENTS = (-307.0, 308.0)
"""Powers of ten that float64 holds in full; an axis ends there, whatever its margin."""


def finite(values: Iterable[float | None]) -> list[float]:
    """Returns the values that can be drawn."""
    known = (value for value in values if value is not None and abs(value) <= LARGEST)
    return [value if abs(value) >= SMALLEST else 0.0 for value in known]


def axis(values: Iterable[float | None], prefer_log: bool = False) -> dict[str, Any] | None:
    """Chooses an axis that shows all values; None where there are none.

    Args:
        values: What will be drawn.
        prefer_log: Whether to be logarithmic wherever the values allow it, with
            zeros on a line of their own at the bottom.

    Returns:
        ``type`` ("log" or "linear"), ``domain`` (two numbers), ``ticks`` (numbers,
        or None to leave them to the chart) and ``zero``: the height at which a
        logarithmic axis shows zeros, None where it shows none.
    """
    drawn = finite(values)
    if not drawn:
        return None
    positive = [value for value in drawn if value > 0]
    if positive and prefer_log and min(drawn) >= 0:
        return _logarithmic(positive, zeros=len(positive) < len(drawn))
    if len(positive) == len(drawn) and max(drawn) / min(drawn) >= WIDE:
        return _logarithmic(positive, zeros=False)
    return _linear(drawn)


def _linear(drawn: Sequence[float]) -> dict[str, Any]:
    low, high = min(drawn), max(drawn)
    # A constant gets room on both sides, so that it is drawn in the middle as a flat line.
    room = (high - low) * MARGIN if high > low else (abs(high) * 0.5 or 1.0)
    # What is never negative gets no room below zero but for the width of its line.
    bottom = low - room if low < 0 else max(low - room, -MARGIN * (high or 1.0))
    return {
        "type": "linear",
        "domain": [bottom, high + room],
        "ticks": None if low or high else [0.0],
        "zero": None,
    }


def _logarithmic(positive: Sequence[float], zeros: bool) -> dict[str, Any]:
    low, high = math.log10(min(positive)), math.log10(max(positive))
    room = max((high - low) * MARGIN, 0.15)
    bottom, top = max(low - room, EXPONENTS[0]), min(high + room, EXPONENTS[1])
    ticks = _powers(bottom, top)
    zero = 10 ** (math.floor(low) - 1) if zeros else None
    if zero:
        bottom = max(math.log10(zero) - room, EXPONENTS[0])
    return {
        "type": "log",
        "domain": [10**bottom, 10**top],
        "ticks": [zero, *ticks] if zero else ticks,
        "zero": zero,
    }


def _powers(low: float, high: float) -> list[float]:
    """Returns powers of ten between two exponents, and multiples of them if they are few."""
    exponents = range(math.floor(low), math.ceil(high) + 1)
    for factors in ((1,), (1, 2, 5)):
        ticks = [
            float(f"{factor}e{exponent}")
            for exponent in exponents
            for factor in factors
            if low <= exponent + math.log10(factor) <= high
        ]
        if len(ticks) >= FEWEST_TICKS:
            break
    return ticks[:: math.ceil(len(ticks) / MOST_TICKS)] if ticks else []
