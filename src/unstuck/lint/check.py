"""Asks every rule what the source of a script shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import unstuck
from unstuck.case.script import Script
from unstuck.findings.registry import rules
from unstuck.lint.ignoring import Ignored
from unstuck.record import Diagnosis, Finding, Location, Tool


def check(script: Script) -> list[Finding]:
    """Returns what the rules suspect in a script, by line, without what its comments ignore.

    A finding stands once, even if a loop or several calls of a function lead to it.
    In a notebook, lines are those of its cells.
    """
    ignored = Ignored(script)
    found: dict[tuple[str, int | None, str], Finding] = {}
    for rule in rules():
        for finding in rule.suspect(script):
            key = (finding.code, finding.location.line, finding.message)
            if not ignored.covers(finding):
                found.setdefault(key, finding)
    ordered = sorted(found.values(), key=lambda one: (one.location.line or 0, one.code))
    return [_as_seen(finding, script) for finding in ordered]


def _as_seen(finding: Finding, script: Script) -> Finding:
    """Names the cell and its lines where the script is a notebook."""
    line = finding.location.line
    if not script.cells or line is None:
        return finding
    place = script.where(line)
    treatments = tuple(
        dataclasses.replace(
            treatment,
            edits=tuple(
                dataclasses.replace(edit, line=script.where(edit.line).line)
                for edit in treatment.edits
            ),
        )
        for treatment in finding.treatments
    )
    location: Location = dataclasses.replace(finding.location, file=place.file, line=place.line)
    return dataclasses.replace(finding, location=location, treatments=treatments)


def diagnose(scripts: Iterable[Script]) -> Diagnosis:
    """Returns what the rules suspect in some scripts, as a diagnosis without fits."""
    read = list(scripts)
    findings = tuple(finding for script in read for finding in check(script))
    sources: dict[str, str] = {}
    for script in read:
        sources.update(script.sources())
    return Diagnosis(
        tool=Tool(version=unstuck.__version__),
        script=read[0].path if len(read) == 1 else None,
        fits=(),
        findings=findings,
        verdict="undetermined",
        summary=_summary(len(findings), len(read)),
        sources=sources,
    )


def _summary(findings: int, scripts: int) -> str:
    where = "1 script" if scripts == 1 else f"{scripts} scripts"
    if not findings:
        return f"Nothing suspected in {where}; read, not run."
    what = "1 cause" if findings == 1 else f"{findings} causes"
    return f"Suspected {what} in {where}; read, not run."
