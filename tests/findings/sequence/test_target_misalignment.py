"""SEQ105: targets inside their windows, and rows that were torn apart."""

from __future__ import annotations

import pytest
from tests.findings import standins as given

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.observe.outcome import AlignmentFacts
from unstuck.observe.xray.facts import LagFacts

TAIL = (
    "import keras\nfrom keras import layers\n"
    "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
)
LOOP = "for i in range(len(s) - n):\n    x.append(s[i : i + n])\n    y.append({})\n"


def judge(offset, *, overlapping=True, scores=(), source=None, **words):
    ends = (0, 1, 3, 7, 9)
    lag = LagFacts("dense", 10, 9, 1.0, lags=ends[: len(scores)], scores=tuple(scores))
    return given.judge(
        "SEQ105",
        outcome=given.outcome(alignments=(AlignmentFacts("dense", 0, offset, overlapping),)),
        progress=given.progress(**words),
        lags=(lag,) if scores else (),
        scripts={"train.py": Script.parse(source, "train.py")} if source else {},
    )


def test_a_target_that_is_the_last_value_of_its_window():
    source = LOOP.format("s[i + n - 1]") + TAIL
    (found,) = judge(0, skill=0.99, source=source)
    assert (found.severity, found.location.line) == ("error", 3)
    assert found.evidence["offset_from_window_end"].value == 0
    assert apply(source, found.treatments[0].edits) == LOOP.format("s[i + n]") + TAIL


def test_a_first_value_of_a_series_that_others_tell_of():
    (found,) = judge(-9, scores=(0.4, 0.7, 0.9, 0.97, 1.0))
    assert found.severity == "error"
    assert "9 steps before the end" in found.message


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        # Recall: independent samples, or a series of which nothing else says anything.
        (0, {"overlapping": False}),
        (-4, {"overlapping": False, "scores": (0.5, 0.6, 0.7, 1.0)}),
        (-4, {"scores": (0.0, 0.01, 0.02, 1.0)}),
        (-4, {}),
        (1, {"skill": 0.0}),
        (5, {"skill": 0.95}),
    ],
)
def test_exercises_in_memory_and_forecasts_are_left_alone(offset, words):
    assert not judge(offset, **words)


def test_a_distant_target_that_is_not_learned_is_pointed_out():
    assert [found.severity for found in judge(5, skill=0.0)] == ["warning"]


@pytest.mark.parametrize(
    ("words", "severity"),
    [({"skill": 0.0, "signal": 0.0}, "error"), ({"skill": 0.95}, "warning")],
)
def test_rows_in_different_order(words, severity):
    (found,) = judge(None, **words)
    assert found.severity == severity
    assert "not in the same order" in found.message


INSIDE = {
    "loop": (LOOP.format("s[i + n - 1]"), 3, LOOP.format("s[i + n]")),
    "backwards": (
        "for i in range(n, len(s)):\n    x.append(s[i - n : i])\n    y.append(s[i - 1])\n",
        3,
        "for i in range(n, len(s)):\n    x.append(s[i - n : i])\n    y.append(s[i])\n",
    ),
    "named end": (
        "def cut(s, n):\n    for i in range(len(s) - n):\n        end = i + n\n"
        "        a, b = s[i:end], s[end - 1]\n        x.append(a); y.append(b)\n",
        4,
        "def cut(s, n):\n    for i in range(len(s) - n):\n        end = i + n\n"
        "        a, b = s[i:end], s[end]\n        x.append(a); y.append(b)\n",
    ),
    "comprehension": (
        "x = np.array([t[i : i + n, :] for i in range(len(t) - n)])\n"
        "y = np.array([t[i + n - 1, 0] for i in range(len(t) - n)])\n",
        2,
        None,
    ),
    "first": (LOOP.format("s[i]"), 3, None),
    # There is no value after the last window, so that nothing is changed.
    "no room": (LOOP.format("s[i + n - 1]").replace(" - n)", " - n + 1)"), 3, ""),
    "dataset": ("d = keras.utils.timeseries_dataset_from_array(a, a[:, 0], 24)\n", 1, None),
    "dataset by name": (
        "d = keras.utils.timeseries_dataset_from_array(\n    data=a[:-24],\n    targets=a,\n"
        "    sequence_length=24,\n)\n",
        3,
        None,
    ),
}


@pytest.mark.parametrize(("source", "line", "cured"), INSIDE.values(), ids=INSIDE)
def test_indices_that_lie_inside(suspected, source, line, cured):
    (found,) = suspected("SEQ105", source + TAIL)
    assert (found.severity, found.level, found.location.line) == ("warning", "suspected", line)
    changed = apply(source + TAIL, found.treatments[0].edits)
    if cured is not None:
        assert changed == (cured or source) + TAIL
    if changed != source + TAIL:
        assert not suspected("SEQ105", changed)


SOUND = {
    "next": LOOP.format("s[i + n]"),
    "later": LOOP.format("s[i + n + h - 1]"),
    "several": LOOP.format("s[i + n : i + n + h]"),
    "per step": LOOP.format("s[i + 1 : i + n + 1]"),
    "per step of ten": "for i in range(9):\n    x.append(s[i:i+10])\n    y.append(s[i+1:i+11])\n",
    "middle": "for i in range(9):\n    x.append(s[i : i + 6])\n    y.append(s[i + 3])\n",
    "change": LOOP.format("s[i + n] - s[i + n - 1]"),
    "other series": LOOP.format("t[i + n - 1]"),
    # The columns of a table that are known today, and the one that is asked for.
    "other column": "for i in range(9):\n    a, b = t[i : i + n, :-1], t[i + n - 1, -1]\n",
    # A decoder starts from the last value that is known.
    "decoder": LOOP.format("s[i + n : i + n + h]") + "    d.append(s[i + n - 1 : i + n + h - 1])\n",
    "baseline": LOOP.format("s[i + n]") + "    last.append(s[i + n - 1])\n",
    "batches": "for i in range(0, n, b):\n    part = a[i : i + b]\n    one = a[i : i + 1]\n",
    "dataset": "d = keras.utils.timeseries_dataset_from_array(a[:-24], a[24:], 24)\n",
    "dataset of inputs": "d = keras.utils.timeseries_dataset_from_array(a, None, 24)\n",
    "dataset of columns": (
        "d = keras.utils.timeseries_dataset_from_array(a[:, 1:], a[:, 0], 24)\n"
    ),
}


@pytest.mark.parametrize("source", SOUND.values(), ids=SOUND)
def test_sound_indices_are_left_alone(suspected, source):
    assert not suspected("SEQ105", source + TAIL)


def test_a_script_without_a_model_is_left_alone(suspected):
    assert not suspected("SEQ105", LOOP.format("s[i + n - 1]"))
