"""A cure as records: what was proven goes to the findings that it answers."""

from __future__ import annotations

import dataclasses
from typing import Any

from unstuck.record import LEVELS, Diagnosis, Finding, Treatment
from unstuck.trials.attempt import told_change, told_outcome, told_tried
from unstuck.trials.change import Change
from unstuck.trials.cure import Cure
from unstuck.trials.proof import Proof
from unstuck.trials.search import Tried
from unstuck.trials.trial import OWN_SEED


def diagnosis(cure: Cure, diff: str) -> Diagnosis | None:
    """Returns the diagnosis of the script as it was, with trials and with what they proved.

    Args:
        cure: The cure.
        diff: The patch; empty if none is handed out.
    """
    if cure.before is None:
        return None
    findings = tuple(_finding(finding, cure) for finding in cure.before.findings)
    fix = _fix(cure, diff)
    return dataclasses.replace(cure.before, findings=findings, fix=fix)


def _finding(finding: Finding, cure: Cure) -> Finding:
    tried = [one for one in cure.tried if one.change.code == finding.code]
    numbers = {one.change.treatment.id: _trial(one, cure) for one in tried if not one.on}
    own = {treatment.id for treatment in finding.treatments}
    home = finding.location.file if finding.location.file in dict(cure.version.modules) else None
    general = [_there(one.change, home) for one in tried if not one.on]
    treatments = [*finding.treatments, *(t for t in general if t.id not in own)]
    return dataclasses.replace(
        finding,
        level=max(finding.level, cure.level(finding), key=LEVELS.index),
        treatments=tuple(_with(treatment, numbers.get(treatment.id)) for treatment in treatments),
    )


def _there(change: Change, home: str | None) -> Treatment:
    """Returns the treatment of a change; its lines say nothing beside the place in another file."""
    treatment = change.treatment
    return treatment if change.file == home else dataclasses.replace(treatment, edits=())


def _with(treatment: Treatment, numbers: dict[str, Any] | None) -> Treatment:
    return dataclasses.replace(treatment, trial=numbers) if numbers else treatment


def _trial(tried: Tried, cure: Cure) -> dict[str, Any] | None:
    """Returns the numbers of a treatment: those of its proof, if it is the whole cure."""
    alone = [change.treatment for change in cure.changes] == [tried.change.treatment]
    if alone and cure.proof.pairs:
        return cure.proof.told()
    if tried.compared is None:
        return None
    return Proof((tried.compared,), (OWN_SEED,)).told()


def _fix(cure: Cure, diff: str) -> dict[str, Any]:
    alone = cure.alone if cure.sold else None
    return {
        **told_outcome(cure),
        "changes": [_change(change, cure) for change in cure.changes],
        "trial": cure.proof.told() or None,
        "tried": [_tried(one) for one in cure.tried],
        "runs": cure.runs,
        "diff": diff,
        "alone": {"code": alone.code, "output": alone.output} if alone is not None else None,
    }


def _change(change: Change, cure: Cure) -> dict[str, Any]:
    without = cure.necessary.get(change.name)
    left = (without.told() or None) if without is not None else None
    return {**told_change(change), "without": left}


def _tried(one: Tried) -> dict[str, Any]:
    return {**told_tried(one), "exit_code": one.ran.code}
