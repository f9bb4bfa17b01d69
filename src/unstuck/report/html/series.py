"""The curves of a fit as lines of plain numbers, small enough for a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from unstuck.record import Curves
from unstuck.report.html.scales import finite
from unstuck.report.wording import visible

NAME = 100
"""Characters of a layer's name, which a page repeats for every chart."""
DIGITS = 4
"""Significant digits of a drawn number: more than a screen can show."""

WINDOWS = 40
"""Windows over which the loss is averaged: a course of 40 points is smooth, and still a course."""

Numbers = Sequence[float | None]


def count(curves: Curves) -> int:
    """Returns how many numbers the curves hold."""
    layered = (*curves.gradient_norm.values(), *curves.update_ratio.values())
    return sum(map(len, (curves.loss, curves.learning_rate, curves.validation_loss, *layered)))


def lines(curves: Curves, stride: int) -> dict[str, Any]:
    """Returns the lines of each chart by its name.

    Args:
        curves: What was recorded.
        stride: Recorded steps that share one drawn point. It shows the largest of
            them, since what a reader must not miss is a spike.

    Returns:
        ``loss``, ``learning_rate``, ``gradient_norm`` and ``update_ratio``: lists of
        lines, each with ``name``, ``x`` and ``y``. The charts by layer have the same
        layers in the same order, which gives each its colour.
    """
    steps = list(curves.steps[::stride])
    layers = list(dict.fromkeys((*curves.gradient_norm, *curves.update_ratio)))
    return {
        "loss": [line for line in _losses(curves, steps, stride) if _drawn(line)],
        "learning_rate": [
            line
            for line in [_line("learning rate", steps, _thinned(curves.learning_rate, stride))]
            if _drawn(line)
        ],
        "gradient_norm": _by_layer(curves.gradient_norm, layers, steps, stride),
        "update_ratio": _by_layer(curves.update_ratio, layers, steps, stride),
    }


def _losses(curves: Curves, steps: Sequence[int], stride: int) -> list[dict[str, Any]]:
    """Returns the loss, smoothed where single batches would hide its course, and they behind it."""
    batches = _thinned(curves.loss, stride)
    window = len(batches) // WINDOWS
    held_out = [_line("validation loss", curves.epochs, curves.validation_loss)]
    found = held_out if curves.validation_loss else []
    if window < 2:
        return [_line("training loss", steps, batches), *found]
    smooth = _line(f"training loss, mean of {window} steps", steps, _means(batches, window))
    return [smooth, *found, {**_line("training loss", steps, batches), "faint": True}]


def _means(values: Numbers, window: int) -> list[float | None]:
    """Returns the mean over the last ``window`` values at each; gaps stay gaps."""
    means: list[float | None] = []
    for end in range(1, len(values) + 1):
        part = finite(values[max(0, end - window) : end])
        whole = values[end - 1] is not None and part
        means.append(math.fsum(part) / len(part) if whole else None)
    return means


def _by_layer(
    values: Mapping[str, Numbers], layers: Sequence[str], steps: Sequence[int], stride: int
) -> list[dict[str, Any]]:
    """Returns a line for every layer, empty for one that was not measured, so that order holds."""
    found = [
        _line(visible(name, NAME), steps, _thinned(values.get(name, ()), stride)) for name in layers
    ]
    return found if any(_drawn(line) for line in found) else []


def _thinned(values: Numbers, stride: int) -> list[float | None]:
    if stride == 1:
        return list(values)
    return [_largest(values[start : start + stride]) for start in range(0, len(values), stride)]


def _largest(values: Numbers) -> float | None:
    return max(finite(values), default=None)


def _line(name: str, x: Sequence[int], y: Numbers) -> dict[str, Any]:
    """Pairs positions with values; what is not finite becomes None, which leaves a gap."""
    length = min(len(x), len(y))
    return {
        "name": name,
        "x": list(x[:length]),
        "y": [_rounded(value) for value in y[:length]],
    }


def _rounded(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}")


def _drawn(line: Mapping[str, Any]) -> bool:
    return any(value is not None for value in line["y"])
