"""How much the recurrent layers can hold."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits, argument_edit
from unstuck.trials.searching.knob import Value, steps
from unstuck.trials.treatments.places import recurrent, trained
from unstuck.trials.treatments.repeating import one_by_one

CAUSES = ("capacity_too_small", "capacity_too_large", "overfitting", "insufficient_data")
SUMMARY = "Give the first recurrent layer {} units, and others as many times their own."

SMALLEST, LARGEST = 4, 512
"""Fewer hold next to nothing; more take minutes where the script takes seconds. A script's own
size is never outside."""
AROUND = 8.0
"""Times the script's own size, up and down: beyond that another script is wanted."""


def own(script: Script) -> Value | None:
    """Returns the units of the first recurrent layer, None where not all are numbers."""
    sizes = _sizes(script)
    return sizes[0] if sizes else None


def grid(script: Script) -> tuple[Value, ...]:
    """Returns the script's own size, doubled and halved."""
    sizes = _sizes(script)
    if not sizes:
        return ()
    low, high = max(SMALLEST, sizes[0] / AROUND), min(LARGEST, sizes[0] * AROUND)
    found = steps(sizes[0], min(low, sizes[0]), max(high, sizes[0]), 2)
    return tuple(sorted({max(1, int(size)) for size in found}))


def edits(script: Script, value: Value) -> Edits:
    """Scales all recurrent layers alike."""
    factor = float(value) / _sizes(script)[0]
    wanted = [max(1, round(factor * size)) for size in _sizes(script)]

    def step(current: Script) -> Edits:
        model = trained(current)
        for layer, size in zip(recurrent(model) if model else (), wanted, strict=False):
            if layer.get("units").value != size:
                return argument_edit(layer, current, "units", str(size))
        return ()

    return one_by_one(script, step)


def _sizes(script: Script) -> list[int]:
    model = trained(script)
    sizes = [layer.get("units").value for layer in recurrent(model)] if model is not None else []
    return [size for size in sizes if type(size) is int] if all(_whole(s) for s in sizes) else []


def _whole(size: object) -> bool:
    return type(size) is int and size > 0
