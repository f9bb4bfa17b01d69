"""A change of the user's script that a trial can try."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.errors import UnstuckError
from unstuck.record import Diagnosis, Edit, Finding, Treatment
from unstuck.trials.merge import merged
from unstuck.trials.treatments import answering

UNKNOWN = "undetermined"
"""Stands for the rule and the cause of a change that answers no finding."""


@dataclasses.dataclass(frozen=True)
class Change:
    """A treatment as a change of one text into another.

    Attributes:
        code: The rule that it answers.
        cause: Likewise the cause.
        treatment: What it is, with its edits of ``before``.
        before: The script that it was made for.
        after: The script with it.
    """

    code: str
    cause: str
    treatment: Treatment
    before: str = dataclasses.field(repr=False)
    after: str = dataclasses.field(repr=False)

    @property
    def name(self) -> str:
        """How a report names it."""
        return self.treatment.id if self.code == UNKNOWN else f"{self.code} {self.treatment.id}"

    def on(self, text: str) -> str | None:
        """Returns another version of the script with this change, None if it has no place there."""
        if text == self.before:
            return self.after
        made = merged(self.before, self.after, text)
        return made if made is not None and parses(made) else None


def together(text: str, changes: Iterable[Change]) -> str | None:
    """Returns a script with some changes, None if they can't be made together."""
    made: str | None = text
    for change in changes:
        made = None if made is None else change.on(made)
    return made


def changes(finding: Finding, text: str, path: str) -> Iterator[Change]:
    """Yields the changes that may answer a finding: the rule's own, then the general ones.

    Args:
        finding: Of a run of this text.
        text: The script.
        path: Its path, as the finding names it.
    """
    own = finding.treatments if finding.location.file in (None, path) else ()
    treatments = (*own, *answering(finding.cause, text))
    yield from _made(finding.code, finding.cause, treatments, text)


def last_resort(text: str) -> Iterator[Change]:
    """Yields what is worth a trial where no finding says what is wrong, or none was right."""
    yield from _made(UNKNOWN, UNKNOWN, answering(UNKNOWN, text), text)


def _made(code: str, cause: str, treatments: Iterable[Treatment], text: str) -> Iterator[Change]:
    seen = {text}
    for treatment in treatments:
        after = edited(text, treatment.edits)
        if after is not None and after not in seen:
            seen.add(after)
            yield Change(code, cause, treatment, text, after)


def edited(text: str, edits: tuple[Edit, ...]) -> str | None:
    """Returns a text after some edits, None if there are none or they do not give a script."""
    try:
        made = apply(text, edits) if edits else None
    except ValueError:
        return None
    return made if made is not None and parses(made) else None


def parses(text: str) -> bool:
    """Whether a text is Python."""
    try:
        Script.parse(text)
    except UnstuckError:
        return False
    return True


def worth_trying(diagnosis: Diagnosis) -> list[Finding]:
    """Returns the findings that may be why it does not train, in the order of the diagnosis."""
    return [finding for finding in diagnosis.findings if finding.severity != "note"]
