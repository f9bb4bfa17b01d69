"""How long the steps are."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.course import USUAL_RATE
from unstuck.findings.sites import Edits
from unstuck.trials.searching.knob import Value, steps
from unstuck.trials.treatments.optimizing import chosen

CAUSES = ("lr_too_low", "lr_too_high", "vanishing_gradients", "exploding_gradients")
SUMMARY = "Use a learning rate of {}."

AROUND = 100.0
"""Times the rate that is usual for the optimizer, up and down; the script's own is never outside.
What trains is rarely further away, whatever the sizes and the batches are."""
FACTOR = 10**0.5
"""Rates matter by their order of magnitude; half of one is fine enough."""


def own(script: Script) -> Value | None:
    """Returns the rate of the optimizer, None where it is no number or there are several."""
    choice = chosen(script)
    return choice.rate if choice is not None else None


def grid(script: Script) -> tuple[Value, ...]:
    """Returns rates around the script's own and the usual one."""
    choice = chosen(script)
    if choice is None or choice.rate is None:
        return ()
    usual = USUAL_RATE[choice.kind]
    low, high = min(choice.rate, usual / AROUND), max(choice.rate, usual * AROUND)
    return tuple(
        rate if rate == choice.rate else float(f"{rate:.1g}")
        for rate in steps(choice.rate, low, high, FACTOR)
    )


def edits(script: Script, value: Value) -> Edits:
    """Gives the optimizer another rate."""
    choice = chosen(script)
    return choice.rated(float(value)) if choice is not None and choice.rate is not None else ()
