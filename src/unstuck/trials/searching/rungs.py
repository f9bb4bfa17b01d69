"""A shorter training of the same script, which tells hopeless settings at a quarter of the cost."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import argument_edit
from unstuck.trials.change import edited
from unstuck.trials.treatments.places import trained

SHARE = 4
"""One of so many epochs is run first, as usual for successive halving."""
FEWEST = 8
"""Epochs below which a quarter shows nothing."""


def shorter(text: str) -> str | None:
    """Returns the script with a quarter of its epochs, None where it does not show their number."""
    script = Script.parse(text)
    model = trained(script)
    fit = model.fits[0] if model is not None and len(model.fits) == 1 else None
    epochs = fit.get("epochs", 1).value if fit is not None else None
    if fit is None or type(epochs) is not int or epochs < FEWEST:
        return None
    return edited(text, argument_edit(fit, script, "epochs", str(epochs // SHARE)))
