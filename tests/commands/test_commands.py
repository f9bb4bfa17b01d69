"""The command line itself: help, versions, wrong uses, and what it must not import."""

from __future__ import annotations

import json

import pytest

import unstuck
from unstuck.commands import COMMANDS, main
from unstuck.commands.command import Command
from unstuck.commands.run import Run, split


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_help_lists_every_command(capsys, argv):
    assert main(argv) == 0
    said = capsys.readouterr().out
    assert all(f"\n  {name}" in said for name in COMMANDS)


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"unstuck {unstuck.__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(capsys, name):
    assert main([name, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: unstuck {name} ")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["lnit"], "Did you mean lint?"),
        (["train.py"], "unstuck run train.py"),
        (["nothing-like-it"], "See unstuck --help."),
        (["explain", "XYZ999"], "OUT101"),
        (["report", "not-there"], "Expected a recording, received not-there"),
    ],
)
def test_a_wrong_use_says_what_to_do(capsys, argv, said):
    assert main(argv) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("unstuck: Expected ")
    assert said in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    "argv", [["run"], ["run", "--json"], ["run", "--nope", "x"], ["run", "-m"], ["report"]]
)
def test_a_wrong_option_shows_the_usage(capsys, argv):
    assert main(argv) == 2
    assert capsys.readouterr().err.startswith("usage: unstuck ")


def test_an_error_inside_unstuck_is_one_line_and_2(capsys, monkeypatch):
    def fail(self, arguments):
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(Run, "run", fail)
    assert main(["run", "x.py"]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("unstuck: internal error, ZeroDivisionError: inside at ")
    assert f"{__file__}:" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("given", ["OUT101", "out101", "softmax-on-one-unit"])
def test_explain_prints_the_page_of_a_rule(capsys, given):
    assert main(["explain", given]) == 0
    said = capsys.readouterr().out
    assert said.startswith("OUT101 softmax-on-one-unit\n\n")
    assert "What cures it" in said


def test_explain_on_a_stream_that_lacks_signs_and_one_that_is_closed(python):
    plain = python("-m", "unstuck", "explain", "SEQ101", PYTHONIOENCODING="ascii")
    assert plain.returncode == 0, plain.stderr
    shell = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'unstuck',"
    shell += " 'explain', 'OUT101'], stdout=subprocess.PIPE, stderr=subprocess.PIPE);"
    shell += " p.stdout.close(); print(p.stderr.read(), p.wait())"
    assert python("-c", shell).stdout == "b'' 0\n"


@pytest.mark.parametrize(
    ("argv", "ours", "rest"),
    [
        (["a.py", "--json", "x"], [], ["a.py", "--json", "x"]),
        (["--json", "o", "a.py", "-m"], ["--json", "o"], ["a.py", "-m"]),
        (["--json=o", "--quiet", "a.py"], ["--json=o", "--quiet"], ["a.py"]),
        (["--fail-on", "never", "--", "-odd.py", "--"], ["--fail-on", "never"], ["-odd.py", "--"]),
        (["--quiet", "-m", "pkg", "--json", "x"], ["--quiet", "-m", "pkg"], ["--json", "x"]),
        (["-mpkg", "-m", "x"], ["-mpkg"], ["-m", "x"]),
        (["--html"], ["--html"], []),
    ],
)
def test_what_follows_the_script_is_the_scripts(argv, ours, rest):
    assert split(argv) == (ours, rest)


HEAVY = "keras", "jax", "tensorflow", "torch", "numpy", "rich", "jinja2", "libcst"


@pytest.mark.parametrize(
    ("argv", "allowed"),
    [
        (["--help"], ()),
        (["run", "--help"], ()),
        (["run", "train.py"], ("numpy", "rich", "libcst")),
        (["report", "--help"], ()),
        (["lint", "--help"], ()),
        (["explain", "OUT101"], ("numpy",)),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(python, write, argv, allowed):
    write("train.py", "import sys\nassert not {'numpy', 'rich'} & set(sys.modules)\n")
    code = (
        "import json, sys\nfrom unstuck.commands import main\n"
        f"assert main({argv!r}) == 0\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))\n"
    )
    ended = python("-c", code)
    assert ended.returncode == 0, ended.stderr
    assert set(json.loads(ended.stdout.splitlines()[-1])) <= set(allowed)


def test_commands_name_themselves():
    for name in COMMANDS:
        module = __import__(f"unstuck.commands.{name}", fromlist=[name])
        command = getattr(module, name.capitalize())
        assert issubclass(command, Command)
        assert command.name == name
