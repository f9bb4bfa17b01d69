"""The ends of the scale on which a training is judged, and whether anything reaches beyond them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from unstuck.findings.evidence import Evidence
from unstuck.findings.progress import LEARNED, STUCK_SKILL, Progress
from unstuck.findings.sequence.persistence_solution import (
    MORE,
    NAIVE,
    as_variance,
    naive_skill,
)
from unstuck.observe.rehearsals.facts import HEALTHY_TWIN, TWIN_OF_CHANGES, Rehearsal
from unstuck.record import Finding, Scale

SHARED = "OUT"
"""Codes of what the twin takes over from the user's model: its head and its loss. A twin with a
fault of these is no healthy one, and its failure tells nothing of the data."""


def scale(evidence: Evidence, findings: Sequence[Finding]) -> Scale | None:
    """Returns the scale of one fit; None where nothing was predicted after it.

    Args:
        evidence: Its measurements.
        findings: What was found in it.
    """
    outputs = evidence.outcome.outputs if evidence.outcome else ()
    split = "validation" if any(one.split == "validation" for one in outputs) else "train"
    judged = [one for one in outputs if one.split == split]
    if not judged:
        return None
    trials = evidence.rehearsals.trials if evidence.rehearsals else ()
    sound = not any(map(_of_the_twin, findings))
    twins = [one for one in trials if one.control == HEALTHY_TWIN and sound]
    compiled = evidence.compiled
    found = Scale(
        split=split,
        loss=" + ".join(one.name for one in compiled.losses) if compiled else "",
        reached=_lowest(one.skill for one in judged),
        naive=_lowest(naive_skill(one) for one in judged),
        twin=max((held_out(one) for one in twins), default=None),
        # At a rate that is too low for these data it never is; what it reaches counts all the same.
        settled=any(one.settled for one in twins),
    )
    found = dataclasses.replace(found, beats_naive=_beats_naive(evidence, found, trials))
    if not found.settled:
        return found
    beaten = _beats_constant(evidence.progress, found, trials)
    return dataclasses.replace(found, beats_constant=beaten)


def beats(skill: float, naive: float) -> bool:
    """Whether a skill is better than that of a naive forecast by more than a forecast's noise."""
    return 1 - skill < NAIVE * (1 - naive)


def held_out(trial: Rehearsal) -> float:
    """Returns the skill of a trial on rows it was not trained on, 0 where there are none."""
    return trial.held_out_skill or 0.0


def _of_the_twin(finding: Finding) -> bool:
    return finding.code.startswith(SHARED) and finding.severity != "note"


def _beats_constant(progress: Progress, found: Scale, trials: Iterable[Rehearsal]) -> bool:
    """Whether any control that could learn does better than a constant on what it has not seen."""
    # Of a dozen trials, the best on a few hundred rows is more than one is by chance.
    others = max(map(held_out, trials), default=0.0) > LEARNED
    own = (progress.best_validation_skill or 0.0) > STUCK_SKILL
    learned = (progress.validation_skill or 0.0) > STUCK_SKILL
    twin = (found.twin or 0.0) >= STUCK_SKILL
    return twin or others or own or learned or progress.has_signal is True


def _beats_naive(evidence: Evidence, found: Scale, trials: Sequence[Rehearsal]) -> bool | None:
    """Whether any control does better than the naive forecast; None where that isn't known."""
    changes = [one for one in trials if one.control == TWIN_OF_CHANGES]
    naive = _lowest(
        as_variance(skill, one.loss.name)
        for one in evidence.outputs or ()
        if one.train is not None and (skill := naive_skill(one.train)) is not None
    )
    if found.naive is None or naive is None or not any(one.settled for one in changes):
        return None
    closed = max(evidence.progress.signal or 0.0, evidence.progress.lag_score or 0.0)
    # It is measured as a share of the variance, on rows of the training data.
    found_more = 1 - closed < MORE * (1 - naive) or max(map(held_out, changes)) >= STUCK_SKILL
    others = [held_out(one) for one in trials if one not in changes]
    return found_more or beats(max([found.reached or 0.0, *others]), found.naive)


def _lowest(skills: Iterable[float | None]) -> float | None:
    return min((skill for skill in skills if skill is not None), default=None)
