"""The definition for pre-commit: the keys it needs, and an entry that is a command of ours."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

import pytest
import yaml

from unstuck.commands import COMMANDS
from unstuck.commands.lint import Lint

ROOT = Path(__file__).resolve().parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
KEYS = {
    *("id", "name", "description", "entry", "language", "types_or", "minimum_pre_commit_version"),
}
"""Of pre-commit's "Creating new hooks", those that we need."""


def test_the_hooks_are_a_list_of_two():
    assert [hook["id"] for hook in HOOKS] == ["unstuck", "unstuck-fix"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_has_the_shape_that_pre_commit_reads(hook):
    assert hook.keys() == KEYS
    assert all(isinstance(hook[key], str) for key in KEYS - {"types_or"})
    assert hook["language"] == "python"
    # Tags of the package identify, by which pre-commit tells files apart.
    assert hook["types_or"] == ["python", "jupyter"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_its_entry_takes_the_names_of_files(hook):
    program, command, *options = shlex.split(hook["entry"])
    assert program == "unstuck"
    assert command in COMMANDS
    parser = argparse.ArgumentParser()
    Lint().configure(parser)
    assert parser.parse_args([*options, "a.py", "b.ipynb"]).paths == ["a.py", "b.ipynb"]


def test_it_does_what_a_hook_should(lint, project, sick):
    folder = project(**{"train.py": sick, "fine.py": "x = 1\n"})
    assert lint("train.py", "fine.py").returncode == 1
    assert lint("--fix", "train.py", "fine.py").returncode == 0
    assert "sigmoid" in (folder / "train.py").read_text()
