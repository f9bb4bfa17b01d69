"""Weights that may grow as far as the data ask for it."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import trained
from unstuck.trials.treatments.repeating import one_by_one, without

CAUSES = ("over_regularization",)
SUMMARY = "Take the penalties on weights and activations away."


OPTIONS = (
    *("kernel_regularizer", "recurrent_regularizer", "bias_regularizer"),
    *("activity_regularizer", "embeddings_regularizer"),
)
"""Options of layers that add to the loss what is none of the data."""


def edits(script: Script) -> Edits:
    """Takes such options out of every layer of the model."""
    return one_by_one(script, _next)


def _next(script: Script) -> Edits:
    model = trained(script)
    return without(script, model.layers if model is not None else (), OPTIONS)
