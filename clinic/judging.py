"""Compare what the tool said of a case with the truth about it."""

from __future__ import annotations

import dataclasses
from typing import Any

from clinic.running import Result
from clinic.truths import Case

TOP = 3


@dataclasses.dataclass(frozen=True)
class Row:
    """One answer beside its truth.

    Attributes:
        answer: Cause of the first finding that is no note; None where there is none.
        first: The first cause is right; for a healthy case: nothing is an error.
        equal: As ``first``, with the other names of the same fault.
        top: A right cause is among the first three; for a healthy case as ``first``.
        line: Whether the finding that names the cause points at a guilty line; None where the
            truth knows none.
        errors: Causes that the tool called errors.
        right_errors: How many of them are true.
    """

    case: Case
    backend: str
    answer: str | None
    first: bool
    equal: bool
    top: bool
    verdict: str
    verdict_right: bool
    line: bool | None
    errors: tuple[str, ...]
    right_errors: int
    seconds: float
    failure: str | None

    @property
    def answered(self) -> bool:
        """Whether there is a document at all."""
        return self.failure is None


def findings_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The ranked findings of a document; those of its fits where the script has none."""
    of_script = document.get("findings") or []
    fits = document.get("fits") or []
    return of_script or [finding for fit in fits for finding in fit.get("findings") or []]


def finding_lines(finding: dict[str, Any]) -> set[int]:
    """Every line of the user's script that a finding points at, its edits included."""
    lines = {(finding.get("location") or {}).get("line")}
    for treatment in finding.get("treatments") or []:
        lines |= {edit.get("line") for edit in treatment.get("edits") or []}
    return {line for line in lines if line is not None}


def judged(case: Case, backend: str, result: Result) -> Row:
    """Compares one answer with the truth."""
    document = result.document or {}
    findings = findings_of(document)
    ranked = [f["cause"] for f in findings if f.get("severity") != "note"]
    errors = tuple(f["cause"] for f in findings if f.get("severity") == "error")
    answered = result.document is not None
    quiet = answered and not errors
    named = next((f for f in findings if f["cause"] in case.equals), None)
    hit = named is not None and bool(set(case.lines) & finding_lines(named))
    verdict = str(document.get("verdict", "?"))
    return Row(
        case=case,
        backend=backend,
        answer=ranked[0] if ranked else None,
        first=quiet if case.healthy else ranked[:1] == [case.causes[0]],
        equal=quiet if case.healthy else bool(case.equals & set(ranked[:1])),
        top=quiet if case.healthy else bool(case.equals & set(ranked[:TOP])),
        verdict=verdict,
        verdict_right=verdict in case.verdicts,
        line=hit if case.lines else None,
        errors=errors,
        right_errors=sum(cause in case.truths for cause in errors),
        seconds=result.seconds,
        failure=result.failure if not answered else None,
    )
