"""Linting: every rule is asked, comments silence, cells and lines are the user's."""

from __future__ import annotations

import json
import textwrap

import pytest

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.errors import UsageError
from unstuck.lint import check, diagnose, scripts

SICK = textwrap.dedent(
    """
    from keras import Input, Sequential, layers

    model = Sequential([Input((9, 2)), layers.LSTM(4)])
    model.add(layers.Dense(1, activation="softmax")){comment}
    model.compile("adam", "binary_crossentropy")
    """
)


def codes(source: str) -> list[str]:
    return [finding.code for finding in check(Script.parse(source, "train.py"))]


def test_a_finding_names_its_line_and_a_change_that_removes_it():
    source = SICK.format(comment="")
    (finding,) = check(Script.parse(source, "train.py"))
    assert finding.code == "OUT101"
    assert finding.level == "suspected"
    assert (finding.location.file, finding.location.line) == ("train.py", 5)
    assert codes(apply(source, finding.treatments[0].edits)) == []


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("  # unstuck: ignore[OUT101]", True),
        ("  # unstuck: ignore[out999, out101] because", True),
        ("  # unstuck:ignore[softmax-on-one-unit]", True),
        ("  # unstuck: ignore[output_softmax_single_unit]", True),
        ("  # unstuck: ignore", True),
        ("  # noqa  # unstuck: ignore", True),
        ("  # unstuck: ignore[OUT102]", False),
        ("  # ignore[OUT101]", False),
        ("\n# unstuck: ignore[OUT101]", False),
    ],
)
def test_a_comment_silences_its_line(comment, silent):
    assert (codes(SICK.format(comment=comment)) == []) is silent


def test_a_comment_of_its_own_silences_the_next_line():
    source = SICK.format(comment="").replace("model.add", "# unstuck: ignore[OUT101]\nmodel.add")
    assert codes(source) == []


def test_the_same_place_is_reported_once_and_in_order():
    source = """
from keras import Input, Sequential, layers, losses
def build(units):
    return Sequential([
        Input((9, 2)), layers.LSTM(units),
        layers.Dense(1, activation="softmax"),
    ])
for units in (4, 8, 16):
    build(units).compile("adam", "mse")
other = Sequential([Input((9, 2)), layers.LSTM(2), layers.Dense(4, activation="softmax")])
other.compile("adam", losses.CategoricalCrossentropy(from_logits=True))
"""
    found = check(Script.parse(source))
    assert [(one.code, one.location.line) for one in found] == [("OUT101", 6), ("OUT104", 11)]


def test_lines_in_a_notebook_are_those_of_its_cells(tmp_path):
    cells = ["import keras", SICK.format(comment="")]
    document = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    path = tmp_path / "train.ipynb"
    path.write_text(json.dumps(document))
    diagnosis = diagnose([Script.read(path)])
    (finding,) = diagnosis.findings
    assert finding.location.file == f"{path}:cell 2"
    assert finding.location.line == 5
    (edit,) = finding.treatments[0].edits
    lines = diagnosis.sources[finding.location.file].split("\n")
    assert lines[edit.line - 1] == edit.old


def test_a_diagnosis_without_a_run_is_undetermined():
    healthy = SICK.format(comment="").replace("softmax", "sigmoid")
    nothing = diagnose([Script.parse(healthy, "a.py")])
    assert (nothing.verdict, nothing.findings, nothing.fits) == ("undetermined", (), ())
    assert nothing.script == "a.py"
    both = diagnose([Script.parse(SICK.format(comment=""), name) for name in ("a.py", "b.py")])
    assert both.script is None
    assert [finding.location.file for finding in both.findings] == ["a.py", "b.py"]


def test_scripts_are_found_below_folders(tmp_path):
    for name in ("b.py", "a.ipynb", "c.txt", "sub/d.py", ".venv/e.py", "__pycache__/f.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = [path.relative_to(tmp_path).as_posix() for path in scripts([tmp_path])]
    assert found == ["a.ipynb", "b.py", "sub/d.py"]
    named = [tmp_path / "c.txt", tmp_path / "b.py", tmp_path / "b.py"]
    assert list(scripts(named)) == named[:2]
    with pytest.raises(UsageError, match="missing"):
        list(scripts([tmp_path / "missing"]))


def test_the_package_is_the_function(tmp_path):
    import unstuck.lint

    (tmp_path / "train.py").write_text(SICK.format(comment=""))
    source = SICK.format(comment="")
    for given in (tmp_path, tmp_path / "train.py", str(tmp_path / "train.py"), source):
        assert [finding.code for finding in unstuck.lint(given).findings] == ["OUT101"]
    assert unstuck.lint(Script.parse("x = 1")).findings == ()
