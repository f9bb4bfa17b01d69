from __future__ import annotations

import dataclasses

import pytest

from unstuck.trials import score
from unstuck.trials.score import BALANCED, EXPLAINED, OWN, FitScore, between
from unstuck.trials.target import Target
from unstuck.trials.trial import Ran

YES_NO = Target(shares=(0.4, 0.6))
HEIGHTS = Target(low=-2.0, high=3.0)


def fit(split="validation", loss="mse", target=HEIGHTS, **measures):
    names = {"balanced": BALANCED, "explained": EXPLAINED, "own": OWN}
    return FitScore({names[k]: v for k, v in measures.items()}, split, (loss,), (target,))


def test_the_gain_is_that_of_the_first_measure_which_both_have():
    found = between((fit(balanced=0.7, explained=0.2),), (fit(explained=0.5, balanced=0.1),))
    assert (found.measure, found.split) == (BALANCED, "validation")
    assert found.gain == pytest.approx(0.6)


def test_a_control_without_a_score_has_learned_nothing():
    assert between((fit(explained=0.7),), (fit(),)).gain == pytest.approx(0.7)
    assert between((fit(explained=0.7),), ()).gain == pytest.approx(0.7)


def test_a_treated_run_without_a_score_proves_nothing():
    assert between((fit(),), (fit(explained=0.1),)) is None
    assert between((), (fit(explained=0.1),)) is None


def test_skill_counts_only_under_the_same_loss():
    found = between((fit(own=0.9, explained=0.3),), (fit(own=0.8, loss="mae"),))
    assert (found.treated, found.control) == (0.3, 0.8)
    assert between((fit(own=0.9),), (fit(own=0.8),)).gain == pytest.approx(0.1)


def test_another_split_is_another_task():
    assert between((fit(split="train", explained=0.9),), (fit(explained=0.1),)) is None


def test_other_targets_are_another_task():
    easier = fit(explained=0.9, target=Target(low=-0.1, high=9.0))
    assert between((easier,), (fit(explained=0.1),)) is None


def test_the_mean_over_the_fits_counts():
    ours = (fit(explained=0.8), fit(explained=0.6))
    theirs = (fit(explained=0.2), fit(explained=0.4))
    assert between(ours, theirs).gain == pytest.approx(0.4)


def test_a_scale_and_an_offset_leave_the_targets_the_same():
    assert HEIGHTS.same(Target(low=-2.01, high=3.02))
    assert HEIGHTS.same(Target(low=-3.0, high=2.0)), "a negative scale"
    assert not HEIGHTS.same(Target(low=-3.0, high=3.0))


def test_classes_are_the_same_by_their_shares():
    assert YES_NO.same(Target(shares=(0.41, 0.59)))
    assert not YES_NO.same(Target(shares=(0.1, 0.9)))
    assert not YES_NO.same(Target(shares=(0.3, 0.3, 0.4)))


def test_what_is_unknown_may_be_the_same():
    assert HEIGHTS.same(Target())
    assert Target().same(HEIGHTS)


def test_training_data_without_signal_can_only_be_learned_by_heart():
    ours, theirs = fit(split="train", explained=0.9), fit(split="train", explained=0.1)
    assert between((ours,), (theirs,)).gain == pytest.approx(0.8)
    assert between((dataclasses.replace(ours, learnable=False),), (theirs,)) is None


@pytest.mark.parametrize("code", [None, -9])
def test_a_control_that_was_stopped_is_no_control(code, monkeypatch):
    scores = {"treated": (fit(explained=0.9),), "control": ()}
    monkeypatch.setattr(score, "fit_scores", lambda ran: scores[ran.output])
    treated = Ran(0, 1.0, "treated")
    assert score.compared(treated, Ran(code, 1.0, "control")) is None
    assert score.compared(treated, Ran(1, 1.0, "control")).gain == pytest.approx(0.9)
    assert score.compared(Ran(1, 1.0, "treated"), Ran(0, 1.0, "control")) is None
