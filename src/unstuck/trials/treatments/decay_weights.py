"""Weights that fade where the data do not hold them up."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.optimizing import chosen, constructed

CAUSES = ("overfitting", "capacity_too_large", "insufficient_data")
SUMMARY = "Use AdamW, which is Adam with weight decay, at the same rate."


DECAY = 0.01
"""That of its authors' code and of most of its users."""


def edits(script: Script) -> Edits:
    """Puts ``AdamW`` in the place of an ``Adam`` that is given a rate at most."""
    choice = chosen(script)
    if choice is None or choice.kind != "Adam" or choice.rate is None:
        return ()
    call = choice.value.call
    if call is not None and set(call.arguments) - {"learning_rate"}:
        return ()
    return constructed(choice, "AdamW", f"learning_rate={choice.rate:g}, weight_decay={DECAY}")
