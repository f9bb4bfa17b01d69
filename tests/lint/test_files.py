"""What may go wrong with a file: it is told, the others are linted all the same, and it is 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from unstuck.case.script import LARGEST_CODE

FOUND = "train.py:4:5: error: OUT101"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.py", None, "doesn't exist"),
        ("broken.py", b"x = = 1\n", "broken.py, line 1"),
        ("data.csv", b"a b\n1 2\n", "data.csv"),
        ("picture.py", b"\x89PNG\r\n\x1a\n\x00\x00", "picture.py"),
        ("null.py", b"x = 1\x00\n", "null.py"),
        ("latin.py", b"# \xfc\n", "UTF-8"),
        ("odd.py", b"# coding: no-such-code\nx = 1\n", "no-such-code"),
        ("n.ipynb", b"{", "n.ipynb"),
        ("n.ipynb", b'{"cells": [{"cell_type": "code", "source": "x = ="}]}', "cell 1, line 1"),
        ("deep.py", b"x = " + b"(" * 10_000 + b")" * 10_000, "deep.py"),
        ("large.py", b"x = 1\n" * (LARGEST_CODE // 6 + 1), "at most"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_linted(
    lint_here, project, sick, name, content, said
):
    files = {"train.py": sick} | ({} if content is None else {name: content})
    project(**files)
    for order in ([name, "train.py"], ["train.py", name]):
        done = lint_here(*order)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stdout.startswith(FOUND)
        assert "1 cause in 1 script" in done.stdout
        assert "Traceback" not in done.stderr


def test_problems_are_told_beside_every_format(lint, project, sick):
    project(**{"train.py": sick, "broken.py": "x = = 1\n"})
    for form in ("json", "sarif", "github"):
        done = lint("--format", form, ".")
        assert done.returncode == 2
        assert "broken.py, line 1" in done.stderr
        assert "OUT101" in done.stdout
    (run,) = json.loads(lint("--format", "sarif", ".").stdout)["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "broken.py, line 1" in note["message"]["text"]


def test_a_broken_link_is_told(lint, project, sick):
    folder = project(**{"train.py": sick})
    (folder / "link.py").symlink_to("nowhere.py")
    for named in ("link.py", "."):
        done = lint(named, "train.py")
        assert done.returncode == 2
        assert "link.py" in done.stderr
        assert done.stdout.startswith(FOUND)


def test_a_link_to_a_script_is_a_script(lint, project, sick):
    folder = project(**{"code/real.py": sick})
    (folder / "link.py").symlink_to("code/real.py")
    assert lint("link.py").stdout.startswith("link.py:4:5: error: OUT101")


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe that lies in a folder")
def test_a_pipe_in_a_folder_is_left_alone(lint, project, sick):
    folder = project(**{"train.py": sick})
    os.mkfifo(folder / "pipe.py")
    assert "1 cause in 1 script" in lint(".").stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(lint, project, sick):
    folder = project(**{"train.py": sick, "secret.py": sick})
    (folder / "secret.py").chmod(0)
    done = lint(".")
    assert done.returncode == 2
    assert "secret.py" in done.stderr
    assert done.stdout.startswith(FOUND)


def test_an_empty_folder_says_so(lint, tmp_path):
    (tmp_path / "empty").mkdir()
    done = lint("empty")
    assert done.returncode == 0
    assert done.stderr == "unstuck: There is no script or notebook below empty.\n"
    assert done.stdout == "Nothing suspected in 0 scripts; read, not run.\n"


def test_hidden_files_and_folders_of_others_are_left_out(lint, project, sick):
    project(**{".#train.py": sick, ".venv/a.py": sick, "build/b.py": sick, "c.py": sick})
    assert "1 cause in 1 script" in lint(".").stdout


@pytest.mark.parametrize(
    ("before", "encoding"),
    [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"# -*- coding: latin-1 -*-\n", "latin-1"),
        (b"\xef\xbb\xbf# coding: utf-8\n", "utf-8"),
    ],
)
def test_every_encoding_that_python_reads_is_read(lint_here, project, sick, before, encoding):
    project(**{"train.py": before + f"name = 'Größe'\n{sick}".encode(encoding)})
    done = lint_here("train.py")
    assert done.returncode == 1, done.stderr
    assert ": error: OUT101" in done.stdout


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_every_line_end_is_read(lint_here, project, sick, end):
    project(**{"train.py": sick.replace("\n", end)})
    assert lint_here("train.py").stdout.startswith(FOUND)


def test_tabs_and_form_feeds_are_read(lint, project, sick):
    project(**{"train.py": sick.replace("    ", "\t").replace("])\n", "])\n\f\n")})
    assert lint("train.py").stdout.startswith("train.py:4:2: error: OUT101")


def test_a_reader_who_leaves_early_is_no_error(project, sick):
    folder = project(**{f"train_{number}.py": sick for number in range(200)})
    command = f"{sys.executable} -m unstuck lint . | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_what_python_thinks_of_an_escape_is_not_said(lint, project):
    project(**{"train.py": "import keras\nx = '\\d'\n"})
    assert lint("train.py").stderr == ""


def test_a_fault_in_a_rule_is_told_with_the_file_and_the_rest_goes_on(
    monkeypatch, project, sick, capsys
):
    from unstuck.commands import main
    from unstuck.findings.registry import rule

    folder = project(**{"bad.py": sick, "train.py": sick})
    monkeypatch.chdir(folder)
    real = type(rule("OUT104")).suspect

    def suspect(self, script):
        if script.path == "bad.py":
            raise ZeroDivisionError("by chance")
        return real(self, script)

    monkeypatch.setattr(type(rule("OUT104")), "suspect", suspect)
    assert main(["lint", "."]) == 2
    said = capsys.readouterr()
    assert said.out.startswith(FOUND)
    assert "bad.py" in said.err
    assert "ZeroDivisionError: by chance" in said.err
    assert "not in your script" in said.err
