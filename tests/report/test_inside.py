"""The words and the bars that tell how far back a network learns."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.pictures import GatePicture, LagPicture, MemoryPicture, SitePicture, XRayPicture
from unstuck.report.html.memory import WIDTH, memory
from unstuck.report.inside import inside, reaches, sentence, shown_whole, when


def site(name="lstm", horizon=9, steps=128, kind="LSTM", **memory) -> SitePicture:
    gates = (GatePicture("forget", 0.5, 0.01, 1e-3), GatePicture("output", 0.25, 0.5, 0.0))
    return SitePicture(name, name, kind, steps, 16, gates, MemoryPicture(horizon, **memory))


def xray(*sites, step=0, reason="start", lags=(), withheld=None) -> XRayPicture:
    return XRayPicture(step, reason, 32, 0.5, sites, lags, withheld)


def lag(needed, output="dense", window=128, beyond=None) -> LagPicture:
    return LagPicture(output, window, needed, beyond)


NEEDS = "What decides the answer lies up to 48 steps back; the network's learning signal "


@pytest.mark.parametrize(
    ("horizon", "needed", "words"),
    [
        (9, 48, NEEDS + "fades after 9."),
        (47, 48, NEEDS + "fades after 47."),
        (48, 48, NEEDS + "reaches 48: far enough."),
        (127, 48, NEEDS + "reaches all 128 steps: far enough."),
        (0, 48, NEEDS + "is lost after the last step."),
        (
            0,
            1,
            "What decides the answer lies up to 1 step back; "
            "the network's learning signal is lost after the last step.",
        ),
        (
            0,
            0,
            "The last step alone decides the answer; "
            "the network's learning signal reaches it: far enough.",
        ),
        (
            9,
            None,
            "Nothing in the inputs was found to inform the answer. "
            "The network's learning signal fades after 9.",
        ),
    ],
)
def test_one_sentence_says_what_it_means(horizon, needed, words):
    assert sentence([xray(site(horizon=horizon), lags=(lag(needed),))]) == words


def test_a_signal_may_not_be_heard_at_all():
    silent = xray(site(horizon=0, heard=False), lags=(lag(0),))
    assert sentence([silent]) == (
        "The last step alone decides the answer; the network's learning signal "
        "does not stand out of the noise, not even at the last step."
    )
    assert memory([silent])["rows"][0]["pieces"] == []
    assert reaches(silent.sites[0]) == "lost in noise"


def test_sequences_that_are_masked_may_all_be_shorter_than_the_layer():
    short = site(horizon=99, lags=(0, 50, 99))
    assert reaches(short) == "all 100 steps"
    assert reaches(site(horizon=99)) == "99 steps back"
    assert reaches(site(horizon=127)) == "all 128 steps"
    assert reaches(site(horizon=0)) == "the last step only"
    assert reaches(site(horizon=None)) == "not known"


def test_without_the_lag_that_the_task_needs_it_judges_nothing():
    assert sentence([xray(site())]) == "The network's learning signal fades after 9."
    assert sentence([xray(site(horizon=127))]).endswith("learning signal reaches all 128 steps.")
    assert sentence([xray(site(horizon=None), lags=(lag(3),))]) is None
    assert sentence([xray(withheld="it is stateful")]) is None


def course_of(*horizons, needed=48):
    return [
        xray(site(horizon=max(0, each), heard=each >= 0), lags=(lag(needed),)) for each in horizons
    ]


def test_the_last_xray_counts_and_the_furthest_is_told_where_it_was_another():
    assert sentence(course_of(7, 20, 9)) == NEEDS + "fades after 9 (at its furthest it reached 20)."
    assert sentence(course_of(7, 9)) == NEEDS + "fades after 9."
    assert sentence(course_of(7, 60)) == NEEDS + "reaches 60: far enough."


def test_a_network_that_has_learnt_its_task_may_hear_nothing_any_more():
    for end, words in ((-1, "is lost in noise"), (0, "is lost in noise"), (5, "fades after 5")):
        assert sentence(course_of(7, 60, end)) == (
            NEEDS + f"reached 60 steps back in training, and {words} at the end."
        )


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        ((1.0, 0.5, 0.05), "far enough"),
        ((1.0, 0.5, 0.002), "but arrives there with 1/500 of its strength"),
        ((0.0, 0.0, 0.0), "far enough"),
        ((None, None, None), "far enough"),
    ],
)
def test_a_signal_may_arrive_and_be_faint(gradient, words):
    faint = site(horizon=60, lags=(0, 24, 48), gradient=gradient)
    assert words in sentence([xray(faint, lags=(lag(48),))])


def test_the_longest_lag_and_the_layer_that_reaches_furthest_are_compared():
    both = (lag(3, "near"), lag(70, "far", beyond=400), lag(None, "none"))
    words = sentence([xray(site("a", 9), site("b", 20), lags=both)])
    assert words == (
        "What decides the answer of far lies up to 70 steps back; the network's learning signal "
        "fades after 20. Data from before the window of 128 steps, up to 400 back, would add to it."
    )


@pytest.mark.parametrize(
    ("step", "reason", "words"),
    [
        (0, "start", "before training"),
        (1, "spread", "after 1 step"),
        (1200, "spread", "after 1,200 steps"),
        (7, "jump", "after 7 steps, at a jump"),
        (99, "end", "at the end, after 99 steps"),
    ],
)
def test_when_an_xray_was_taken(step, reason, words):
    assert when(xray(step=step, reason=reason)) == words


def test_the_table_tells_the_start_and_the_end():
    first = site(half_life=2.0, measured_half_life=None)
    last = dataclasses.replace(
        first,
        gates=(GatePicture("forget", 0.02, 0.97, None), first.gates[1]),
        memory=MemoryPicture(2, half_life=0.5),
    )
    words = inside([xray(first), xray(step=3, withheld="no"), xray(last, step=9, reason="end")])
    (row,) = words["sites"]
    assert row["size"] == "LSTM, 16 units, 128 time steps"
    assert row["gates"] == [
        {
            "name": "forget",
            "mean": "0.5 → 0.02",
            "saturated": "1 % → 97 %",
            "gradient": "0.001 → unknown",
        },
        {"name": "output", "mean": "0.25", "saturated": "50 %", "gradient": "0"},
    ]
    assert [(each["name"], each["value"]) for each in row["memory"]] == [
        ("learning signal", "9 steps back → 2 steps back"),
        ("the forget gate alone halves what the cell holds in", "2 steps → 0.5 steps"),
    ]
    assert words["withheld"] == [{"when": "after 3 steps", "why": "no"}]
    expected = "before training → at the end, after 9 steps, on one fixed batch of 32 samples"
    assert words["course"] == expected


def test_a_gru_forgets_by_its_update_gate():
    gates = (GatePicture("update", 0.5, 0.0, 0.1),)
    gru = dataclasses.replace(site(half_life=1.0), gates=gates)
    names = [each["name"] for each in inside([xray(gru)])["sites"][0]["memory"]]
    assert "the update gate alone halves what the cell holds in" in names


def test_nothing_is_said_without_an_xray():
    assert inside(()) is None
    assert memory(()) is None
    assert memory([xray(withheld="it is stateful")]) is None
    assert memory([xray(site(horizon=None))]) is None


strengths = st.none() | st.sampled_from([0.0, 1e-30, 1.0, math.pi, 1e30])


@given(
    horizon=st.integers(0, 300),
    steps=st.integers(1, 200),
    needed=st.integers(0, 400),
    curve=st.lists(st.tuples(st.integers(0, 250), strengths), max_size=20),
)
def test_a_bar_ends_where_the_signal_does(horizon, steps, needed, curve):
    lags, gradient = zip(*sorted(curve, key=lambda row: row[0]), strict=True) if curve else ((), ())
    seen = site(horizon=horizon, steps=steps, lags=lags, gradient=gradient)
    drawn = memory([xray(seen, lags=(lag(needed),))])
    span = max(steps, needed + 1)
    (row,) = drawn["rows"]
    pieces = row["pieces"]
    assert all(0 < piece["opacity"] <= 1 and piece["width"] > 0 for piece in pieces)
    (need,) = drawn["needs"]
    assert 0 < need["x"] < WIDTH
    ends = [(piece["x"], piece["x"] + piece["width"]) for piece in pieces]
    assert ends[0][1] == pytest.approx(WIDTH)
    for (left, _), (_, right) in itertools.pairwise(ends):
        assert left == pytest.approx(right, abs=0.2)
    wanted = WIDTH * (1 - min(horizon + 1, steps) / span)
    assert ends[-1][0] == pytest.approx(min(wanted, WIDTH - 4), abs=0.1)
    # The mark lies on the bar just where the signal arrives at what is needed.
    if wanted < WIDTH - 4:
        assert (need["x"] > ends[-1][0]) == (needed <= min(horizon, steps - 1))


def test_a_bar_is_as_pale_as_its_gradient_is_weak():
    seen = site(horizon=3, steps=8, lags=(0, 1, 2, 3), gradient=(1.0, 1e-2, 1e-3, 1e-9))
    (row,) = memory([xray(seen)])["rows"]
    assert [piece["opacity"] for piece in row["pieces"]] == [1.0, 0.5, 0.2, 0.15]


def test_every_layer_gets_its_first_and_its_last_bar_and_many_are_left_out():
    names = [f"lstm_{index}" for index in range(11)]
    course = [xray(*(site(name) for name in names), step=step) for step in (0, 5, 9)]
    drawn = memory(course)
    words = inside(course)
    assert (len(words["sites"]), words["more"]) == (8, 3)
    assert [(row["name"], row["when"], row["last"]) for row in drawn["rows"][:3]] == [
        ("lstm_0", "before training", False),
        ("lstm_0", "after 9 steps", True),
        ("lstm_1", "before training", False),
    ]
    assert len(drawn["rows"]) == 16


def test_of_many_fits_the_later_ones_keep_their_sentence():
    course = (xray(site()),)
    fits = [namedtuple("Fit", "xrays")(course if index % 2 else ()) for index in range(20)]
    shown = shown_whole(fits)
    assert [index for index, whole in enumerate(shown) if whole] == [1, 3, 5, 7, 9, 11]
    words = inside(course, whole=False)
    assert words["sentence"] == inside(course)["sentence"]
    assert words["sites"] == []
