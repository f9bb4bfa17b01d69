"""A rate that comes to rest with the training."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.optimizing import scheduled

CAUSES = ("no_lr_schedule", "lr_too_high")
SUMMARY = "Lower the learning rate along a cosine, to nothing at the end of the training."


def edits(script: Script) -> Edits:
    """Gives the optimizer a ``CosineDecay`` over all updates, where their number can be told."""
    return scheduled(script, "{rate}, {updates}")
