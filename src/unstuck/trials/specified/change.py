"""A change of a specification that a trial can try."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator

from unstuck.record import Finding
from unstuck.trials.change import UNKNOWN
from unstuck.trials.specified.specification import Specification
from unstuck.trials.specified.treatments import General, answering

Apply = Callable[[Specification], Specification | None]


@dataclasses.dataclass(frozen=True)
class Change:
    """A treatment as a function of a specification.

    Attributes:
        code: The rule that it answers.
        cause: Likewise the cause.
        id: Its name.
        summary: What it does, in a sentence.
        on: Returns another specification with it, None where it does not apply.
    """

    code: str
    cause: str
    id: str
    summary: str
    on: Apply = dataclasses.field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """How a report names it."""
        return self.id if self.code == UNKNOWN else f"{self.code} {self.id}"


def together(spec: Specification, changes: Iterable[Change]) -> Specification | None:
    """Returns a specification with some changes, None where one has no place."""
    made: Specification | None = spec
    for change in changes:
        made = None if made is None else applied(change, made)
    return made


def applied(change: Change, spec: Specification) -> Specification | None:
    """Returns a specification with a change, None where Keras can't make a model of it."""
    try:
        return change.on(spec)
    except (ValueError, TypeError, RuntimeError):
        return None


def changes(finding: Finding) -> Iterator[Change]:
    """Yields what may answer a finding."""
    yield from _made(finding.code, finding.cause, answering(finding.cause))


def last_resort() -> Iterator[Change]:
    """Yields what is worth a trial where no finding says what is wrong, or none was right."""
    yield from _made(UNKNOWN, UNKNOWN, answering(UNKNOWN))


def _made(code: str, cause: str, found: Iterable[tuple[General, str]]) -> Iterator[Change]:
    for module, summary in found:
        name = module.__name__.rpartition(".")[2].replace("_", "-")
        yield Change(code, cause, name, summary, module.applied)
