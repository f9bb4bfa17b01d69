"""A diagnosis as the plain dict that the terminal, the page and the notebook show.

Every text in it is safe to show: see ``wording.visible``. A view adds layout, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from unstuck.record import Diagnosis, Edit, Finding, FitReport, LossSummary, Tool, Treatment
from unstuck.report import wording
from unstuck.report.excerpt import excerpt, outdented, source_lines
from unstuck.report.inside import inside, shown_whole

TRIAL_ROWS = 12
"""Rows of a trial's result that a report shows; the JSON document holds them all."""
LISTED = 8
"""Items of a list that are written out: one for each seed of a trial, not one for each step."""


def outline(diagnosis: Diagnosis) -> dict[str, Any]:
    """Returns what a report says, worded, in the order in which it is read."""
    findings = [_finding(finding, diagnosis.sources) for finding in diagnosis.findings]
    return {
        "tool": _tool(diagnosis.tool),
        "script": wording.visible(diagnosis.script) if diagnosis.script else None,
        "verdict": diagnosis.verdict,
        "verdict_word": wording.VERDICT_WORDS[diagnosis.verdict],
        "summary": wording.visible(diagnosis.summary),
        "headings": _headings(diagnosis),
        "first": findings[0] if findings else None,
        "others": findings[1:],
        "fits": [
            _fit(fit, whole)
            for fit, whole in zip(diagnosis.fits, shown_whole(diagnosis.fits), strict=True)
        ],
    }


def _headings(diagnosis: Diagnosis) -> dict[str, str]:
    """Words the headings by the gravest finding: a note is not "what is wrong"."""
    if diagnosis.worst() == "error":
        return {"first": "What is wrong", "treatments": "What to change", "others": "Also found"}
    return {
        "first": "Worth knowing",
        "treatments": "What could be changed",
        "others": "Also worth knowing",
    }


def _tool(tool: Tool) -> str:
    parts = [f"{tool.name} {tool.version}"]
    if tool.keras:
        parts.append(f"Keras {tool.keras}")
    if tool.backend:
        parts.append(tool.backend)
    return wording.visible(", ".join(parts))


def _finding(finding: Finding, sources: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": wording.visible(finding.code),
        "name": wording.visible(finding.name),
        "severity": finding.severity,
        "level": finding.level,
        "level_words": wording.LEVEL_WORDS[finding.level],
        "confidence": wording.share(finding.confidence),
        "message": wording.visible(finding.message),
        "place": wording.place(finding.location),
        "excerpt": excerpt(sources, finding.location),
        "evidence": [
            {"name": wording.words(name), "value": wording.quantity(measured)}
            for name, measured in finding.evidence.items()
        ],
        "treatments": [_treatment(treatment) for treatment in finding.treatments],
    }


def _treatment(treatment: Treatment) -> dict[str, Any]:
    return {
        "id": wording.visible(treatment.id),
        "summary": wording.visible(treatment.summary),
        "edits": [row for edit in _in_order(treatment.edits) for row in _edit(edit)],
        "trial": _rows(treatment.trial)[:TRIAL_ROWS] if treatment.trial else [],
    }


def _in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Sorts edits as they meet a reader's eye: by line, what is inserted before it first."""
    return sorted(edits, key=lambda edit: (edit.line, bool(edit.old)))


def _edit(edit: Edit) -> list[dict[str, Any]]:
    """Returns the rows of one edit: ``sign`` ("-" or "+"), ``number`` and ``text``."""
    old = source_lines(edit.old) if edit.old else []
    new = source_lines(edit.new) if edit.new else []
    texts = outdented([wording.visible(line).rstrip() for line in (*old, *new)])
    signs = ["-"] * len(old) + ["+"] * len(new)
    offsets = [*range(len(old)), *range(len(new))]
    return [
        {"sign": sign, "number": edit.line + offset, "text": text}
        for sign, offset, text in zip(signs, offsets, texts, strict=True)
    ]


def _rows(trial: Mapping[str, Any], prefix: str = "") -> list[dict[str, str]]:
    """Lists a trial's result by name, nested results under the name of their parent."""
    rows = []
    for key, value in trial.items():
        name = f"{prefix}{wording.words(str(key))}"
        if isinstance(value, Mapping):
            rows += _rows(value, prefix=f"{name}, ")
        else:
            rows.append({"name": name, "value": _result(value)})
    return rows


def _result(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        if len(value) > LISTED:
            return f"{len(value)} values"
        return wording.visible(", ".join(_result(item) for item in value))
    return wording.number(value)


def _fit(fit: FitReport, whole: bool) -> dict[str, Any]:
    return {
        "model": wording.visible(fit.model),
        "place": wording.source_line(fit.location),
        "steps": wording.number(fit.steps),
        "verdict": fit.verdict,
        "verdict_word": wording.VERDICT_WORDS[fit.verdict],
        "summary": wording.visible(fit.summary),
        "loss": _loss(fit.loss),
        "skill": wording.number(fit.skill) if fit.skill is not None else None,
        "codes": [wording.visible(finding.code) for finding in fit.findings],
        "interrupted": wording.visible(fit.interrupted) if fit.interrupted else None,
        "remarks": [wording.visible(one) for one in fit.remarks],
        "experiments": [wording.visible(one) for one in fit.experiments],
        "inside": inside(fit.xrays, whole),
    }


def _loss(loss: LossSummary) -> dict[str, str | None]:
    """Words each loss; None where it is not known, since a control may not apply."""
    values = {
        "start": loss.start,
        "end": loss.end,
        "constant_predictor": loss.constant_predictor,
        "naive_forecast": loss.naive_forecast,
    }
    return {
        name: None if value is None else wording.number(value) for name, value in values.items()
    }
