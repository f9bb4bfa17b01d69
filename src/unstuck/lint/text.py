"""Findings of a linter as lines that editors and terminals know how to open."""

from __future__ import annotations

from unstuck.record import Diagnosis, Finding


def text(diagnosis: Diagnosis) -> str:
    """Returns ``file:line:column: CODE name: message`` for each finding, then the summary."""
    lines = [_line(finding, diagnosis) for finding in diagnosis.findings]
    return "".join(f"{line}\n" for line in [*lines, diagnosis.summary])


def _line(finding: Finding, diagnosis: Diagnosis) -> str:
    where = finding.location
    column = _column(diagnosis.sources.get(where.file or "", ""), where.line or 1)
    place = f"{where.file}:{where.line or 1}:{column}"
    return f"{place}: {finding.code} {finding.name}: {' '.join(finding.message.split())}"


def _column(source: str, line: int) -> int:
    """Returns the column of the line's first character that isn't blank, counted from 1."""
    lines = source.split("\n")
    old = lines[line - 1] if line <= len(lines) else ""
    return len(old) - len(old.lstrip()) + 1
