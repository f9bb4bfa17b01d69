"""One answer beside its truth, and the counts of many."""

from __future__ import annotations

import pytest
from clinic.judging import judged
from clinic.running import Result
from clinic.scores import Share, grouped, score, told_apart
from clinic.truths import twin_groups
from tests.clinic.answers import case, finding, row


def test_the_first_finding_that_is_no_note_is_the_answer():
    found = row(case(), finding("no_input_scaling", "note"), finding("lr_too_high", "warning"))
    assert (found.answer, found.first, found.equal, found.top) == ("lr_too_high", True, True, True)
    assert found.errors == ()


def test_another_name_is_not_strictly_first():
    one = case(accept=("exploding_gradients",))
    found = row(one, finding("exploding_gradients"))
    assert (found.first, found.equal, found.top) == (False, True, True)


@pytest.mark.parametrize(("before", "top"), [(2, True), (3, False)])
def test_the_first_three_count(before, top):
    found = row(case(), *[finding("dead_units")] * before, finding("lr_too_high"))
    assert (found.first, found.top) == (False, top)


def test_true_errors_are_causes_other_names_and_what_is_true_as_well():
    one = case(
        causes=("lr_too_high", "metric_mismatch"),
        accept=("exploding_gradients",),
        also_true=("no_gradient_clipping",),
    )
    names = ("metric_mismatch", "exploding_gradients", "no_gradient_clipping", "dead_units")
    found = row(one, *[finding(name) for name in names], finding("saturated_gates", "warning"))
    assert (found.right_errors, len(found.errors)) == (3, 4)


def test_a_healthy_case_is_right_without_an_error():
    well = case(causes=())
    assert row(well, finding("lr_too_low", "warning"), verdict="healthy").first
    assert not row(well, finding("lr_too_low"), verdict="healthy").first


@pytest.mark.parametrize(
    ("found", "hit"), [({"line": 7}, True), ({"edits": [7]}, True), ({}, False)]
)
def test_the_guilty_line_is_where_the_finding_or_its_edit_points(found, hit):
    assert row(case(lines=(6, 7)), finding("lr_too_high", **found)).line is hit


def test_no_line_is_asked_for_where_the_source_shows_none():
    assert row(case(), finding("lr_too_high", line=7)).line is None


def test_no_answer_is_wrong_for_sick_and_healthy():
    for one in (case(), case(causes=())):
        found = judged(one, "jax", Result(failure="exit 1: no output"))
        right = (found.answered, found.first, found.top, found.verdict_right)
        assert right == (False,) * 4


def test_findings_of_the_fits_count_where_the_script_has_none():
    document = {
        "findings": [],
        "fits": [{"findings": [finding("lr_too_high")]}],
        "verdict": "stuck",
    }
    assert judged(case(), "jax", Result(document=document)).first


def test_scores_count_sick_and_healthy_apart():
    rows = [
        row(case("a"), finding("lr_too_high")),
        row(case("b"), finding("dead_units")),
        row(case("c", ()), finding("dead_units"), verdict="stuck"),
        row(case("d", ()), verdict="healthy"),
    ]
    counts = score(rows)
    assert counts.first == Share(1, 2)
    assert counts.alarms == Share(1, 2)
    assert counts.precision == Share(1, 3)
    assert counts.verdicts == Share(3, 4)
    assert str(counts.lines) == "-"
    assert str(counts.first) == "1 of 2 (50 %)"
    assert set(grouped(rows, lambda one: one.case.id)) == set("abcd")


def test_twins_are_groups_that_lead_to_one_case():
    cases = [case("base", ()), case("a", twin_of="base"), case("b", twin_of="a"), case("lone")]
    groups = twin_groups(cases)
    assert [[one.id for one in group] for group in groups] == [["base", "a", "b"]]


def test_twins_are_told_apart_if_every_member_is_right():
    well, ill = case("base", ()), case("a", twin_of="base")
    right, alarm = row(well, verdict="healthy"), row(well, finding("lr_too_high"))
    assert told_apart([right, row(ill, finding("lr_too_high"))]) == Share(1, 1)
    assert told_apart([right, row(ill, finding("dead_units"))]) == Share(0, 1)
    assert told_apart([alarm, row(ill, finding("lr_too_high"))]) == Share(0, 1)
    assert told_apart([right]) == Share(0, 0)
