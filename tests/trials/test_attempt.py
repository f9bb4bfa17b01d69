"""What is sold: nothing where the answer is about the data."""

from __future__ import annotations

import dataclasses

import pytest

from unstuck.record import (
    Diagnosis,
    Edit,
    Finding,
    FitReport,
    Location,
    LossSummary,
    Scale,
    Tool,
    Treatment,
)
from unstuck.trials.attempt import told_outcome
from unstuck.trials.change import Change
from unstuck.trials.cure import Cure
from unstuck.trials.proof import Proof
from unstuck.trials.score import EXPLAINED, Compared
from unstuck.trials.trial import Ran
from unstuck.trials.version import Version

RATE = Change("OPT102", "lr_too_low", Treatment("usual-rate", "", (Edit(1, "a", "b"),)), "a", "b")
SHIFT = dataclasses.replace(RATE, code="SEQ105", cause="target_misalignment")
PROOF = Proof(tuple(Compared(EXPLAINED, "validation", 0.8, 0.1) for _ in range(3)), (1, 2, 3))
SCALE = Scale("validation", "mse", reached=0.1, naive=0.9, twin=0.85, settled=True)
NO_BETTER = dataclasses.replace(SCALE, beats_naive=False)
NOTHING = dataclasses.replace(SCALE, naive=None, twin=0.0, beats_constant=False)


def found(verdict, *scales, findings=()):
    fits = tuple(
        FitReport("m", Location(), 9, verdict, "", LossSummary(), 0.0, findings, scale=one)
        for one in scales
    )
    return Diagnosis(Tool("0"), "train.py", fits, tuple(findings), verdict, "")


def attempt(before, after=None, changes=(RATE,), proof=PROOF):
    after = after and found("healthy", after)
    return Cure(before, Ran(0, 1.0, ""), changes, Version("b"), after, proof)


def finding(cause):
    return Finding("X", "x", cause, "error", "observed", 0.9, "Why.")


def reaching(skill, **told):
    return dataclasses.replace(SCALE, reached=skill, **told)


def test_where_nothing_beats_a_constant_only_the_data_are_searched():
    assert attempt(found("stuck", NOTHING)).hopeless
    assert not attempt(found("stuck", NOTHING, findings=[finding("lr_too_low")])).searchable
    assert attempt(found("stuck", NOTHING, findings=[finding("time_axis_error")])).searchable
    assert attempt(found("stuck", SCALE, findings=[finding("lr_too_low")])).searchable


def test_one_fit_that_learns_something_is_hope():
    assert not attempt(found("stuck", NOTHING, SCALE)).hopeless
    assert not attempt(found("stuck")).hopeless
    assert not attempt(None, changes=()).hopeless


@pytest.mark.parametrize(
    ("before", "after", "changes", "sold"),
    [
        (NO_BETTER, reaching(0.9), (RATE,), False),
        (NO_BETTER, reaching(None), (RATE,), False),
        (NO_BETTER, reaching(0.904), (RATE,), False),
        (NO_BETTER, reaching(0.92), (RATE,), True),
        (NO_BETTER, reaching(0.9), (RATE, SHIFT), True),
        (SCALE, reaching(0.9), (RATE,), True),
        (dataclasses.replace(SCALE, beats_naive=True), reaching(0.5), (RATE,), True),
    ],
)
def test_what_only_gets_to_the_naive_forecast_is_not_sold(before, after, changes, sold):
    made = attempt(found("stuck", before), after, changes)
    assert made.proven
    assert made.sold is made.cured is sold
    assert told_outcome(made)["about_the_data"] is not sold


def test_the_scale_is_told_without_and_with_the_change():
    (told,) = told_outcome(attempt(found("stuck", SCALE), reaching(0.8)))["scale"]
    assert told == {
        "split": "validation",
        "loss": "mse",
        "constant": 0.0,
        "naive_forecast": 0.9,
        "healthy_twin": 0.85,
        "settled": True,
        "before": 0.1,
        "after": 0.8,
    }


@pytest.mark.parametrize("after", [None, reaching(0.8, loss="mae"), reaching(0.8, split="train")])
def test_what_is_measured_in_another_way_is_not_put_on_the_same_scale(after):
    (told,) = told_outcome(attempt(found("stuck", SCALE), after))["scale"]
    assert told["after"] is None
