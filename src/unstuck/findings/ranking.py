"""Which finding is the answer: causes before their symptoms, then what matters most."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from unstuck.findings.registry import rule
from unstuck.record import LEVELS, SEVERITIES, Finding

LAW = 100
"""Weight from which a rule rests on a law of data or contract, see ``Rule.weight``."""
COURSE = ("OPT", "GRD", "GEN")
"""Families that judge the course of a training, which any such fault shapes."""
LAST_RESORT = ("architecture_wrong_for_task",)
"""Causes that are concluded from nothing else having helped: whatever else is found comes first."""

CONTRARY = (
    ("lr_too_low", "lr_too_high"),
    ("capacity_too_small", "capacity_too_large"),
    ("batch_size_too_small", "batch_size_too_large"),
    ("window_too_short", "sequence_too_long"),
    ("overfitting", "over_regularization"),
)
"""Causes that call for opposite changes: nobody can follow both, so the lesser one is not said."""


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Orders findings, the answer first, and drops what is said twice or contradicts another.

    Order: severity, then causes before what they explain, then the rule's weight, then
    confidence and level. The order in which the findings came does not matter.
    """
    ordered = _causes_first(_distinct(findings))
    while (yielding := _yielding(ordered)) != ordered:
        ordered = _causes_first(yielding)
    return tuple(_consistent(ordered))


def _consistent(ordered: Sequence[Finding]) -> list[Finding]:
    found: list[Finding] = []
    for finding in ordered:
        opposites = {one for pair in CONTRARY if finding.cause in pair for one in pair}
        if not any(other.cause in opposites - {finding.cause} for other in found):
            found.append(finding)
    return found


def _yielding(ordered: Sequence[Finding]) -> list[Finding]:
    """Makes warnings of errors that an error before them explains.

    They may go away with it, so they are no reason of their own to call the run broken. A fault
    of data or contract explains every course that the training took, and any fault what is
    concluded from there being no other.
    """
    found: list[Finding] = []
    for finding in ordered:
        before = [other for other in found if other.severity == "error"]
        explained = any(finding.cause in other.explains for other in before)
        explained = explained or (bool(before) and finding.cause in LAST_RESORT)
        law = any(rule(other.code).weight >= LAW for other in before)
        if finding.severity == "error" and (explained or (law and finding.code[:3] in COURSE)):
            finding = dataclasses.replace(finding, severity="warning")
        found.append(finding)
    return found


def _key(finding: Finding) -> tuple[float | str, ...]:
    place = finding.location
    return (
        SEVERITIES.index(finding.severity),
        -rule(finding.code).weight,
        -finding.confidence,
        -LEVELS.index(finding.level),
        finding.code,
        str((place.file, place.line, place.layer)),
    )


def _causes_first(findings: Sequence[Finding]) -> list[Finding]:
    """Takes one after the other the weightiest that nothing left over explains.

    Where causes explain each other in a circle, the weightiest of them goes first.
    """
    left = sorted(findings, key=_key)
    ordered: list[Finding] = []
    while left:
        worst = [one for one in left if one.severity == left[0].severity]
        free = (one for one in worst if not any(_explained(one, other) for other in worst))
        taken = next(free, worst[0])
        left.remove(taken)
        ordered.append(taken)
    return ordered


def _explained(finding: Finding, other: Finding) -> bool:
    """Whether the other is the cause of this one, and not the reverse as well."""
    return finding.cause in other.explains and other.cause not in finding.explains


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Keeps the surest of the findings that name the same cause at the same place."""
    best: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        place = finding.location
        key = (finding.cause, place.file, place.line, place.layer)
        if key not in best or _key(finding) < _key(best[key]):
            best[key] = finding
    return list(best.values())
