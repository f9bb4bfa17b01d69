"""Shorter steps when longer ones bring nothing more."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.fitting import called_back

CAUSES = ("no_lr_schedule", "lr_too_high")
SUMMARY = "Lower the learning rate whenever the loss no longer falls."


def edits(script: Script) -> Edits:
    """Gives ``fit`` a ``ReduceLROnPlateau`` on the training loss."""
    return called_back(script, 'ReduceLROnPlateau(monitor="loss", patience=2)')
