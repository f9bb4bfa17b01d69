"""Judge the baselines by the truth, by what their symptoms could mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from clinic.baselines import BASELINES
from clinic.baselines.symptoms import Baseline, Fit, fits
from clinic.scores import Share
from clinic.truths import Case


@dataclasses.dataclass(frozen=True)
class RivalScore:
    """The counts of a baseline.

    Attributes:
        first: Sick cases whose first symptom could mean a true cause.
        any: Sick cases of which any symptom could.
        precision: Symptoms that could mean a true cause, of all cases.
        alarms: Healthy cases with a symptom.
    """

    name: str
    first: Share
    any: Share
    precision: Share
    alarms: Share


def rival_scores(recordings: Sequence[tuple[Case, Path]]) -> list[RivalScore]:
    """Scores of every baseline over the recordings of some cases."""
    seen = [(case, fits(path)) for case, path in recordings]
    return [_scored(baseline, seen) for baseline in BASELINES]


def _scored(baseline: Baseline, seen: Sequence[tuple[Case, list[Fit]]]) -> RivalScore:
    hits: list[tuple[Case, list[bool]]] = []
    for case, found in seen:
        symptoms = [symptom for fit in found for symptom in baseline.symptoms(fit)]
        hits.append((case, [bool(symptom.causes & case.truths) for symptom in symptoms]))
    sick = [hit for case, hit in hits if not case.healthy]
    return RivalScore(
        name=baseline.name,
        first=Share.of(any(hit[:1]) for hit in sick),
        any=Share.of(any(hit) for hit in sick),
        precision=Share.of(right for _, hit in hits for right in hit),
        alarms=Share.of(bool(hit) for case, hit in hits if case.healthy),
    )
