"""An optimizer with a rate for each weight and no momentum."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.optimizing import chosen

CAUSES = ("optimizer_unsuited", "optimizer_step_too_small")
SUMMARY = "Use RMSprop with its defaults."


def edits(script: Script) -> Edits:
    """Names RMSprop in ``compile``."""
    choice = chosen(script)
    return choice.replaced("rmsprop") if choice is not None and choice.kind != "RMSprop" else ()
