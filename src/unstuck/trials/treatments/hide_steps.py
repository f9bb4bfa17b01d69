"""Samples with time steps missing."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.augmenting import steps, varied
from unstuck.trials.treatments.places import trained

CAUSES = ("insufficient_data", "overfitting")
SUMMARY = "Set a tenth of the time steps to zero in training, all features of a step at once."


RATE = 0.1
"""So that most of a sample, and of any of its passages, is left."""


def edits(script: Script) -> Edits:
    """Puts a ``Dropout`` in front of the layer that reads the sequences, one draw for a step."""
    model = trained(script)
    # The only step of a sample is all of it.
    if model is None or steps(model) == 1:
        return ()
    return varied(script, f"Dropout({RATE}, noise_shape=(None, None, 1))")
