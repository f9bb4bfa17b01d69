"""``unstuck explain CODE``: the page of one rule."""

from __future__ import annotations

import argparse
import inspect
from typing import ClassVar

from unstuck.commands.command import SUCCESS, Command, say
from unstuck.errors import UsageError


class Explain(Command):
    """Prints what a rule finds, how it is measured, and what cures it."""

    name: ClassVar[str] = "explain"
    summary: ClassVar[str] = "Explain a finding: what it means, how it is measured, what cures it."

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Takes the code of a rule."""
        parser.add_argument("rule", metavar="CODE", help="a code (OUT101), name or cause")

    def run(self, arguments: argparse.Namespace) -> int:
        """Prints the rule's page."""
        from unstuck.findings.registry import rule

        try:
            found = rule(arguments.rule)
        except KeyError:
            from unstuck.lint.selection import hint

            raise UsageError(
                f"Expected the code, name or cause of a rule, received {arguments.rule!r}. "
                f"{hint(arguments.rule)}"
            ) from None
        say(f"{found.code} {found.name}\n\n{inspect.getdoc(type(found))}")
        return SUCCESS
