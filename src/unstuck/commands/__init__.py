"""The command line: ``unstuck COMMAND ...``, one small class a command."""

from __future__ import annotations

import argparse
import difflib
import importlib
import sys
from collections.abc import Sequence

import unstuck
from unstuck.commands.command import FAILURE, INTERRUPTED, SUCCESS, Command, code_of_failure, say
from unstuck.errors import UsageError

COMMANDS = ("run", "fix", "lint", "report", "explain")
"""In the order of the help. ``name`` is the class ``Name`` in the module ``commands/name.py``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: Arguments after the program's name; those of the process if None.

    Returns:
        The exit code: 0, 1 for findings, 2 for a wrong use or an error inside unstuck,
        130 after Ctrl-C, or what the script that was run returned.
    """
    try:
        return _dispatch(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        print("unstuck: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        return code_of_failure(error)


def _dispatch(argv: list[str]) -> int:
    if not argv or argv[0] in ("-h", "--help"):
        say(_help())
        return SUCCESS
    if argv[0] == "--version":
        print(f"unstuck {unstuck.__version__}")
        return SUCCESS
    command = _command(argv[0])
    usage = command.usage and f"unstuck {command.name} {command.usage}"
    parser = argparse.ArgumentParser(
        prog=f"unstuck {command.name}", usage=usage, description=command.summary, allow_abbrev=False
    )
    command.configure(parser)
    try:
        arguments = command.parse(parser, argv[1:])
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else FAILURE
    return command.run(arguments)


def _command(name: str) -> Command:
    if name not in COMMANDS:
        raise UsageError(
            f"Expected a command ({', '.join(COMMANDS)}), received {name!r}. {_hint(name)}"
        )
    module = importlib.import_module(f"unstuck.commands.{name}")
    command: Command = getattr(module, name.capitalize())()
    return command


def _hint(name: str) -> str:
    if name.endswith(".py"):
        return f"To watch a script: unstuck run {name}"
    close = difflib.get_close_matches(name, COMMANDS, n=1)
    return f"Did you mean {close[0]}?" if close else "See unstuck --help."


def _help() -> str:
    width = max(map(len, COMMANDS))
    rows = [f"  {name:<{width}}  {_command(name).summary}" for name in COMMANDS]
    return "\n".join(
        [
            "usage: unstuck COMMAND ...",
            "",
            "Find out why a Keras LSTM is not training, prove it, and fix it.",
            "",
            *rows,
            "",
            "unstuck COMMAND --help says more; unstuck --version names the version.",
            "Exit codes: 0 nothing found, 1 findings, 2 wrong use or a fault of unstuck.",
        ]
    )
