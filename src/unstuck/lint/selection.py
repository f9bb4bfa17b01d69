"""Which rules are asked about which files."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable
from pathlib import Path

from unstuck.errors import UsageError
from unstuck.findings.registry import rules
from unstuck.findings.rule import Rule
from unstuck.settings import Settings


@dataclasses.dataclass(frozen=True)
class Selection:
    """The rules that the command line and a project's settings choose.

    What is ignored stays ignored even if it is selected as well.

    Attributes:
        settings: Those of the project.
        select: Rules to ask, from the command line; None leaves that to the settings.
        ignore: Rules not to ask, likewise.
    """

    settings: Settings
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None

    def check(self) -> None:
        """Makes sure that every name is the beginning of a code, or a rule's name or cause.

        Raises:
            UsageError: If one is not.
        """
        given = self.settings
        for where, names in (
            ("--select", self.select or ()),
            ("--ignore", self.ignore or ()),
            (f"select of {given.file}", given.select),
            (f"ignore of {given.file}", given.ignore),
            (f"per-file-ignores of {given.file}", sum(given.per_file_ignores.values(), ())),
        ):
            for name in names:
                if not any(_named(rule, name) for rule in rules()):
                    raise UsageError(_unknown(name, where))

    def rules(self, path: Path) -> tuple[Rule, ...]:
        """Returns the rules to ask about a file."""
        select = self.settings.select if self.select is None else self.select
        ignore = self.settings.ignore if self.ignore is None else self.ignore
        ignore += self.settings.ignored_in(path)
        return tuple(
            rule
            for rule in rules()
            if (not select or any(_named(rule, name) for name in select))
            and not any(_named(rule, name) for name in ignore)
        )


def split(names: Iterable[str] | None) -> tuple[str, ...] | None:
    """Returns names that the command line gives separated by commas, None where it gives none."""
    if names is None:
        return None
    return tuple(part.strip() for name in names for part in name.split(",") if part.strip())


def _named(rule: Rule, name: str) -> bool:
    return rule.code.startswith(name.upper()) or name.lower() in (rule.name, rule.cause)


def _unknown(name: str, where: str) -> str:
    return (
        f"Expected a code, the beginning of one, or the name or cause of a rule in {where}. "
        f"Received: {name!r}. {hint(name)}"
    )


def hint(name: str) -> str:
    """Returns a sentence on what may be meant by a name that no rule has."""
    known = [word for rule in rules() for word in (rule.code, rule.name, rule.cause)]
    for spelled in (name.upper(), name.lower()):
        for close in difflib.get_close_matches(spelled, known, n=1):
            return f"Did you mean {close}?"
    return f"The codes are: {', '.join(rule.code for rule in rules())}."
