"""The ends of the scale, and what may be said where nothing reaches beyond them."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
from tests.findings import standins as given
from tests.findings.rehearsed import rehearsals, trial

from unstuck.findings.scale import scale
from unstuck.observe.outcome import OutcomeFacts
from unstuck.observe.rehearsals.facts import HEALTHY_TWIN, TWIN_OF_CHANGES
from unstuck.record import Finding

TWIN = trial(HEALTHY_TWIN, 0.4, held=0.01, settled=True)
SLOWER = dataclasses.replace(TWIN, rate=0.001)
ADAM = trial("adam", 0.3, held=-0.1)
CHANGES = trial(TWIN_OF_CHANGES, 0.4, held=0.01, settled=True)


def scaled(*trials, findings=(), naive=None, reached=0.02, validation=True, **told):
    """The scale of a fit whose constant has a loss of 1."""
    results = [given.result("train", loss=1 - reached, naive_forecast=naive and 1 - naive)]
    if validation:
        results.append(dataclasses.replace(results[0], split="validation"))
    progress = given.progress(**{"signal": 0.0, "skill": reached} | told)
    evidence = SimpleNamespace(
        outcome=OutcomeFacts(tuple(results)),
        outputs=(given.output("mean_squared_error", train=results[0]),),
        rehearsals=rehearsals(*trials) if trials else None,
        compiled=given.compiled(),
        progress=progress,
    )
    return scale(evidence, findings)


def finding(code, severity="error"):
    return Finding(code, "name", "cause", severity, "observed", 0.9, "Why.")


def test_it_holds_what_each_reaches_under_the_users_loss():
    found = scaled(trial(HEALTHY_TWIN, 0.9, held=0.7), naive=0.6, reached=0.1)
    assert (found.split, found.loss) == ("validation", "mean_squared_error")
    assert (found.reached, found.naive, found.twin) == pytest.approx((0.1, 0.6, 0.7))
    assert scaled(validation=False).split == "train"
    # What shares the user's head shares its fault and is no healthy twin.
    assert scaled(TWIN, findings=[finding("OUT101")]).twin is None
    assert scaled().twin is None


@pytest.mark.parametrize("settled", [True, False])
def test_where_all_had_their_chance_and_none_beats_a_constant_it_says_so(settled):
    """A lower rate may learn nothing by heart in any time."""
    slower = dataclasses.replace(SLOWER, settled=settled)
    assert scaled(TWIN, slower, ADAM).beats_constant is False


@pytest.mark.parametrize(
    ("trials", "told"),
    [
        ([TWIN, dataclasses.replace(SLOWER, held_out=0.9)], {}),
        ([TWIN, dataclasses.replace(ADAM, held_out=0.8)], {}),
        ([TWIN], {"signal": 0.3}),
        ([TWIN], {"lag_score": 0.5}),
        ([TWIN], {"validation_skill": 0.1}),
        ([TWIN], {"best_validation_skill": 0.1}),
    ],
)
def test_one_control_that_learns_is_enough(trials, told):
    assert scaled(*trials, **told).beats_constant is True


@pytest.mark.parametrize(
    ("trials", "findings"),
    [
        ([], []),
        ([ADAM], []),
        ([dataclasses.replace(TWIN, settled=False)], []),
        ([TWIN], [finding("OUT101")]),
    ],
)
def test_a_twin_that_had_no_chance_or_no_sound_head_proves_nothing(trials, findings):
    found = scaled(*trials, findings=findings, naive=0.5)
    assert found.beats_constant is found.beats_naive is None


def test_a_finding_that_the_twin_does_not_share_changes_nothing():
    findings = [finding("OPT102"), finding("OUT109", "note")]
    assert scaled(TWIN, findings=findings).beats_constant is False


@pytest.mark.parametrize(
    ("naive", "words", "beaten"),
    [
        (0.9, {"signal": 0.89}, False),
        (0.9, {"signal": 0.905}, False),
        (0.9, {"signal": 0.92}, True),
        (0.9, {"signal": 0.89, "lag_score": 0.95}, True),
        (0.9, {"signal": 0.89, "reached": 0.904}, False),
        (0.9, {"signal": 0.89, "reached": 0.92}, True),
        (0.6, {"signal": 0.5}, True),
        (None, {"signal": 0.89}, None),
    ],
)
def test_the_naive_forecast_is_beaten_by_a_network_or_by_the_closed_form(naive, words, beaten):
    twin = trial(HEALTHY_TWIN, 0.9, held=0.7, settled=True)
    assert scaled(twin, CHANGES, naive=naive, **words).beats_naive is beaten


@pytest.mark.parametrize(
    ("told", "beaten"), [({"held_out": 0.9}, True), ({"settled": False}, None)]
)
def test_the_change_since_the_last_value_tells_most_of_it(told, beaten):
    """It starts where the naive forecast ends."""
    changes = dataclasses.replace(CHANGES, **told)
    assert scaled(TWIN, changes, naive=0.9, signal=0.89).beats_naive is beaten
