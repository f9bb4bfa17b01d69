"""How much of its inputs a layer does without in training."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.script import Call, Script
from unstuck.findings.generalization.strength import DROPOUTS
from unstuck.findings.sites import Edits
from unstuck.trials.searching.knob import Value
from unstuck.trials.treatments.places import recurrent, trained
from unstuck.trials.treatments.repeating import one_by_one

CAUSES = ("over_regularization", "overfitting", "capacity_too_large", "insufficient_data")
SUMMARY = "Drop {} of the inputs."

WORTH = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Up to a half, which is the most that is usual anywhere."""


def own(script: Script) -> Value | None:
    """Returns the highest rate, None where a rate can't be read or nothing could drop."""
    rates = [layer.get(name, 0.0).value for layer, name in _places(script)]
    if not rates or not all(isinstance(rate, int | float) for rate in rates):
        return None
    return max(float(rate) for rate in rates)


def grid(script: Script) -> tuple[Value, ...]:
    """Returns the usual rates and the script's own."""
    value = own(script)
    return () if value is None else tuple(sorted({*WORTH, float(value)}))


def edits(script: Script, value: Value) -> Edits:
    """Gives all layers that drop the same rate; where there are none, the recurrent ones."""

    def step(current: Script) -> Edits:
        for layer, name in _places(current):
            if layer.get(name, 0.0).value != value:
                return set_argument(layer, current, name, f"{value:g}")
        return ()

    return one_by_one(script, step)


def _places(script: Script) -> Iterator[tuple[Call, str]]:
    """Yields layers of the model with the name of what they drop."""
    model = trained(script)
    if model is None:
        return
    dropping = [(layer, "rate") for layer in model.layers if layer.kind in DROPOUTS]
    yield from dropping or [(layer, "dropout") for layer in recurrent(model)]
