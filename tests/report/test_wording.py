from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.record import Location, Quantity
from unstuck.report import wording
from unstuck.report.excerpt import excerpt, source_lines


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.31, "0.31"),
        (0.69314718, "0.6931"),
        (0.99999, "1.0000"),
        (-10.56, "-10.56"),
        (1234.5678, "1,235"),
        (1.2345e-7, "1.23e-7"),
        (5e-4, "5e-4"),
        (3.1e38, "3.1e38"),
        (math.nan, "NaN"),
        (math.inf, "infinity"),
        (-math.inf, "-infinity"),
        (12345678, "12,345,678"),
        (True, "yes"),
        (None, "unknown"),
        ("lstm", "lstm"),
    ],
)
def test_numbers_keep_four_digits_and_never_round_to_a_whole_that_they_are_not(value, written):
    assert wording.number(value) == written


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_a_written_number_is_within_half_a_per_cent(value):
    read = float(wording.number(value).replace(",", ""))
    assert math.isclose(read, value, rel_tol=5e-3, abs_tol=0)


@given(st.text(max_size=200))
def test_nothing_in_visible_text_acts(text):
    shown = wording.visible(text)
    assert shown.isprintable() or all(
        not (ord(sign) < 32 or 127 <= ord(sign) < 160 or 0xD800 <= ord(sign) < 0xE000)
        for sign in shown
    )
    assert "\u202e" not in shown
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


def test_escape_sequences_are_spelled_out():
    assert wording.visible("a\x1b[31mb\tc\nd") == "a\\x1b[31mb    c d"


def test_a_unit_is_said_and_no_unit_is_not():
    assert wording.quantity(Quantity(3, "steps")) == "3 steps"
    assert wording.quantity(Quantity(0.5)) == "0.5"
    assert wording.quantity(Quantity(None, "steps")) == "unknown"


def test_a_place_names_what_is_known():
    where = Location(file="train.py", line=3, layer="lstm", gate="forget", timestep=0)
    assert wording.place(where) == "train.py:3, layer lstm, forget gate, time step 0"
    assert wording.place(Location(line=3)) == "line 3"
    assert wording.place(Location()) == ""


def test_an_excerpt_shows_the_line_between_its_neighbours_without_common_indentation():
    text = "def f():\n    a = 1\n    b = 2\n      c = 3\n    d = 4\n    e = 5\n"
    rows = excerpt({"f.py": text}, Location(file="f.py", line=4))
    assert [(row["number"], row["text"]) for row in rows] == [
        (2, "a = 1"),
        (3, "b = 2"),
        (4, "  c = 3"),
        (5, "d = 4"),
        (6, "e = 5"),
    ]
    assert [row["number"] for row in rows if row["marked"]] == [4]


def test_lines_are_counted_as_python_counts_them():
    text = "a = 1\x0c\nb = '\u2028'\r\nboom()\rc = 2"
    assert source_lines(text)[2] == "boom()"
    with pytest.raises(NameError) as caught:
        exec(compile(text, "f.py", "exec"), {})
    assert caught.traceback[-1].lineno + 1 == 3


@pytest.mark.parametrize("line", [0, -1, 99, None])
def test_a_line_that_is_not_there_has_no_excerpt(line):
    assert excerpt({"f.py": "a = 1"}, Location(file="f.py", line=line)) == []
    assert excerpt({}, Location(file="f.py", line=1)) == []
