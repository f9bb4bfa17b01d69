"""The weights of the best epoch instead of those of the last."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.fitting import called_back

CAUSES = ("overfitting", "capacity_too_large", "insufficient_data", "undetermined")
SUMMARY = "Stop early and keep the weights of the best epoch."


def edits(script: Script) -> Edits:
    """Gives ``fit`` an ``EarlyStopping`` where it has validation data."""
    made = "EarlyStopping(patience=5, restore_best_weights=True)"
    return called_back(script, made, validated=True)
