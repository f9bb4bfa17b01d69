"""GitHub's workflow commands: whatever a message holds, it stays one command."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.record import Diagnosis, Finding, Location, Tool
from unstuck.report import github


def annotation(message: str, severity: str = "error", **where) -> str:
    finding = Finding(
        "OUT101", "softmax", "c", severity, "suspected", 1.0, message, Location(**where)
    )
    made = Diagnosis(Tool("0"), None, (), (finding,), "undetermined", "")
    return github.text(made)


@pytest.mark.parametrize(
    ("severity", "command"), [("error", "error"), ("warning", "warning"), ("note", "notice")]
)
def test_a_severity_is_a_command(severity, command):
    said = annotation("It is 1.", severity, file="a.py", line=3)
    assert said == f"::{command} file=a.py,line=3,title=OUT101 softmax::It is 1.\n"


def test_signs_that_mean_something_are_escaped():
    said = annotation("100 %, a:b\r\nc", file="a,b:c%d.py", line=1)
    assert said == (
        "::error file=a%2Cb%3Ac%25d.py,line=1,title=OUT101 softmax::100 %25, a:b%0D%0Ac\n"
    )


def unescaped(text: str) -> str:
    # As @actions/core's counterpart, the runner, reads it: the percent sign last.
    for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


@given(st.text(max_size=20), st.text("ab,:%\r\n;=", min_size=1, max_size=8))
def test_what_is_read_back_is_what_was_meant(message, name):
    said = annotation(message, file=f"x{name}", line=7)
    assert said.count("\n") == 1
    read = re.fullmatch(r"::error file=([^,:]*),line=7,title=([^,:]*)::(.*)\n", said, re.DOTALL)
    assert read is not None
    assert unescaped(read[1]) == f"x{name}"
    assert unescaped(read[3]) == message


def test_a_notebook_has_no_line_but_a_cell():
    said = annotation("It is 1.", file="a/n.ipynb:cell 2", line=5)
    assert said == "::error file=a/n.ipynb,title=OUT101 softmax::Cell 2, line 5: It is 1.\n"


def test_a_finding_without_a_place_is_still_said():
    assert annotation("It is 1.") == "::error title=OUT101 softmax::It is 1.\n"


def test_paths_are_those_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inside, outside = str(tmp_path / "sub" / "a.py"), os.path.abspath("../b.py")
    assert "file=sub/a.py," in annotation("m", file=inside, line=1)
    assert f"file={outside}," in annotation("m", file=outside, line=1)
    assert "file=a.py," in annotation("m", file="./a.py", line=1)
