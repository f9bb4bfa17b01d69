"""Samples that start from a state of their own."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import recurrent, trained
from unstuck.trials.treatments.repeating import one_by_one, without

CAUSES = ("stateful_misuse",)
SUMMARY = "Start every sample from an empty state, in all recurrent layers."


def edits(script: Script) -> Edits:
    """Takes ``stateful`` out of every recurrent layer; the rule's own edit takes one."""
    return one_by_one(script, _next)


def _next(script: Script) -> Edits:
    model = trained(script)
    layers = recurrent(model) if model is not None else ()
    carrying = (one for one in layers if one.get("stateful", False).value is not False)
    return without(script, carrying, ("stateful",))
