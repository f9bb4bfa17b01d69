"""Findings as SARIF 2.1.0, which code scanning services and editors read.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 (2020).
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import urllib.parse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unstuck.case.notebook import cell_of
from unstuck.findings.registry import rule
from unstuck.lint.text import column, line_of
from unstuck.record import Diagnosis, Edit, Finding, Treatment, plain
from unstuck.report.github import relative

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def text(diagnosis: Diagnosis, problems: Sequence[str] = ()) -> str:
    """Returns the document as JSON text.

    Args:
        diagnosis: The findings; those of single fits are among them.
        problems: What could not be examined, in sentences.
    """
    return json.dumps(document(diagnosis, problems), indent=2, allow_nan=False) + "\n"


def document(diagnosis: Diagnosis, problems: Sequence[str] = ()) -> dict[str, Any]:
    """Returns the same as plain dicts and lists."""
    codes = sorted({finding.code for finding in diagnosis.findings})
    seen: Counter[tuple[str, ...]] = Counter()
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": diagnosis.tool.name,
                        "semanticVersion": diagnosis.tool.version,
                        "rules": [_rule(code) for code in codes],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": not problems,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": problem}} for problem in problems
                        ],
                    }
                ],
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(finding, diagnosis, codes.index(finding.code), seen)
                    for finding in diagnosis.findings
                ],
            }
        ],
    }


def _rule(code: str) -> dict[str, Any]:
    """Returns the descriptor of a rule, with its page as help."""
    try:
        found = rule(code)
    except KeyError:  # of a recording that a newer version has made
        return {"id": code}
    page = inspect.getdoc(type(found)) or ""
    first, _, sections = page.partition("\n\n")
    return {
        "id": code,
        "name": type(found).__name__,
        "shortDescription": {"text": first},
        "fullDescription": {"text": " ".join(sections.split("\n\n")[0].split("\n")[1:]) or first},
        "help": {"text": page, "markdown": page},
        "properties": {"tags": ["keras", "lstm"], "name": found.name, "cause": found.cause},
    }


def _result(
    finding: Finding, diagnosis: Diagnosis, index: int, seen: Counter[tuple[str, ...]]
) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": _locations(finding, diagnosis),
        "partialFingerprints": {"unstuck/v1": _fingerprint(finding, diagnosis, seen)},
        "fixes": _fixes(finding),
        "rank": 100 * finding.confidence,
        "properties": {"level": finding.level, "evidence": plain(finding.evidence)},
    }


def _locations(finding: Finding, diagnosis: Diagnosis) -> list[dict[str, Any]]:
    where = finding.location
    if where.file is None:
        return []
    path, cell = cell_of(where.file)
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    if cell is not None:
        name = f"cell {cell}, line {where.line}"
        return [{"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": name}]}]
    if where.line is not None:
        physical["region"] = {"startLine": where.line, "startColumn": column(finding, diagnosis)}
    return [{"physicalLocation": physical}]


def _uri(path: str) -> str:
    short = relative(path)
    if Path(short).is_absolute():
        return Path(short).as_uri()
    return urllib.parse.quote(os.fsencode(short))  # a name need not be text


def _fingerprint(finding: Finding, diagnosis: Diagnosis, seen: Counter[tuple[str, ...]]) -> str:
    """Returns what stays the same when lines above move: rule, file, the line itself, and count."""
    path, _ = cell_of(finding.location.file or "")
    parts = (finding.code, relative(path), line_of(finding, diagnosis).strip())
    seen[parts] += 1
    told = "\0".join((*parts, str(seen[parts])))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _fixes(finding: Finding) -> list[dict[str, Any]]:
    """Returns every treatment that has edits, once."""
    path, cell = cell_of(finding.location.file or "")
    if not path or cell is not None:  # a line of a cell isn't one of the file
        return []
    fixes = [_fix(treatment, path) for treatment in finding.treatments if treatment.edits]
    return [fix for at, fix in enumerate(fixes) if fix not in fixes[:at]]


def _fix(treatment: Treatment, path: str) -> dict[str, Any]:
    return {
        "description": {"text": treatment.summary},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": _uri(path)},
                "replacements": [_replacement(edit) for edit in treatment.edits],
            }
        ],
        "properties": {"safe": treatment.safe},
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    """Returns an edit as SARIF has it: a region that goes, and a text that comes."""
    region = {"startLine": edit.line, "startColumn": 1, "endLine": edit.line, "endColumn": 1}
    if not edit.old:
        return {"deletedRegion": region, "insertedContent": {"text": f"{edit.new}\n"}}
    if not edit.new:
        return {"deletedRegion": {**region, "endLine": edit.line + 1}}
    region["endColumn"] = len(edit.old) + 1
    return {"deletedRegion": region, "insertedContent": {"text": edit.new}}
