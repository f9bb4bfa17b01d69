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


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Orders findings, the answer first, and drops what is said twice.

    Order: severity, then causes before what they explain, then the rule's weight, then
    confidence and level.
    """
    ordered = sorted(_distinct(findings), key=_key)
    for finding in list(ordered):
        _put_before_symptoms(finding, ordered)
    return tuple(sorted(_yielding(ordered), key=lambda f: SEVERITIES.index(f.severity)))


def _yielding(ordered: Sequence[Finding]) -> list[Finding]:
    """Makes warnings of errors that an error before them explains.

    They may go away with it, so they are no reason of their own to call the run broken. A fault
    of data or contract explains every course that the training took.
    """
    found: list[Finding] = []
    for finding in ordered:
        before = [other for other in found if other.severity == "error"]
        explained = any(finding.cause in other.explains for other in before)
        law = any(rule(other.code).weight >= LAW for other in before)
        if finding.severity == "error" and (explained or (law and finding.code[:3] in COURSE)):
            finding = dataclasses.replace(finding, severity="warning")
        found.append(finding)
    return found


def _key(finding: Finding) -> tuple[float, ...]:
    return (
        SEVERITIES.index(finding.severity),
        -rule(finding.code).weight,
        -finding.confidence,
        -LEVELS.index(finding.level),
    )


def _put_before_symptoms(finding: Finding, ordered: list[Finding]) -> None:
    """Moves a cause before the first finding that it explains, if both are as severe."""
    here = ordered.index(finding)
    for position, other in enumerate(ordered[:here]):
        explained = other.cause in finding.explains and finding.cause not in other.explains
        if explained and finding.severity == other.severity:
            ordered.insert(position, ordered.pop(here))
            return


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Keeps the surest of the findings that name the same cause at the same place."""
    best: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        place = finding.location
        key = (finding.cause, place.file, place.line, place.layer)
        if key not in best or _key(finding) < _key(best[key]):
            best[key] = finding
    return list(best.values())
