"""DAT101: NaN and infinity in the data."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply
from unstuck.case.facts import FeatureFacts

NORMAL = np.random.default_rng(0).normal(size=(64, 5, 2))
ALIVE = FeatureFacts(0.0, 1.0, -2.0, 2.0, 0)
EMPTY = FeatureFacts(0.0, 0.0, 0.0, 0.0, 0)


def test_one_value_is_enough(written):
    x = NORMAL.copy()
    x[3, 2, 1] = np.nan
    where = {"first_nonfinite": (3, 2, 1)}
    (found,) = written.judge("DAT101", x=x, inputs=where, lines={"fit": 4}, skill=None)
    assert (found.severity, found.location.line) == ("error", 4)
    assert found.evidence["nonfinite_values"].value == 1
    assert found.evidence["first_sample"].value == 3
    assert "[3, 2, 1]" in found.message


def test_targets_count_too(written):
    y = np.where(np.arange(64) % 9, 1.0, np.inf)
    (found,) = written.judge("DAT101", y=y, skill=None)
    assert found.evidence["nonfinite_values"].value == np.isinf(y).sum()


def test_finite_data_are_left_alone(written):
    assert not written.judge("DAT101", skill=None)


def test_validation_data_alone_are_a_warning(written):
    y = np.where(np.arange(64) % 9, 1.0, np.nan)
    held_out = {"role": "validation_target"}
    (found,) = written.judge("DAT101", y=y, targets=held_out)
    assert found.severity == "warning"


SCRIPT = "import numpy as np\ndef scaled(a):\n    return (a - a.mean(0)) / {by}\nmodel.fit(x, y)\n"


@pytest.mark.parametrize(
    ("by", "cured"),
    [
        ("a.std(0)", "/ (a.std(0) + 1e-6)"),
        ("np.std(a, axis=0)", "/ (np.std(a, axis=0) + 1e-6)"),
        ("(a.max(0) - a.min(0))", None),
    ],
)
def test_a_column_without_values_comes_from_dividing_by_its_spread(written, by, cured):
    x = NORMAL.copy()
    x[..., 1] = np.nan
    source = SCRIPT.format(by=by)
    words = {"x": x, "inputs": {"features": (ALIVE, EMPTY)}, "skill": None, "lines": {"fit": 4}}
    (found,) = written.judge("DAT101", source=source, **words)
    assert found.location.line == 3
    edits = found.treatments[0].edits
    assert (cured in apply(source, edits)) if cured else edits == ()


@pytest.mark.parametrize("by", ["(a.std(0) + 1e-8)", "9", "a.sum(0)"])
def test_other_divisions_are_not_blamed(written, by):
    words = {"inputs": {"features": (ALIVE, EMPTY)}, "skill": None}
    x = NORMAL.copy()
    x[..., 1] = np.nan
    found = written.judge("DAT101", x=x, source=SCRIPT.format(by=by), lines={"fit": 4}, **words)
    assert [one.location.line for one in found] == [4]


def test_scattered_gaps_do_not_come_from_a_division(written):
    x = NORMAL.copy()
    x[3, 2, 1] = np.nan
    words = {"x": x, "inputs": {"features": (ALIVE, ALIVE)}, "skill": None, "lines": {"fit": 4}}
    (found,) = written.judge("DAT101", source=SCRIPT.format(by="a.std(0)"), **words)
    assert found.location.line == 4
