"""``unstuck run SCRIPT``: run a script unmodified, watch every fit, say what is wrong."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import math
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, TextIO

from unstuck.commands.command import Command, code_of_failure
from unstuck.commands.keeping import recording_file
from unstuck.commands.outputs import Outputs, writable
from unstuck.commands.script import File, Module, Outcome, Script
from unstuck.commands.silence import Silence
from unstuck.commands.watched import WatchedRun
from unstuck.errors import UsageError
from unstuck.record import Diagnosis

_VALUED = ("--json", "--html", "--record", "--fail-on", "--xray", "--budget", "-m")
"""Options before SCRIPT that take the next argument; everything from SCRIPT on is the script's."""


class Run(Command):
    """Runs a script in this process and diagnoses its training."""

    name: ClassVar[str] = "run"
    summary: ClassVar[str] = "Run a script unmodified, watch every fit, and say what is wrong."
    usage: ClassVar[str | None] = (
        "[options] SCRIPT [ARGS ...]\n       unstuck run [options] -m MODULE [ARGS ...]"
    )

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Takes where to write, and the script with its own arguments."""
        Outputs.configure(parser)
        parser.add_argument(
            "--record", metavar="FILE", help="keep the recording, for `unstuck report`"
        )
        parser.add_argument(
            "--xray",
            choices=("auto", "off"),
            default="auto",
            help="look into the recurrent cells after each fit (default: auto)",
        )
        parser.add_argument(
            "--budget",
            metavar="SECONDS",
            type=_seconds,
            help="time for controls that train copies of a model which did not learn, after the "
            "script; 0 for none (default: 20, or 5 %% of a long training)",
        )
        # What it gives is told by `unstuck fix`, which asks for it.
        parser.add_argument("--twin", action="store_true", help=argparse.SUPPRESS)
        parser.add_argument(
            "-m", dest="module", metavar="MODULE", help="run a module, as python -m"
        )
        parser.add_argument("script", nargs="?", metavar="SCRIPT", help="the script to run")

    def parse(self, parser: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
        """Reads our options only; what follows the script belongs to the script."""
        ours, rest = split(argv)
        arguments = parser.parse_args(ours)
        if arguments.module is None:
            if not rest:
                parser.error("expected a SCRIPT or -m MODULE to run")
            arguments.script, *rest = rest
        arguments.arguments = rest
        return arguments

    def run(self, arguments: argparse.Namespace) -> int:
        """Runs the script, then publishes the diagnosis."""
        outputs = Outputs.chosen(arguments)
        script = _script(arguments)
        _check_apart(script, outputs, arguments.record)
        process, stdout = os.getpid(), sys.stdout
        with recording_file(arguments.record) as recording:
            xray, budget = arguments.xray == "auto", arguments.budget
            watched = WatchedRun(script, recording, xray, budget, arguments.twin)
            outcome = watched.run()
            if os.getpid() != process:  # the script has forked, and this is the child
                return outcome.code
            for stream in (sys.stdout, stdout):  # the script may have replaced or closed it
                with contextlib.suppress(AttributeError, OSError, ValueError):
                    stream.flush()
            try:
                code = _conclude(watched, outcome, outputs, stdout)
            except Exception as error:
                code = code_of_failure(error)
            return outcome.code or code


def split(argv: Sequence[str], valued: Sequence[str] = _VALUED) -> tuple[list[str], list[str]]:
    """Divides the command line into our options and what starts with the script.

    argparse alone would take ``--json`` from behind the script as ours.

    Args:
        argv: Arguments after the command's name.
        valued: Our options that take the next argument.
    """
    index = 0
    while index < len(argv) and argv[index].startswith("-") and argv[index] != "-":
        word = argv[index]
        if word == "--":
            return list(argv[:index]), list(argv[index + 1 :])
        index += 2 if word in valued else 1
        if word.startswith("-m"):
            break
    return list(argv[:index]), list(argv[index:])


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"expected seconds from 0, received {text!r}")
    return seconds


def _script(arguments: argparse.Namespace) -> Script:
    if arguments.module is not None:
        return Module(arguments.module, arguments.arguments)
    return File(arguments.script, arguments.arguments)


def _check_apart(script: Script, outputs: Outputs, record: str | None) -> None:
    """A forgotten or repeated file name must not cost the user the script or a report."""
    source = Path(script.path).resolve() if script.path else None
    files = [outputs.json, outputs.html, writable(record, "--record")]
    named = [file for file in (*files, source) if file is not None]
    for file in set(named):
        if named.count(file) > 1:
            raise UsageError(f"Expected different files to read and write, received {file} twice.")


def _conclude(watched: WatchedRun, outcome: Outcome, outputs: Outputs, stdout: TextIO) -> int:
    """Makes the diagnosis, shows it, and returns the exit code."""
    with _progress("measuring the trained model"):
        watched.finish()
    stdout = sys.stderr if stdout.closed else stdout
    if watched.recorded():
        diagnosis = _diagnosis(watched)
        with watched.own_imports():
            outputs.publish(diagnosis, stdout)
        return outputs.code(diagnosis)
    silence = Silence(watched.watch, watched.script, outcome)
    print(f"unstuck: {silence.message}", file=sys.stderr)
    # What the source alone shows is still worth saying.
    diagnosis = dataclasses.replace(_diagnosis(watched), summary=silence.message)
    quiet = outputs.quiet or not diagnosis.findings
    with watched.own_imports():
        dataclasses.replace(outputs, quiet=quiet).publish(diagnosis, stdout)
    return silence.code or outputs.code(diagnosis)


def _diagnosis(watched: WatchedRun) -> Diagnosis:
    with watched.own_imports(), _progress("judging the measurements"):
        from unstuck.findings.diagnose import diagnose

        return diagnose(watched.path)


@contextlib.contextmanager
def _progress(words: str) -> Iterator[None]:
    """Says on a terminal what takes its time, and wipes it away; a log gets nothing."""
    if not sys.stderr.isatty():
        yield
        return
    print(f"unstuck: {words} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
