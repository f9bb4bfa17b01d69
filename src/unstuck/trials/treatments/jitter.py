"""Samples with noise on every value."""

from __future__ import annotations

from unstuck.case.script import Model, Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.augmenting import reader, varied
from unstuck.trials.treatments.places import bound, data, numpy_name, statement, trained

CAUSES = ("insufficient_data", "overfitting")
SUMMARY = "Add noise to the inputs in training, a tenth of the spread of the calmest feature."


SHARE = 0.1
"""Of a spread: what jitters by a tenth of it is still the same sample."""
LARGEST = 1.0
"""The most that ``GaussianNoise`` takes."""


def edits(script: Script) -> Edits:
    """Puts a ``GaussianNoise`` in front of the layer that reads the sequences."""
    model = trained(script)
    spread = _spread(script, model) if model is not None else None
    return varied(script, f"GaussianNoise({spread})") if spread is not None else ()


def _spread(script: Script, model: Model) -> str | None:
    """Returns the noise as source: a number behind a normalization, else measured in the data."""
    if "Normalization" in {layer.kind for layer in model.layers}:
        return f"{SHARE}"
    first, x, numpy = reader(script, model), data(script, model).x, numpy_name(script)
    if first is None or x is None or numpy is None:
        return None
    if not bound(script, x, statement(script, first.node), model.fits[0].node):
        return None
    return f"min({LARGEST}, {SHARE} * float({numpy}.std({x}, axis=(0, 1)).min()))"
