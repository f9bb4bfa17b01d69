"""The loss against its controls as a small drawing that needs no script."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from unstuck.record import Curves, LossSummary
from unstuck.report.html.scales import axis
from unstuck.report.html.series import lines
from unstuck.report.wording import number

WIDTH = 640
HEIGHT = 150
"""Units of the drawing, which a page scales to its own width."""
POINTS = 300
"""Points of one curve: two units apart, which is as fine as the drawing shows."""
_TOP = 14
"""Room above the highest curve for the label of a control."""

Scale = Callable[[float], float]


def sketch(curves: Curves, loss: LossSummary) -> dict[str, Any] | None:
    """Returns the drawing as a plain dict; None where there is no loss to draw.

    Returns:
        ``width``, ``height``, ``curves`` (``name`` and the SVG path ``d``),
        ``rules`` (``name``, ``y`` and ``label_y`` of each control) and ``caption``.
    """
    drawn = lines(curves, stride=max(1, math.ceil(len(curves.steps) / POINTS)))["loss"]
    known = {"best constant": loss.constant_predictor, "naive forecast": loss.naive_forecast}
    controls = {name: value for name, value in known.items() if value is not None}
    scale = axis([*(value for line in drawn for value in line["y"]), *controls.values()])
    if not drawn or scale is None:
        return None
    steps = [step for line in drawn for step in line["x"]]
    across, up = _across(min(steps), max(steps)), _up(scale)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "curves": [{"name": line["name"], "d": _path(line, across, up)} for line in drawn],
        "rules": _rules(controls, up),
        "caption": f"Loss over steps {min(steps):,} to {max(steps):,}",
    }


def _across(first: int, last: int) -> Scale:
    return lambda step: WIDTH * (step - first) / max(1, last - first)


def _up(scale: Mapping[str, Any]) -> Scale:
    measure: Scale = math.log10 if scale["type"] == "log" else float
    low, high = (measure(end) for end in scale["domain"])
    return lambda value: HEIGHT - (HEIGHT - _TOP) * (measure(value) - low) / (high - low)


def _path(line: Mapping[str, Any], across: Scale, up: Scale) -> str:
    """Joins neighbouring points; a gap lifts the pen, and a lone point is drawn as a dot."""
    commands = []
    pen_down = False
    for step, value in zip(line["x"], line["y"], strict=True):
        if value is not None:
            at = f"{across(step):.1f} {up(value):.1f}"
            commands.append(f"L{at}" if pen_down else f"M{at}h0.01")
        pen_down = value is not None
    return "".join(commands)


def _rules(controls: Mapping[str, float], up: Scale) -> list[dict[str, Any]]:
    """Places the controls' rules; of two, the lower one is labelled below its rule."""
    heights: Sequence[tuple[str, float, float]] = sorted(
        ((name, value, up(value)) for name, value in controls.items()), key=lambda row: row[2]
    )
    return [
        {
            "name": f"{name} {number(value)}",
            "y": round(height, 1),
            "label_y": round(height + (12 if index else -4), 1),
        }
        for index, (name, value, height) in enumerate(heights)
    ]
