"""What holds for every case: a truth that can be checked, and a cure that is a small edit."""

from __future__ import annotations

import ast
import difflib
import json

import pytest
from clinic.truths import FAMILIES, all_cases, chosen, families, twin_groups

from unstuck.findings.registry import rules
from unstuck.record import VERDICTS

CASES = all_cases()
SICK = [case for case in CASES if not case.healthy]
HEALTHY = [case for case in CASES if case.healthy]
CURED = [case for case in SICK if case.cure]
FEW_LINES = 8
"""A cure is one edit, or two: a scaling put in, an import with it, and the score scaled back."""
NO_CURE = {"no_signal_in_data", "insufficient_data"}
"""What no edit of a script can cure."""


def measured(case):
    return json.loads((case.folder / "truth.json").read_text())["measured"]


def better(case, one, other):
    """Whether the first score is better; a score that is no number is worse than any."""
    if not isinstance(one, int | float):
        return False
    if not isinstance(other, int | float):
        return True
    return one > other if measured(case)["better"] == "higher" else one < other


def test_there_are_enough_of_each_kind():
    assert len(SICK) >= 80
    assert len(HEALTHY) >= 50
    assert len(twin_groups(all_cases(cured=True))) >= 25


def test_a_third_is_kept_from_those_who_write_rules():
    kept = [case for case in CASES if case.group == "kept"]
    assert 3 * len(kept) >= len(CASES)
    assert not [case.id for case in kept if case.tuned]


def test_every_rule_has_a_case():
    assert {rule.cause for rule in rules()} <= {case.causes[0] for case in SICK}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_truth_can_be_checked(case):
    truth = json.loads((case.folder / "truth.json").read_text())
    script = (case.folder / "train.py").read_text()
    lines = script.splitlines()
    ast.parse(script)
    assert truth["id"] == case.folder.name
    assert set(case.verdicts) <= set(VERDICTS)
    assert case.healthy == (case.verdicts[0] == "healthy")
    assert {*case.truths} <= {*families()}, "a cause without a rule is found by nobody"
    assert case.backends
    assert all(lines[line - 1].strip() for line in case.lines)
    assert not (case.healthy and case.lines)


@pytest.mark.parametrize("case", CURED, ids=lambda case: case.id)
def test_a_cure_is_a_small_edit_that_cures(case):
    sick = (case.folder / "train.py").read_text().splitlines()
    cured = case.cured().text.splitlines()
    ast.parse("\n".join(cured))
    changed = [line for line in difflib.ndiff(sick, cured) if line[0] == "+"]
    assert sick != cured
    assert len(changed) <= FEW_LINES
    score = measured(case)
    assert better(case, score["cured_score"], score["score"])
    assert better(case, score["cured_score"], score["constant"])


@pytest.mark.parametrize("case", SICK, ids=lambda case: case.id)
def test_a_sick_case_has_a_healthy_twin(case):
    by_id = {other.id: other for other in CASES}
    twin = by_id.get(case.twin_of or "")
    curable = case.causes[0] not in NO_CURE
    assert case in CURED or (twin is not None and twin.healthy) or not curable


@pytest.mark.parametrize("case", HEALTHY, ids=lambda case: case.id)
def test_a_healthy_case_does_better_than_a_constant(case):
    score = measured(case)
    assert better(case, score["score"], score["constant"])


def test_words_choose_cases():
    assert {case.id for case in chosen(CASES, ["pump-plain"])} == {"pump-plain"}
    assert chosen(CASES, ["healthy"]) == HEALTHY
    assert {case.causes[0] for case in chosen(CASES, ["lr_too_low"])} >= {"lr_too_low"}
    of_family = {cause for case in chosen(CASES, ["OPT"]) for cause in case.causes}
    assert of_family & {cause for cause, code in families().items() if code == "OPT"}
    assert set(families().values()) == set(FAMILIES.values())
