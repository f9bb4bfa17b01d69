"""``unstuck lint``: what scripts show without being run."""

from __future__ import annotations

import argparse
import sys
from typing import ClassVar

from unstuck.commands.command import FINDINGS, SUCCESS, Command
from unstuck.record import SEVERITIES


class Lint(Command):
    """Reads scripts and notebooks, and lists the causes that their source shows."""

    name: ClassVar[str] = "lint"
    summary: ClassVar[str] = "Read scripts without running them, and list what looks wrong."

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Takes paths, a format and the severity that fails."""
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", help="a script, a notebook, or a folder of them"
        )
        parser.add_argument(
            "--format", choices=("text", "json"), default="text", help="default: text"
        )
        parser.add_argument(
            "--fail-on",
            choices=SEVERITIES,
            default="warning",
            help="exit with 1 if a finding is this severe or worse (default: warning)",
        )

    def run(self, arguments: argparse.Namespace) -> int:
        """Prints the findings; 1 if one is at or above ``--fail-on``, 2 if a file is unreadable."""
        from unstuck.case.script import Script
        from unstuck.lint import diagnose, scripts

        diagnosis = diagnose(Script.read(path) for path in scripts(arguments.paths))
        if arguments.format == "json":
            from unstuck.report.json import text
        else:
            from unstuck.lint.text import text
        sys.stdout.write(text(diagnosis))
        worst = diagnosis.worst()
        grave = SEVERITIES[: SEVERITIES.index(arguments.fail_on) + 1]
        return FINDINGS if worst in grave else SUCCESS
