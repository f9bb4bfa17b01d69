"""Units that cannot rely on each other."""

from __future__ import annotations

from unstuck.case.edits import set_argument
from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import recurrent, trained

CAUSES = ("overfitting", "capacity_too_large", "insufficient_data")
SUMMARY = "Drop a third of the inputs of the recurrent layers in training."


RATE = 0.3
"""The middle of what is usual for recurrent layers."""


def edits(script: Script) -> Edits:
    """Gives each recurrent layer ``dropout``, where it has none."""
    model = trained(script)
    layers = [one for one in recurrent(model) if "dropout" not in one.arguments] if model else []
    found = [set_argument(layer, script, "dropout", f"{RATE}") for layer in layers]
    edits = tuple(edit for part in found for edit in part)
    lines = [edit.line for edit in edits]
    return edits if found and all(found) and len(set(lines)) == len(lines) else ()
