"""More time."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits, argument_edit
from unstuck.trials.treatments.places import trained

CAUSES = ("too_few_updates", "lr_too_low", "undetermined")
SUMMARY = "Train for three times as many epochs."


FACTOR = 3
"""Enough to see a difference, within the patience of a trial."""


def edits(script: Script) -> Edits:
    """Gives ``fit`` more epochs, where their number is written."""
    model = trained(script)
    fit = model.fits[0] if model is not None and len(model.fits) == 1 else None
    epochs = fit.get("epochs", 1).value if fit is not None else None
    if fit is None or not isinstance(epochs, int) or isinstance(epochs, bool):
        return ()
    return argument_edit(fit, script, "epochs", str(FACTOR * epochs))
