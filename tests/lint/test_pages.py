"""The pages of the rules: printed by ``unstuck explain``, and kept current below docs."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path

import pytest

from unstuck.commands import main
from unstuck.findings.registry import rule, rules

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    return generate.pages()


def test_the_pages_below_docs_are_current(pages):
    written = {path.name: path.read_text("utf-8") for path in (DOCS / "findings").glob("*.md")}
    different = {
        name for name in pages.keys() | written.keys() if pages.get(name) != written.get(name)
    }
    assert not different, "run python docs/generate.py"


def test_a_page_says_all_that_there_is_to_say(pages):
    page = pages["OUT101.md"]
    assert "# OUT101: softmax-on-one-unit\n" in page
    assert "Cause: `output_softmax_single_unit`" in page
    assert inspect.getdoc(type(rule("OUT101"))) in page
    assert rule("OUT101").sick in page
    assert rule("OUT101").healthy in page
    assert all(f"]({one.code}.md) | {one.name} |" in pages["index.md"] for one in rules())


@pytest.mark.parametrize(
    "name", ["OUT101", "out101", "softmax-on-one-unit", "output_softmax_single_unit"]
)
def test_explain_takes_code_name_or_cause(capsys, name):
    assert main(["explain", name]) == 0
    said = capsys.readouterr().out
    assert said.startswith("OUT101 softmax-on-one-unit\n\nA softmax over one unit")
    assert "## References" in said


@pytest.mark.parametrize(
    ("name", "meant"), [("OUT1O1", "OUT101"), ("softmax-one-unit", "softmax-on-one-unit")]
)
def test_explain_suggests_what_was_meant(capsys, name, meant):
    assert main(["explain", name]) == 2
    assert f"Did you mean {meant}?" in capsys.readouterr().err


def test_explain_lists_the_codes_where_nothing_is_close(capsys):
    assert main(["explain", "weather"]) == 2
    said = capsys.readouterr().err
    assert all(one.code in said for one in rules())
