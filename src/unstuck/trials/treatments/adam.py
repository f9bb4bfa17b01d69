"""The optimizer that needs the least tuning."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.optimization.choice import choices
from unstuck.findings.sites import Edits

CAUSES = (
    "optimizer_unsuited",
    "optimizer_step_too_small",
    "lr_too_low",
    "lr_too_high",
    "no_target_scaling",
    "undetermined",
)
SUMMARY = "Use Adam with its defaults."


def edits(script: Script) -> Edits:
    """Names Adam in ``compile``."""
    found = [choice for _, choice in choices(script)]
    return found[0].replaced("adam") if len(found) == 1 else ()
