"""``[tool.unstuck]`` in pyproject.toml, and the options that override it."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstuck.errors import UsageError
from unstuck.findings.registry import rules
from unstuck.lint.selection import Selection, split
from unstuck.settings import Settings, nearest

BOTH = (
    "import keras\n"
    "model = keras.Sequential([keras.layers.LSTM(4)])\n"
    "model.add(keras.layers.Dense(1, activation='softmax'))\n"
    "model.compile(keras.optimizers.Adam(0.5), 'binary_crossentropy')\n"
)
"""Shows OUT101 in line 3 and OPT101 in line 4."""


def codes(done) -> list[str]:
    lines = [line for line in done.stdout.splitlines() if ".py:" in line]
    return [line.split(": ")[2].split(" ")[0] for line in lines]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(BOTH)
    return tmp_path


def settings(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.unstuck]\n{text}\n")


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("", [], ["OUT101", "OPT101"]),
        ('select = ["OUT"]', [], ["OUT101"]),
        ('select = ["out101", "OPT1"]', [], ["OUT101", "OPT101"]),
        ('ignore = ["OUT"]', [], ["OPT101"]),
        ('ignore = ["softmax-on-one-unit"]', [], ["OPT101"]),
        ('ignore = ["lr_too_high"]', [], ["OUT101"]),
        ('select = ["O"]\nignore = ["OUT101"]', [], ["OPT101"]),
        ('per-file-ignores = { "train.py" = ["OPT"] }', [], ["OUT101"]),
        ('per-file-ignores = { "other/*" = ["OPT"] }', [], ["OUT101", "OPT101"]),
        ("", ["--select", "OPT"], ["OPT101"]),
        ("", ["--select", "OPT,OUT1"], ["OUT101", "OPT101"]),
        ("", ["--select", "OPT", "--select", "OUT"], ["OUT101", "OPT101"]),
        ("", ["--ignore", "OPT"], ["OUT101"]),
        ('select = ["OUT"]', ["--select", "OPT"], ["OPT101"]),
        ('ignore = ["OUT"]', ["--ignore", "OPT"], ["OUT101"]),
        ('exclude = ["train.py"]', [], []),
    ],
)
def test_rules_are_chosen(lint_here, folder, text, options, expected):
    settings(folder, text)
    done = lint_here(*options, "train.py")
    assert codes(done) == expected
    assert done.returncode == bool(expected), done.stderr


def test_format_and_failure_come_from_the_project_unless_the_command_line_has_them(lint, folder):
    settings(folder, 'format = "github"\nfail-on = "never"')
    done = lint(".")
    assert (done.returncode, done.stdout[:8]) == (0, "::error ")
    done = lint("--format", "text", "--fail-on", "error", ".")
    assert (done.returncode, done.stdout[:8]) == (1, "train.py")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('selct = ["OUT"]', ["'selct'", "Did you mean 'select'?"]),
        ("per_file_ignores = {}", ["Did you mean 'per-file-ignores'?"]),
        ('select = "OUT"', ["a list", "'OUT'"]),
        ('select = ["OUT", 1]', ["a list"]),
        ('select = ["OUTT101"]', ["'OUTT101'", "Did you mean OUT101?"]),
        ('ignore = ["softmax-one-unit"]', ["Did you mean softmax-on-one-unit?", "ignore of"]),
        ('per-file-ignores = { "a" = ["lr_to_high"] }', ["Did you mean lr_too_high?"]),
        ('per-file-ignores = { "a" = "OUT" }', ["a list"]),
        ('per-file-ignores = ["a"]', ["a table"]),
        ('fail-on = "errors"', ["Did you mean 'error'?", "never"]),
        ('format = "yaml"', ["text, json, sarif, github"]),
        ("select = [", ["in TOML"]),
    ],
)
def test_what_is_wrong_in_the_settings_is_said_with_a_suggestion(lint_here, folder, text, said):
    settings(folder, text)
    done = lint_here("train.py")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "pyproject.toml" in done.stderr
    for words in said:
        assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_of_another_kind_is_refused(lint, folder):
    (folder / "pyproject.toml").write_text("[tool]\nunstuck = 1\n")
    done = lint("train.py")
    assert done.returncode == 2
    assert "a table [tool.unstuck]" in done.stderr


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_rule_on_the_command_line_is_an_error(lint_here, folder, option):
    done = lint_here(option, "OUT9", "train.py")
    assert done.returncode == 2
    assert option in done.stderr
    assert "OUT9" in done.stderr


def test_the_nearest_settings_above_the_path_count(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.unstuck]\nselect = ["OUT"]\n')
    (tmp_path / "a" / "pyproject.toml").write_text('[tool.other]\nname = "unstuck"\n')
    for path in (inner, inner / "train.py", tmp_path):
        found = nearest(path)
        assert (found.folder, found.select) == (tmp_path, ("OUT",))
    (inner / "pyproject.toml").write_text("[tool.unstuck]\n")
    assert nearest(inner / "train.py").select == ()


def test_a_broken_file_without_a_word_of_us_is_none_of_our_business(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[[[")
    assert nearest(tmp_path).file is None
    (tmp_path / "pyproject.toml").write_text("[[[unstuck")
    with pytest.raises(UsageError, match="TOML"):
        nearest(tmp_path / "x.py")


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("old", "old/a.py", True),
        ("old", "x/old/a.py", True),
        ("old", "older/a.py", False),
        ("old/", "old/a.py", True),
        ("*.ipynb", "x/y.ipynb", True),
        ("test_*.py", "test_x/a.py", False),
        ("x/old", "x/old/deep/a.py", True),
        ("x/old", "y/x/old/a.py", False),
        ("**/old/*.py", "y/x/old/a.py", True),
        ("**/old/*.py", "old/a.py", True),
        ("x/*.py", "x/a.py", True),
        ("./x/a.py", "x/a.py", True),
        ("x/*.py", "y/x/a.py", False),
        ("[ab].py", "b.py", True),
    ],
)
def test_patterns_are_relative_to_the_settings(tmp_path, pattern, path, covered):
    found = Settings(tmp_path, exclude=(pattern,), per_file_ignores={pattern: ("OUT",)})
    assert found.excludes(tmp_path / path) is covered
    assert found.ignored_in(tmp_path / path) == (("OUT",) if covered else ())


def test_excluded_folders_are_left_out_and_a_named_one_is_told_of(lint, folder):
    (folder / "old" / "deep").mkdir(parents=True)
    (folder / "old" / "deep" / "train.py").write_text(BOTH)
    settings(folder, 'exclude = ["old"]')
    assert "2 causes in 1 script" in lint(".").stdout
    done = lint("old/deep/train.py", "train.py")
    assert codes(done) == ["OUT101", "OPT101"]
    assert "left out by exclude" in done.stderr


def test_each_path_has_the_settings_of_its_own_project(lint, tmp_path):
    for name, select in (("one", "OUT"), ("two", "OPT")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.py").write_text(BOTH)
        settings(tmp_path / name, f'select = ["{select}"]')
    done = lint("one", "two")
    assert codes(done) == ["OUT101", "OPT101"]


def test_every_code_prefix_name_and_cause_is_known():
    for rule in rules():
        names = (rule.code, rule.code[:3], rule.code[:4], rule.code.lower(), rule.name, rule.cause)
        for name in names:
            chosen = Selection(Settings(Path()), select=(name,))
            chosen.check()
            assert rule in chosen.rules(Path("a.py"))
            assert rule not in Selection(Settings(Path()), ignore=(name,)).rules(Path("a.py"))


def test_names_may_stand_in_one_option_or_in_several():
    assert split(None) is None
    assert split(["OUT,OPT", " GEN101 ,"]) == ("OUT", "OPT", "GEN101")
    assert split([""]) == ()
