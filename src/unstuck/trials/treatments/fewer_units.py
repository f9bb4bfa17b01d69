"""Less room to learn by heart."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits, argument_edit
from unstuck.trials.treatments.places import recurrent, trained

CAUSES = ("capacity_too_large", "overfitting", "insufficient_data")
SUMMARY = "Give the recurrent layers a quarter of the units."


FACTOR = 0.25
"""Sizes matter by their order of magnitude."""


def edits(script: Script) -> Edits:
    """Gives each recurrent layer another size, where it is written as a number."""
    model = trained(script)
    found: list[Edits] = []
    for layer in recurrent(model) if model is not None else ():
        units = layer.get("units").value
        if isinstance(units, int) and not isinstance(units, bool):
            found.append(argument_edit(layer, script, "units", str(max(1, int(FACTOR * units)))))
    edits = tuple(dict.fromkeys(edit for part in found for edit in part))
    lines = [edit.line for edit in edits]
    return edits if found and all(found) and len(set(lines)) == len(lines) else ()
