"""Inputs of about unit size, made so inside the model, which then takes them as they are."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import data, free_name, in_front, section, trained

CAUSES = (
    "no_input_scaling",
    "saturated_gates",
    "exploding_gradients",
    "vanishing_gradients",
    "undetermined",
)
SUMMARY = "Normalize the inputs inside the model, by the mean and spread of the training data."


def edits(script: Script) -> Edits:
    """Puts a ``Normalization`` behind the input that is adapted on what ``fit`` is given."""
    model = trained(script)
    kinds = {layer.kind for layer in model.layers} if model is not None else set()
    # Ids are no quantities, and a mask looks for a value that scaling would change.
    if model is None or kinds & {"Embedding", "Masking", "Normalization"}:
        return ()
    x = data(script, model).x
    if x is None:
        return ()
    layers, imported = section(script, "layers")
    name = free_name(script, "normalize")
    place = in_front(script, model, name, f"{name} = {layers}.Normalization()\n{name}.adapt({x})")
    return (*imported, *place) if place else ()
