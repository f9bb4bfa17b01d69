"""Asks every rule what the source of a script shows."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence

import unstuck
from unstuck.case.script import Script
from unstuck.findings.registry import rules
from unstuck.findings.rule import Rule
from unstuck.lint.ignoring import Ignored
from unstuck.record import Diagnosis, Finding, Tool

_WORDS = re.compile("keras|compile|fit")
"""A script without any of them makes and trains no model, and nothing need be evaluated."""


def check(script: Script, asked: Iterable[Rule] | None = None) -> list[Finding]:
    """Returns what rules suspect in a script, by line, without what its comments ignore.

    A finding stands once, even if a loop or several calls of a function lead to it.
    In a notebook, lines are those of its cells.

    Args:
        script: The script.
        asked: The rules to ask; all of them if None.
    """
    return [as_seen(finding, script) for finding in suspicions(script, asked)]


def suspicions(script: Script, asked: Iterable[Rule] | None = None) -> list[Finding]:
    """Returns the same with the lines of the script's whole text, as its edits need them."""
    if not _WORDS.search(script.text):
        return []
    ignored = Ignored(script)
    found: dict[tuple[str, int | None, str], Finding] = {}
    for rule in rules() if asked is None else asked:
        for finding in rule.suspect(script):
            key = (finding.code, finding.location.line, finding.message)
            if not ignored.covers(finding):
                found.setdefault(key, finding)
    return sorted(found.values(), key=lambda one: (one.location.line or 0, one.code))


def as_seen(finding: Finding, script: Script) -> Finding:
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
    location = dataclasses.replace(finding.location, file=place.file, line=place.line)
    return dataclasses.replace(finding, location=location, treatments=treatments)


def diagnose(scripts: Iterable[Script]) -> Diagnosis:
    """Returns what the rules suspect in some scripts, as a diagnosis without fits."""
    paths: list[str] = []
    findings: list[Finding] = []
    sources: dict[str, str] = {}
    for script in scripts:  # one at a time: the trees of a thousand would fill the memory
        paths.append(script.path)
        suspected = check(script)
        findings += suspected
        if suspected:
            sources.update(script.sources())
    return diagnosis_of(paths, findings, sources)


def diagnosis_of(
    paths: Sequence[str], findings: Iterable[Finding], sources: Mapping[str, str]
) -> Diagnosis:
    """Returns findings as a diagnosis without fits.

    Args:
        paths: The scripts that were read.
        findings: What was suspected in them.
        sources: Text by the files that the findings name.
    """
    suspected = tuple(findings)
    return Diagnosis(
        tool=Tool(version=unstuck.__version__),
        script=paths[0] if len(paths) == 1 else None,
        fits=(),
        findings=suspected,
        verdict="undetermined",
        summary=_summary(len(suspected), len(paths)),
        sources=sources,
    )


def _summary(findings: int, scripts: int) -> str:
    where = "1 script" if scripts == 1 else f"{scripts} scripts"
    if not findings:
        return f"Nothing suspected in {where}; read, not run."
    what = "1 cause" if findings == 1 else f"{findings} causes"
    return f"Suspected {what} in {where}; read, not run."
