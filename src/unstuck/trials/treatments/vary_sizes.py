"""Samples whose values are a little larger or smaller."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.augmenting import varied

CAUSES = ("insufficient_data", "overfitting")
SUMMARY = "Multiply each input in training by a random number near 1, with a spread of a tenth."


RATE = 0.01
"""``GaussianDropout`` scales with a spread of sqrt(rate / (1 - rate)), here a tenth. It knows no
unit and leaves zeros, so also padding, as they are."""


def edits(script: Script) -> Edits:
    """Puts a ``GaussianDropout`` in front of the layer that reads the sequences."""
    return varied(script, f"GaussianDropout({RATE})")
