"""What trials of a model came to, as records."""

from __future__ import annotations

import dataclasses
from typing import Any

from unstuck.record import LEVELS, Diagnosis, Finding, Level
from unstuck.trials.specified.fixing import Fixing
from unstuck.trials.specified.search import Tried


def diagnosis(fixing: Fixing) -> Diagnosis:
    """Returns the diagnosis of the training as it was, with what was tried and proven."""
    found = tuple(_finding(finding, fixing) for finding in fixing.before.findings)
    return dataclasses.replace(fixing.before, findings=found, fix=_fix(fixing))


def _finding(finding: Finding, fixing: Fixing) -> Finding:
    if not fixing.proven or finding.code not in {change.code for change in fixing.changes}:
        return finding
    shown: Level = "cured" if fixing.cured else "proven"
    return dataclasses.replace(finding, level=max(finding.level, shown, key=LEVELS.index))


def _fix(fixing: Fixing) -> dict[str, Any]:
    return {
        "cured": fixing.cured,
        "proven": fixing.proven,
        "verdict": fixing.after.verdict if fixing.after else None,
        "changes": [
            {"code": one.code, "cause": one.cause, "id": one.id, "summary": one.summary}
            for one in fixing.changes
        ],
        "trial": fixing.proof.told() or None,
        "tried": [_tried(one) for one in fixing.tried],
        "runs": fixing.trials,
        "diff": "",
        "alone": None,
    }


def _tried(one: Tried) -> dict[str, Any]:
    return {
        "code": one.change.code,
        "id": one.change.id,
        "summary": one.change.summary,
        "on": [change.name for change in one.on],
        "control": one.compared.control if one.compared else None,
        "treated": one.compared.treated if one.compared else None,
    }
