"""Findings as workflow commands of GitHub Actions, which shows them beside the changed lines.

Source: GitHub's "Workflow commands for GitHub Actions", section "Setting an error message";
the escapes are those of ``@actions/core``, command.ts.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from unstuck.case.notebook import cell_of
from unstuck.record import Diagnosis, Finding, Severity

_COMMANDS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "note": "notice"}
_IN_MESSAGES: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES: Final = {**_IN_MESSAGES, ":": "%3A", ",": "%2C"}


def text(diagnosis: Diagnosis) -> str:
    """Returns one command a finding, each in a line of its own."""
    return "".join(f"{_command(finding)}\n" for finding in diagnosis.findings)


def _command(finding: Finding) -> str:
    path, cell = cell_of(finding.location.file or "")
    properties = {"title": f"{finding.code} {finding.name}"}
    message = finding.message
    if cell is not None:
        # A line of a cell isn't one of the file.
        properties = {"file": relative(path), **properties}
        message = f"Cell {cell}, line {finding.location.line}: {message}"
    elif path:
        line = {} if finding.location.line is None else {"line": str(finding.location.line)}
        properties = {"file": relative(path), **line, **properties}
    told = ",".join(
        f"{name}={_escaped(value, _IN_PROPERTIES)}" for name, value in properties.items()
    )
    return f"::{_COMMANDS[finding.severity]} {told}::{_escaped(message, _IN_MESSAGES)}"


def relative(path: str) -> str:
    """Returns a path from the working directory on, as it is if that doesn't hold it."""
    if not os.path.isabs(path):
        return Path(path).as_posix()
    inside = os.path.relpath(path)
    return Path(path if inside.startswith("..") else inside).as_posix()


def _escaped(value: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in value)
