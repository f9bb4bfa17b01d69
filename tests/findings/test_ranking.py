"""Which finding is the answer, and which verdict follows."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.findings.ranking import CONTRARY, ranked
from unstuck.findings.registry import rule, rules
from unstuck.findings.verdict import GRAVITY, summary, verdict, verdict_of_all
from unstuck.record import SEVERITIES, VERDICTS, Finding, FitReport, Location, LossSummary


def finding(code: str, severity: str = "error", **words) -> Finding:
    return dataclasses.replace(rule(code).found("It is so."), severity=severity, **words)


CODES = [one.code for one in rules()]
FINDINGS = st.lists(
    st.builds(finding, st.sampled_from(CODES), st.sampled_from(SEVERITIES)), max_size=8
)


@given(FINDINGS)
def test_nothing_is_lost_but_what_is_said_twice(findings):
    causes = {one.cause for one in findings}
    contrary = {cause for pair in CONTRARY if causes >= set(pair) for cause in pair}
    kept = {one.cause for one in ranked(findings)}
    assert kept <= causes
    assert causes - contrary <= kept


@given(FINDINGS)
def test_nothing_contradicts_what_comes_before(findings):
    causes = [one.cause for one in ranked(findings)]
    for pair in CONTRARY:
        assert not set(pair) <= set(causes)
        told = [one.cause for one in findings if one.cause in pair]
        assert bool(told) is bool(set(pair) & set(causes))


@given(FINDINGS)
def test_severities_are_in_order(findings):
    order = [SEVERITIES.index(one.severity) for one in ranked(findings)]
    assert order == sorted(order)


@given(FINDINGS)
def test_ranking_again_changes_no_error(findings):
    # A run ranks what its fits have ranked.
    once = ranked(findings)
    errors = [one for one in once if one.severity == "error"]
    assert [one for one in ranked(once) if one.severity == "error"] == errors


@given(FINDINGS)
def test_an_error_stays_an_error_unless_another_one_explains_it(findings):
    errors = [one for one in findings if one.severity == "error"]
    first = [one for one in ranked(findings) if one.severity == "error"]
    assert bool(errors) is bool(first)


@given(FINDINGS, st.randoms())
def test_the_answer_does_not_depend_on_the_order_of_the_rules(findings, random):
    shuffled = list(findings)
    random.shuffle(shuffled)
    assert [one.cause for one in ranked(shuffled)[:1]] == [
        one.cause for one in ranked(findings)[:1]
    ]


@pytest.mark.parametrize(
    ("cause", "symptom"),
    [
        ("DAT102", "GRD101"),
        ("DAT102", "OPT103"),
        ("DAT103", "OPT102"),
        ("DAT101", "GRD101"),
        ("DAT105", "GRD101"),
        ("ACT101", "GRD101"),
        ("OPT101", "GRD101"),
        ("OPT104", "OPT102"),
        ("MSK101", "OPT103"),
        ("MSK102", "OPT101"),
        ("SEQ101", "OPT103"),
        ("OUT101", "DAT103"),
    ],
)
def test_a_symptom_yields_to_its_cause(cause, symptom):
    for order in itertools.permutations([finding(cause), finding(symptom)]):
        first, second = ranked(order)
        assert (first.code, first.severity) == (cause, "error")
        assert (second.code, second.severity) == (symptom, "warning")


def test_faults_that_do_not_explain_each_other_are_all_errors():
    found = ranked([finding("DAT103"), finding("OUT106"), finding("ACT101")])
    assert [one.severity for one in found] == ["error"] * 3
    assert found[0].code == "OUT106"


def test_a_weak_cause_does_not_quiet_a_sure_symptom():
    found = ranked([finding("GRD101"), finding("DAT102", "warning")])
    assert [(one.code, one.severity) for one in found] == [
        ("GRD101", "error"),
        ("DAT102", "warning"),
    ]


def test_of_the_same_cause_at_the_same_place_the_surest_stays():
    place = Location("train.py", 3)
    sure = finding("OPT101", location=place, confidence=0.9)
    unsure = finding("OPT101", location=place, confidence=0.2)
    elsewhere = finding("OPT101", location=Location("train.py", 9))
    assert set(map(id, ranked([unsure, sure, elsewhere]))) == {id(sure), id(elsewhere)}


def judged(written, findings, **words):
    with written.evidence(**words) as evidence:
        return verdict(evidence.progress, findings)


@pytest.mark.parametrize(
    ("words", "codes", "expected"),
    [
        ({"skill": 0.97}, [], "healthy"),
        ({"skill": 0.97}, [("OUT109", "warning")], "misleading"),
        ({"skill": 0.97}, [("OPT103", "note")], "healthy"),
        ({"skill": 0.0}, [("DAT102", "error")], "stuck"),
        ({"skill": 0.0}, [], "stuck"),
        ({"skill": 0.0, "signal": None}, [], "undetermined"),
        ({"skill": None}, [], "undetermined"),
        ({"skill": 0.0, "signal": -0.01}, [("DAT106", "error")], "no_signal"),
        ({"skill": 0.99}, [("GEN101", "error")], "overfit"),
        ({"skill": 0.99}, [("GEN101", "note")], "healthy"),
    ],
)
def test_the_verdict_on_a_fit(written, words, codes, expected):
    findings = [finding(code, severity) for code, severity in codes]
    assert judged(written, findings, **words) == expected


def test_a_run_that_is_not_finite_diverged_whatever_else_is_found(written):
    losses = np.where(np.arange(60) < 7, 1.0, np.nan)
    findings = [finding("GEN101"), finding("DAT106")]
    assert judged(written, findings, losses=losses, skill=None) == "diverged"


def report(decided: str) -> FitReport:
    return FitReport("m", Location(), 9, decided, "", LossSummary(), None, ())


@given(st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=5))
def test_the_worst_fit_speaks_for_the_run(decided):
    assert sorted(GRAVITY) == sorted(VERDICTS)
    worst = verdict_of_all([report(one) for one in decided], None)
    assert all(GRAVITY.index(worst) <= GRAVITY.index(one) for one in decided)


def test_without_a_fit_nothing_is_known():
    assert verdict_of_all([], None) == "undetermined"
    assert "nothing to judge" in summary("undetermined", ())


def test_every_verdict_has_its_sentence():
    sentences = {summary(one, (report(one),)) for one in VERDICTS}
    assert len(sentences) == len(VERDICTS)
