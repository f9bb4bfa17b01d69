"""Short steps until an adaptive optimizer knows its gradients."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.optimizing import scheduled

CAUSES = ("lr_too_high", "exploding_gradients")
SUMMARY = "Raise the learning rate over the first tenth of the training, then lower it."


def edits(script: Script) -> Edits:
    """Gives the optimizer a ``CosineDecay`` that starts from nothing."""
    return scheduled(
        script, "0.0, {updates}, warmup_target={rate}, warmup_steps=1 + {updates} // 10"
    )
