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
from unstuck.report.cured import lines
from unstuck.trials.change import Change
from unstuck.trials.cure import Cure
from unstuck.trials.proof import Proof
from unstuck.trials.score import EXPLAINED, Compared
from unstuck.trials.search import Tried
from unstuck.trials.trial import Ran
from unstuck.trials.version import Version

CONTROL = Ran(0, 4.0, "loss 1.0\n")
TREATMENT = Treatment("usual-rate", "Use 0.001.", (Edit(1, "a", "b"),))
RATE = Change("OPT102", "lr_too_low", TREATMENT, "a", "b")
SCALE = dataclasses.replace(RATE, code="DAT102")
FINDING = Finding("OPT102", "low-rate", "lr_too_low", "error", "observed", 0.9, "It crawls.")


def diagnosis(verdict, *findings):
    return Diagnosis(Tool("0"), "train.py", (), findings, verdict, "In one sentence.")


def scaled(verdict, *scales):
    fits = [FitReport("m", Location(), 9, verdict, "", LossSummary(), 0.0, (), scale=scale)
            for scale in scales]  # fmt: skip
    return dataclasses.replace(diagnosis(verdict), fits=tuple(fits))


def proof(*gains):
    pairs = tuple(Compared(EXPLAINED, "validation", 0.1 + gain, 0.1) for gain in gains)
    return Proof(pairs, tuple(range(1, 1 + len(gains))))


def tried(gain, ran=CONTROL):
    pair = None if gain is None else Compared(EXPLAINED, "validation", 0.1 + gain, 0.1)
    return Tried(RATE, (), pair, ran)


SICK = Cure(diagnosis("stuck", FINDING), CONTROL)
CURED = dataclasses.replace(
    SICK, changes=(RATE,), version=Version("b"), after=diagnosis("healthy"),
    proof=proof(0.7, 0.8, 0.75), tried=(tried(0.7),), runs=8,
)  # fmt: skip


def said(cure):
    return "\n".join(lines(cure))


def test_a_cure_says_what_was_wrong_what_helped_and_how_sure_that_is():
    text = said(dataclasses.replace(CURED, alone=Ran(0, 3.0, "epoch\nR2 0.95\n")))
    for words in (
        *("Stuck", "It crawls.", "OPT102 usual-rate: Use 0.001. 0.1 → 0.8", "seeds 1 2 3"),
        *("without 0.1 0.1 0.1, with 0.8 0.9 0.85", "gain 0.75", "in 5% of draws"),
        *("exit code 0", "R2 0.95", "It trains."),
    ):
        assert words in text


def test_what_does_not_train_is_not_called_cured():
    better = dataclasses.replace(CURED, after=diagnosis("stuck", FINDING))
    assert "It trains better than before, but the verdict is still: stuck." in said(better)
    assert "It trains.\n" not in f"{said(better)}\n"


@pytest.mark.parametrize("pairs", [proof(0.7, 0.8), proof(0.7, -0.1, 0.8), proof()])
def test_what_is_not_proven_is_not_proposed(pairs):
    text = said(dataclasses.replace(CURED, proof=pairs))
    assert "not proposed" in text
    assert "It trains" not in text


def test_a_healthy_script_and_one_without_signal_need_no_more_words():
    assert "nothing to fix" in said(Cure(diagnosis("healthy"), CONTROL))
    text = said(Cure(diagnosis("no_signal", FINDING), CONTROL))
    assert "in the data" in text
    assert "Tried, once" not in text


def test_what_failed_says_so():
    text = said(dataclasses.replace(SICK, tried=(tried(None, Ran(1, 1.0, "")), tried(0.01))))
    assert "the run failed" in text
    assert "none is proposed" in text
    crashed = Ran(1, 1.0, "Traceback\nFileNotFoundError: data.csv\n")
    assert "FileNotFoundError: data.csv" in said(Cure(diagnosis("undetermined"), crashed))
    assert "FileNotFoundError: data.csv" in said(Cure(None, crashed))


def test_what_helped_and_was_not_proven_for_want_of_time_is_told():
    text = said(dataclasses.replace(SICK, tried=(tried(0.7),)))
    assert "No time was left for a proof" in text
    assert "No change brought" not in text


def test_a_setting_that_was_given_up_says_so():
    cut = dataclasses.replace(tried(None), cut=True)
    assert "Given up after a part of the training." in said(dataclasses.replace(SICK, tried=(cut,)))


def test_each_part_is_shown_to_be_needed():
    both = dataclasses.replace(
        CURED,
        changes=(RATE, SCALE),
        necessary={RATE.name: proof(0.1, 0.1, 0.1), SCALE.name: proof()},
    )
    text = said(both)
    assert "without OPT102 usual-rate the gain is 0.1" in text
    assert "without DAT102 usual-rate was not tried: no time" in text


ENDS = Scale("validation", "mse", reached=-0.001, naive=0.62, twin=0.9, settled=True)


def test_the_ends_of_the_scale_stand_beside_what_is_reached():
    after = scaled("healthy", dataclasses.replace(ENDS, reached=0.874))
    text = said(dataclasses.replace(CURED, before=scaled("stuck", ENDS), after=after))
    assert "from 0, the best constant, to 1, perfect (validation data): the naive forecast 0.62, "\
        "a healthy LSTM 0.90, the script 0.00, with the change 0.87." in text  # fmt: skip
    assert "It trains." in text


def test_a_twin_that_needs_more_time_and_rows_it_has_not_seen_are_told():
    one = dataclasses.replace(ENDS, split="train", naive=None, settled=False)
    text = said(dataclasses.replace(SICK, before=scaled("stuck", one)))
    assert "(training data): a healthy LSTM 0.90 on rows it has not seen (more time" in text


def test_where_nothing_beats_a_constant_the_answer_is_about_the_data():
    hopeless = dataclasses.replace(ENDS, naive=None, twin=-0.1, beats_constant=False)
    text = said(dataclasses.replace(SICK, before=scaled("stuck", hopeless)))
    assert "the answer is about the data, and no change of the model is proposed" in text
    assert "Nothing could be tried" not in text


def test_what_only_gets_to_the_naive_forecast_is_not_proposed():
    before = scaled("stuck", dataclasses.replace(ENDS, beats_naive=False))
    after = scaled("healthy", dataclasses.replace(ENDS, reached=0.61))
    text = said(dataclasses.replace(CURED, before=before, after=after))
    assert "the answer is about the data, and the change is not proposed" in text
    assert "It trains" not in text
