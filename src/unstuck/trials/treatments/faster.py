"""Longer steps."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.optimization.choice import choices
from unstuck.findings.sites import Edits

CAUSES = ("lr_too_low", "too_few_updates", "vanishing_gradients", "undetermined")
SUMMARY = "Use ten times the learning rate."


FACTOR = 10
"""Rates matter by their order of magnitude."""


def edits(script: Script) -> Edits:
    """Gives the optimizer another rate, where its rate is a number."""
    found = [choice for _, choice in choices(script) if choice.rate is not None]
    return found[0].rated((found[0].rate or 0.0) * FACTOR) if len(found) == 1 else ()
