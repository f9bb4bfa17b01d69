"""What a run of a trial shows: its diagnosis, by the names of the user's own files."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

from unstuck.errors import UnstuckError
from unstuck.findings.diagnose import diagnose
from unstuck.record import Diagnosis, Finding, FitReport, Location
from unstuck.trials.trial import Ran


def diagnosis(ran: Ran) -> Diagnosis | None:
    """Judges a run; None if it was stopped or left nothing to judge."""
    if not ran.recording:
        return None
    with tempfile.TemporaryDirectory(prefix="unstuck-") as folder:
        path = Path(folder, "recording")
        path.write_bytes(ran.recording)
        try:
            return _renamed(diagnose(path), ran)
        except UnstuckError:
            return None


def trains(found: Diagnosis | None) -> bool:
    """Whether a run trains: the verdict says so, and nothing found would stop a model."""
    return found is not None and found.verdict == "healthy" and found.worst() != "error"


def learns(found: Diagnosis | None) -> bool:
    """Whether a run trains, or learns so that only what is shown of it misleads."""
    misleads = found is not None and found.verdict == "misleading" and found.worst() != "error"
    return misleads or trains(found)


def _renamed(found: Diagnosis, ran: Ran) -> Diagnosis:
    return dataclasses.replace(
        found,
        script=ran.original(found.script) if found.script else None,
        fits=tuple(_renamed_fit(fit, ran) for fit in found.fits),
        findings=tuple(_renamed_finding(finding, ran) for finding in found.findings),
        sources={ran.original(path): text for path, text in found.sources.items()},
    )


def _renamed_fit(fit: FitReport, ran: Ran) -> FitReport:
    findings = tuple(_renamed_finding(finding, ran) for finding in fit.findings)
    interrupted = ran.original(fit.interrupted) if fit.interrupted else None
    return dataclasses.replace(
        fit, location=_place(fit.location, ran), findings=findings, interrupted=interrupted
    )


def _renamed_finding(finding: Finding, ran: Ran) -> Finding:
    message = ran.original(finding.message)
    return dataclasses.replace(finding, location=_place(finding.location, ran), message=message)


def _place(location: Location, ran: Ran) -> Location:
    return dataclasses.replace(
        location, file=ran.original(location.file) if location.file else None
    )
