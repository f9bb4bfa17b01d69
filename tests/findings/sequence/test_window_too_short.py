"""SEQ102: windows that end before what decides."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from unstuck.case.edits import apply
from unstuck.observe.xray.facts import LagFacts

SOURCE = """import keras
import numpy as np
from keras import layers
window = 8
x = np.lib.stride_tricks.sliding_window_view(series, window)[:-1, :, None]
model = keras.Sequential([keras.Input((window, 1)), layers.LSTM(8), layers.Dense(1)])
"""


def lag(inside: float = 0.1, gain: float = 0.7, beyond: int | None = 23, **told: Any) -> LagFacts:
    """What windows of 8 steps explain, and what earlier steps add."""
    given: dict[str, Any] = {"output": "dense", "window": 8, "needed": 7 if inside else None}
    return LagFacts(**given | told, score=inside, beyond=beyond, beyond_gain=gain)


@pytest.mark.parametrize(
    ("inside", "gain", "explained", "severities"),
    [
        # The window holds nothing, or little, and the model has learned it.
        (0.0, 0.8, 0.0, ["error"]),
        (0.3, 0.6, 0.3, ["error"]),
        # It missed a good deal of what the window holds: that may have any reason.
        (0.6, 0.3, 0.1, ["warning"]),
        # It is not much.
        (0.5, 0.07, 0.3, ["warning"]),
        (0.6, 0.02, 0.6, []),
        # The model does as well as a longer window would allow.
        (0.8, 0.1, 0.85, ["note"]),
    ],
)
def test_what_is_missing_inside_and_outside(written, cell, inside, gain, explained, severities):
    words = {"lags": (lag(inside, gain),), "layers": (cell(),), "skill": explained}
    found = written.judge("SEQ102", **words)
    assert [one.severity for one in found] == severities
    for one in found:
        assert one.evidence["wanted_window"].value == 24
        assert one.evidence["added_by_earlier_steps"].value == pytest.approx(gain)
        assert "24" in one.message


@pytest.mark.parametrize(
    "words",
    [
        {"lags": (lag(beyond=None, gain=0.0),)},
        {"lags": ()},
        {"lags": (lag(),), "skill": None},
        {"lags": (lag(output="other"),)},
    ],
    ids=["nothing beyond", "not measured", "no outcome", "another output"],
)
def test_other_runs_are_left_alone(written, cell, words):
    assert not written.judge("SEQ102", layers=(cell(),), **words)


def test_a_carried_state_knows_what_came_before(written, cell):
    assert not written.judge("SEQ102", lags=(lag(),), layers=(cell(stateful=True),))


def edited(written: Any, cell: Any, source: str) -> tuple[int | None, str]:
    """The line that is named, and the script after its edits."""
    (found,) = written.judge("SEQ102", lags=(lag(),), layers=(cell(line=6),), source=source)
    (treatment,) = found.treatments
    return found.location.line, apply(source, treatment.edits)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("window = 8", "window = 24", 4),
        ("window = 8", "LOOK_BACK: int = 8; window = LOOK_BACK", 4),
        # Something else is 8 as well.
        ("window = 8", "units = 8; window = 8", 4),
        ("window = 8", "def cut(rows, steps=8):\n    return rows\nwindow = n", 4),
    ],
)
def test_the_window_is_lengthened_where_it_is_written(written, cell, old, new, line):
    source = SOURCE.replace(old, new.replace("24", "8"))
    place, after = edited(written, cell, source)
    assert place == line
    ast.parse(after)
    assert after.count("24") == 1
    assert [a for a, b in zip(after, source, strict=False) if a != b]


def test_the_shape_of_the_input_is_changed_along(written, cell):
    source = SOURCE.replace("Input((window, 1))", "Input((8, 1))")
    place, after = edited(written, cell, source)
    assert place == 4
    assert "window = 24\n" in after
    assert "Input((24, 1)), layers.LSTM(8)" in after


@pytest.mark.parametrize(
    "source",
    [
        SOURCE.replace("window = 8", "window = int(8)"),
        SOURCE.replace("window = 8", "window = steps = 8\nlag = 8"),
        SOURCE.replace("window = 8", "batch = 8"),
    ],
    ids=["computed", "several", "another name"],
)
def test_without_one_such_number_nothing_is_edited(written, cell, source):
    _, after = edited(written, cell, source)
    assert after == source
