"""The command: what it runs, what it says, and the page that it writes."""

from __future__ import annotations

import json
import time

import pytest
from clinic.judging import judged
from clinic.running import Result
from clinic.writing import Board, page, summary
from tests.clinic.answers import case, finding, row

from clinic import check, writing


class Bench:
    """Answers every case with its own truth; knows some of them from before."""

    def __init__(self, known=()):
        self.known, self.ran = set(known), []

    def kept(self, one, backend):
        return self.answer(one) if one.id in self.known else None

    def run(self, one, backend):
        self.ran.append((one.id, backend))
        return self.answer(one)

    def answer(self, one):
        document = {"findings": [finding(c) for c in one.causes], "verdict": one.verdicts[0]}
        return Result(document=document)


class SlowBench:
    """Takes a moment for each case, so that an interruption comes before the last."""

    def __init__(self, bench):
        self.bench = bench

    def kept(self, one, backend):
        return None

    def run(self, one, backend):
        time.sleep(0.02)
        return self.bench.run(one, backend)


def results(runs, bench, *flags):
    said = []
    found = check.results_of(runs, bench, check.arguments(["--jobs", "2", *flags]), said.append)
    return found, said


CASES = [case("a"), case("b", ()), case("c", backends=("tensorflow", "jax"))]


def test_each_case_runs_on_the_first_of_its_backends_or_on_those_that_are_wanted():
    names = {
        backend: [(one.id, name) for one, name in check.runs_of(CASES, backend)]
        for backend in ("first", "tensorflow", "all")
    }
    assert names["first"] == [("a", "jax"), ("b", "jax"), ("c", "tensorflow")]
    assert names["tensorflow"] == [("c", "tensorflow")]
    assert len(names["all"]) == 4


def test_only_what_is_missing_is_run():
    bench = Bench(known=["a"])
    found, said = results(check.runs_of(CASES, "first"), bench)
    assert sorted(bench.ran) == [("b", "jax"), ("c", "tensorflow")]
    assert len(found) == len(said) == 3


@pytest.mark.parametrize(("flag", "runs"), [("--fresh", 3), ("--dry", 0)])
def test_fresh_runs_all_and_dry_runs_none(flag, runs):
    bench = Bench(known=["a"])
    found, _ = results(check.runs_of(CASES, "first"), bench, flag)
    assert len(bench.ran) == runs
    assert len(found) == (3 if runs else 1)


def test_after_an_interruption_no_further_case_starts():
    bench, runs = Bench(), [(case(f"{number:02}"), "jax") for number in range(40)]

    def interrupted(row):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.results_of(runs, SlowBench(bench), check.arguments(["--jobs", "1"]), interrupted)
    assert len(bench.ran) < len(runs)


def test_the_order_of_the_results_is_that_of_the_cases():
    runs = check.runs_of(CASES, "first")
    assert list(results(runs, Bench())[0]) == runs


def test_the_page_shows_misses_and_what_was_not_run():
    rows = [
        row(case("good"), finding("lr_too_high")),
        row(case("bad"), finding("dead_units")),
        row(case("alarm", ()), finding("dead_units")),
        judged(case("mute"), "jax", Result(failure="exit 1: a|b")),
    ]
    text = page(Board(rows, (), missing=2))
    assert "| bad | jax | lr_too_high | dead_units | stuck |" in text
    assert "| alarm | jax | healthy | error: dead_units | stuck (not healthy) |" in text
    assert "| mute | jax | lr_too_high | exit 1: a/b | ? (not stuck) |" in text
    assert "| good |" not in text
    assert "missing here: 2" in text
    assert "| first cause | 1 of 3 (33 %) |" in text
    assert all(len(set(map(columns, block))) == 1 for block in tables(text))


def tables(text):
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return [block for block in blocks if block[0].startswith("|")]


def columns(line):
    return line.count("|")


def test_a_line_tells_right_from_nearly_right():
    other = case(accept=("dead_units",))
    signs = [
        writing.mark(row(case(), finding("lr_too_high"))),
        writing.mark(row(other, finding("dead_units"))),
        writing.mark(row(case(), finding("dead_units"), finding("lr_too_high"))),
        writing.mark(row(case(), finding("dead_units"))),
        writing.mark(judged(case(), "jax", Result(failure="x"))),
    ]
    assert signs == ["ok", "~", "3", "X", "!"]


def test_the_summary_counts():
    text = summary(Board([row(case(), finding("lr_too_high"))], ()))
    assert "first cause                   1 of 1 (100 %)" in text


def test_nothing_of_that_name_is_a_wrong_use(capsys):
    assert check.main(["no-such-case"]) == 2
    assert "No case" in capsys.readouterr().err


def test_what_was_kept_is_written_as_page_and_json(tmp_path, capsys):
    out, board = tmp_path / "out.json", tmp_path / "board.md"
    given = ["pump-plain", "--dry", "--results", str(tmp_path / "none")]
    assert check.main([*given, "--json", str(out), "--write", str(board)]) == 0
    assert json.loads(out.read_text()) == []
    assert "missing here: 1" in board.read_text()
    assert "runs without a result yet: 1" in capsys.readouterr().out
