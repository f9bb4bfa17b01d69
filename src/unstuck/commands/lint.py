"""``unstuck lint``: what scripts show without being run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from unstuck.commands.command import FAILURE, FINDINGS, SUCCESS, Command, say
from unstuck.commands.later import postpone
from unstuck.errors import UsageError
from unstuck.record import SEVERITIES, Diagnosis
from unstuck.settings import FAIL_ON, FORMATS, NEVER, nearest

if TYPE_CHECKING:
    from unstuck.lint.project import Linted


class Lint(Command):
    """Reads scripts and notebooks, and lists the causes that their source shows."""

    name: ClassVar[str] = "lint"
    summary: ClassVar[str] = "Read scripts without running them, and list what looks wrong."

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Takes paths, rules, what to do with edits, a format and the severity that fails."""
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help="a script, a notebook, or a folder of them"
        )
        for option, verb in (("--select", "ask only"), ("--ignore", "don't ask")):
            parser.add_argument(
                option,
                action="append",
                metavar="RULES",
                help=f"{verb} these: codes, their beginnings, names or causes, with commas between",
            )
        parser.add_argument("--fix", action="store_true", help="apply edits that are safe")
        parser.add_argument(
            "--unsafe-fixes", action="store_true", help="with --fix or --diff: all other edits too"
        )
        parser.add_argument("--diff", action="store_true", help="show what --fix would change")
        parser.add_argument("--format", choices=FORMATS, help="default: text")
        parser.add_argument(
            "--fail-on",
            choices=FAIL_ON,
            help="exit with 1 if a finding is this severe or worse (default: warning)",
        )

    def run(self, arguments: argparse.Namespace) -> int:
        """Prints what was found or changed; 1 for findings, 2 if something could not be read."""
        if arguments.unsafe_fixes and not (arguments.fix or arguments.diff):
            raise UsageError("Expected --fix or --diff with --unsafe-fixes. Received: neither.")
        postpone("numpy")
        from unstuck.lint.project import Linting
        from unstuck.lint.selection import split

        settings = nearest(Path(arguments.paths[0]))
        linted = Linting(
            select=split(arguments.select),
            ignore=split(arguments.ignore),
            fixes="show" if arguments.diff else "write" if arguments.fix else "none",
            unsafe=arguments.unsafe_fixes,
        ).run(arguments.paths)
        form = arguments.format or settings.format or "text"
        output = "".join(linted.diff) if arguments.diff else _report(linted, form)
        if output:
            say(output.removesuffix("\n"))
        _tell(linted, arguments.diff)
        code = _code(linted.diagnosis(), arguments.fail_on or settings.fail_on or "warning")
        return FAILURE if linted.problems else code


def _report(linted: Linted, form: str) -> str:
    """Returns what goes to standard output."""
    diagnosis = linted.diagnosis()
    if form == "json":
        from unstuck.report import json

        return json.text(diagnosis)
    if form == "sarif":
        from unstuck.report import sarif

        return sarif.text(diagnosis, linted.problems)
    if form == "github":
        from unstuck.report import github

        return github.text(diagnosis)
    from unstuck.lint.text import text

    return text(diagnosis) + _offer(*linted.fixable)


def _offer(safe: int, unsafe: int) -> str:
    """Returns a sentence on how many findings have edits."""
    offers = [
        f"{count} with {options}"
        for count, options in ((safe, "--fix"), (unsafe, "--fix --unsafe-fixes"))
        if count
    ]
    return f"Can be changed: {', '.join(offers)}; --diff shows how.\n" if offers else ""


def _tell(linted: Linted, shown: bool) -> None:
    """Says on standard error what was done, and what could not be."""
    done = "would be changed" if shown else "changed"
    told = [(done, finding, treatment.summary) for finding, treatment in linted.done]
    told += [("left", finding, reason) for finding, reason in linted.left]
    for what, finding, why in told:
        where = f"{finding.location.file}:{finding.location.line}"
        print(f"{where}: {what}: {finding.code}: {why}", file=sys.stderr)
    for line in (*linted.remarks, *linted.problems):
        print(f"unstuck: {line}", file=sys.stderr)


def _code(diagnosis: Diagnosis, fail_on: str) -> int:
    if fail_on == NEVER:
        return SUCCESS
    grave = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return FINDINGS if diagnosis.worst() in grave else SUCCESS
