"""DAT101: NaN and infinity in the data."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings import standins

from unstuck.case.edits import apply
from unstuck.case.facts import FeatureFacts
from unstuck.case.script import Script
from unstuck.findings.data.nonfinite_input import _filled

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


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("import numpy as np\nlevel = np.log(sold)\n\nmodel.fit(x, y)\n", 2),
        ("import numpy as np\na = np.log(a)\nb = np.sqrt(b)\nmodel.fit(x, y)\n", 4),
        ("import numpy as np\nfrom keras import ops\na = ops.log(a)\nmodel.fit(x, y)\n", 4),
    ],
)
def test_the_only_function_that_can_make_them_is_where_to_look(written, source, line):
    x = NORMAL.copy()
    x[3, 2, 1] = -np.inf
    (found,) = written.judge("DAT101", x=x, source=source, lines={"fit": 4}, skill=None)
    assert found.location.line == line


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


FITTED = (
    "import numpy as np\nimport keras\n"
    "model = keras.Sequential([keras.layers.LSTM(4), keras.layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\n"
    "model.fit({given})\n"
)


@pytest.mark.parametrize(
    ("given", "role", "line"),
    [
        ("x, y", "input", "x = np.nan_to_num(x, posinf=0.0, neginf=0.0)"),
        ("x=a[:9], y=b[:9]", "input", "a = np.nan_to_num(a, posinf=0.0, neginf=0.0)"),
        ("x, y, validation_data=(v, w)", "validation_input", "v = np.nan_to_num(v, posinf"),
        ("x, y", "target", "x, y = x[np.isfinite(y).reshape(len(y), -1).all(axis=1)], y[np.isf"),
        ("load(), y", "input", None),
        ("d[:, 1:], d[:, 0]", "target", None),
    ],
)
def test_gaps_are_filled_and_samples_without_a_target_left_out(written, given, role, line):
    source = FITTED.format(given=given)
    x = NORMAL.copy()
    x[3, 2, 1] = np.nan
    words = {"x": x, "inputs": {"role": role}, "skill": None, "lines": {"fit": 5}}
    (found,) = written.judge("DAT101", source=source, **words)
    edits = found.treatments[0].edits
    assert bool(edits) == (line is not None)
    assert found.treatments[0].safe is False
    if line is not None:
        assert apply(source, edits).splitlines()[4].startswith(line)


def test_the_lines_that_fill_gaps_do_so():
    source = FITTED.format(given="x, y").splitlines()
    x, y = np.array([[1.0, np.nan], [np.inf, 2.0], [3.0, 4.0]]), np.array([1.0, np.nan, 2.0])
    names = {"np": np, "x": x, "y": y}
    facts = [("input", "x"), ("target", "y")]
    call = Script.parse("\n".join(source)).models[0].fits[0]
    bad = [standins.array(role, name) for role, name in facts]
    scripts = {call.file: Script.parse("\n".join(source), call.file)}
    edits = _filled(bad, standins.fit(place=call.place), scripts)
    exec("\n".join(edit.new for edit in edits), names)
    assert names["x"].tolist() == [[1.0, 0.0], [3.0, 4.0]]
    assert names["y"].tolist() == [1.0, 2.0]
