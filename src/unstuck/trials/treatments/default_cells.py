"""Recurrent cells as their authors made them."""

from __future__ import annotations

from unstuck.case.edits import remove_argument
from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import recurrent, trained

CAUSES = (
    "lstm_relu_activation",
    "lstm_internal_activation_wrong",
    "dead_units",
    "poor_initialization",
    "saturated_gates",
    "exploding_gradients",
    "vanishing_gradients",
    "undetermined",
)
SUMMARY = "Leave activations and initial weights of the recurrent layers at their defaults."


OPTIONS = (
    *("activation", "recurrent_activation", "unit_forget_bias"),
    *("kernel_initializer", "recurrent_initializer", "bias_initializer"),
)
"""Options whose defaults were chosen for gradients that last."""


def edits(script: Script) -> Edits:
    """Takes one such option out of each recurrent layer; a second trial takes the next."""
    model = trained(script)
    found: list[Edits] = []
    for layer in recurrent(model) if model is not None else ():
        given = [name for name in OPTIONS if name in layer.arguments]
        found += [remove_argument(layer, script, name) for name in given[:1]]
    edits = tuple(edit for part in found for edit in part)
    lines = [edit.line for edit in edits]
    return edits if found and all(found) and len(set(lines)) == len(lines) else ()
