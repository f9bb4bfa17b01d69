"""Batches of the usual size."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits, argument_edit
from unstuck.trials.treatments.places import trained

CAUSES = ("batch_size_too_small", "batch_size_too_large", "too_few_updates", "undetermined")
SUMMARY = "Train with batches of 32."


USUAL = 32
"""What Keras takes by default."""


def edits(script: Script) -> Edits:
    """Gives ``fit`` the usual batch size, where another one is written."""
    model = trained(script)
    fit = model.fits[0] if model is not None and len(model.fits) == 1 else None
    size = fit.get("batch_size").value if fit is not None else None
    if fit is None or not isinstance(size, int) or size == USUAL:
        return ()
    return argument_edit(fit, script, "batch_size", str(USUAL))
