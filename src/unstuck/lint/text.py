"""Findings of a linter as lines that editors and terminals know how to open."""

from __future__ import annotations

import re

from unstuck.record import Diagnosis, Finding

_LINE_END = re.compile(r"\r\n|\r|\n")


def text(diagnosis: Diagnosis) -> str:
    """Returns ``file:line:column: severity: CODE name: message`` for each, then the summary."""
    lines = [_line(finding, diagnosis) for finding in diagnosis.findings]
    return "".join(f"{line}\n" for line in [*lines, diagnosis.summary])


def _line(finding: Finding, diagnosis: Diagnosis) -> str:
    place = f"{finding.location.file}:{finding.location.line or 1}:{column(finding, diagnosis)}"
    message = " ".join(finding.message.split())
    return f"{place}: {finding.severity}: {finding.code} {finding.name}: {message}"


def column(finding: Finding, diagnosis: Diagnosis) -> int:
    """Returns the column of the line's first character that isn't blank, counted from 1."""
    old = line_of(finding, diagnosis)
    return len(old) - len(old.lstrip()) + 1


def line_of(finding: Finding, diagnosis: Diagnosis) -> str:
    """Returns the line of source that a finding names, empty where it isn't known."""
    lines = _LINE_END.split(diagnosis.sources.get(finding.location.file or "", ""))
    number = finding.location.line or 1
    return lines[number - 1] if number <= len(lines) else ""
