"""From a recording to a diagnosis: run the rules, rank what they find, give a verdict."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path

import unstuck
from unstuck.case.script import Script
from unstuck.errors import UnstuckError
from unstuck.findings.curves import curves
from unstuck.findings.evidence import Evidence
from unstuck.findings.experiments import experiments
from unstuck.findings.inside import pictures
from unstuck.findings.ranking import ranked
from unstuck.findings.registry import rules
from unstuck.findings.remarks import remarks
from unstuck.findings.scale import scale
from unstuck.findings.verdict import summary, verdict, verdict_of_all
from unstuck.observe.recording import Recorded, RecordedFit, reading
from unstuck.record import Diagnosis, Finding, FitReport, Location, LossSummary, Tool


def diagnose(recording: str | Path) -> Diagnosis:
    """Reads a recording, finished or cut short, and says what is wrong with its run.

    Raises:
        RecordingError: If the file is no readable recording.
    """
    with reading(recording) as recorded:
        return _diagnosis(recorded)


def _diagnosis(recorded: Recorded) -> Diagnosis:
    sources = recorded.sources()
    scripts = _scripts(sources)
    fits = tuple(_fit_report(fit, scripts) for fit in recorded.fits())
    script = recorded.meta("script")
    findings = [finding for report in fits for finding in report.findings]
    # Without a training to measure, what the source shows is all there is to say.
    if not any(report.steps for report in fits):
        findings += _suspected(scripts.values(), findings)
    everything = ranked(findings)
    overall = verdict_of_all(fits, recorded.meta("failure"))
    return Diagnosis(
        tool=Tool(unstuck.__version__, recorded.meta("keras"), recorded.meta("backend")),
        script=script,
        fits=fits,
        findings=everything,
        verdict=overall,
        summary=summary(overall, fits),
        sources=sources,
    )


def _scripts(sources: Mapping[str, str]) -> dict[str, Script]:
    scripts = {}
    for path, text in sources.items():
        # A source that can't be parsed (a cell with magics, say) only costs us its lines.
        with contextlib.suppress(UnstuckError):
            scripts[path] = Script.parse(text, path)
    return scripts


def _fit_report(fit: RecordedFit, scripts: Mapping[str, Script]) -> FitReport:
    evidence = Evidence(fit, scripts)
    progress = evidence.progress
    findings = ranked([finding for rule in rules() for finding in rule.judge(evidence)])
    decided = verdict(progress, findings)
    place = evidence.fit.place if evidence.fit else None
    train = [
        r for r in (evidence.outcome.outputs if evidence.outcome else ()) if r.split == "train"
    ]
    report = FitReport(
        model=evidence.model.name if evidence.model else "",
        location=Location(file=place.file, line=place.line) if place else Location(),
        steps=progress.steps,
        verdict=decided,
        summary="",
        loss=LossSummary(
            start=progress.start,
            end=progress.end,
            constant_predictor=_sum([result.constant_predictor for result in train]),
            naive_forecast=_sum([result.naive_forecast for result in train]),
        ),
        skill=None if progress.skill is None else min(1.0, max(0.0, progress.skill)),
        findings=findings,
        interrupted=f"{evidence.failure.kind}: {evidence.failure.message}"
        if evidence.failure
        else None,
        remarks=remarks(
            decided,
            progress,
            evidence.epochs,
            evidence.steps,
            evidence.outcome,
            evidence.model,
        ),
        experiments=experiments(decided, findings, progress, evidence.fit, evidence.rehearsals),
        curves=curves(evidence.steps, evidence.epochs),
        xrays=pictures(evidence.xrays, fit.xray_arrays, evidence.lags),
        scale=scale(evidence, findings),
    )
    return _with_summary(report)


def _with_summary(report: FitReport) -> FitReport:
    return dataclasses.replace(report, summary=summary(report.verdict, (report,)))


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _suspected(scripts: Iterable[Script], known: list[Finding]) -> list[Finding]:
    causes = {finding.cause for finding in known}
    found = [finding for script in scripts for rule in rules() for finding in rule.suspect(script)]
    return [finding for finding in found if finding.cause not in causes]
