"""What is proposed where the evidence does not decide."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from unstuck.findings.experiments import MOST, experiments
from unstuck.findings.progress import Progress
from unstuck.findings.registry import rule
from unstuck.observe.rehearsals.facts import Rehearsal, RehearsalFacts
from unstuck.record import VERDICTS

STUCK = Progress(
    steps=400, start=1.0, end=1.0, best=0.98, first_nonfinite=None, diverged=False, falling=0.0,
    skill=0.01, validation_skill=None, best_validation_skill=None, explained=0.01, signal=0.4,
    chance=0.05, travel=0.2, update_ratio=1e-3,
)  # fmt: skip


def trained(control: str, loss: float) -> Rehearsal:
    return Rehearsal(control, "Adam", 1e-3, 16, 300, loss, None, 1.0, None, 0.0)


def proposed(progress=STUCK, verdict="stuck", findings=(), rehearsals=None):
    return experiments(verdict, findings, progress, None, rehearsals)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_only_open_questions_call_for_experiments(verdict):
    assert bool(proposed(verdict=verdict)) is (verdict in ("stuck", "undetermined", "diverged"))


def test_an_error_answers_the_question_and_a_note_does_not():
    error = rule("OPT101").found("It is so.")
    assert proposed(findings=[error]) == ()
    assert proposed(findings=[dataclasses.replace(error, severity="note")])


def test_there_are_two_or_three_whatever_is_known():
    for steps, skill, diverged, signal in itertools.product(
        (3, 400), (None, 0.01), (False, True), (None, 0.0, 0.4)
    ):
        progress = dataclasses.replace(
            STUCK, steps=steps, skill=skill, diverged=diverged, signal=signal
        )
        found = proposed(progress, "undetermined")
        assert 2 <= len(found) <= MOST
        assert len(set(found)) == len(found)


def test_what_a_control_has_answered_is_not_asked_again():
    assert "one batch of 16 samples" in proposed()[0]
    fitted = RehearsalFacts((trained("few_rows", 0.01), trained("rates", 1.0)))
    told = " ".join(proposed(rehearsals=fitted))
    assert "one batch of 16" not in told
    assert "tenth of the learning rate" not in told
    unfit = RehearsalFacts((trained("few_rows", 0.8),))
    assert "a skill of 0.20" in proposed(rehearsals=unfit)[0]


def test_a_short_run_is_told_to_go_on_and_a_diverged_one_to_slow_down():
    assert "these 3 updates" in proposed(dataclasses.replace(STUCK, steps=3))[0]
    assert "clipnorm" in proposed(dataclasses.replace(STUCK, diverged=True), "diverged")[0]
