"""What trials of a model came to, as records."""

from __future__ import annotations

import dataclasses
from typing import Any

from unstuck.record import LEVELS, Diagnosis, Finding
from unstuck.trials.attempt import told_change, told_outcome, told_tried
from unstuck.trials.specified.fixing import Fixing


def diagnosis(fixing: Fixing) -> Diagnosis:
    """Returns the diagnosis of the training as it was, with what was tried and proven."""
    found = tuple(_finding(finding, fixing) for finding in fixing.before.findings)
    return dataclasses.replace(fixing.before, findings=found, fix=_fix(fixing))


def _finding(finding: Finding, fixing: Fixing) -> Finding:
    level = max(finding.level, fixing.level(finding), key=LEVELS.index)
    return dataclasses.replace(finding, level=level)


def _fix(fixing: Fixing) -> dict[str, Any]:
    return {
        **told_outcome(fixing),
        "changes": [told_change(one) for one in fixing.changes],
        "trial": fixing.proof.told() or None,
        "tried": [told_tried(one) for one in fixing.tried],
        "runs": fixing.trials,
        "diff": "",
        "alone": None,
    }
