"""Steps that one steep batch cannot make long."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.optimization.choice import choices
from unstuck.findings.sites import Edits

CAUSES = (
    "exploding_gradients",
    "no_gradient_clipping",
    "lr_too_high",
    "lstm_relu_activation",
    "undetermined",
)
SUMMARY = "Clip the norm of each gradient at 1."


NORM = 1.0
"""The usual bound: gradients of a sound LSTM stay below it once its loss has fallen."""


def edits(script: Script) -> Edits:
    """Gives the optimizer ``clipnorm``."""
    found = [choice for _, choice in choices(script)]
    return found[0].clipped(NORM) if len(found) == 1 else ()
