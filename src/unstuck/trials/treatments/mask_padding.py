"""Time steps of zeros that a recurrent layer passes over."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import in_front, section, trained

CAUSES = ("padding_not_masked",)
SUMMARY = "Mask time steps that are zero throughout."


def edits(script: Script) -> Edits:
    """Puts a ``Masking`` behind the input of a model that reads numbers."""
    model = trained(script)
    if model is None or {layer.kind for layer in model.layers} & {"Embedding", "Masking"}:
        return ()
    layers, imported = section(script, "layers")
    place = in_front(script, model, f"{layers}.Masking()")
    return (*imported, *place) if place else ()
