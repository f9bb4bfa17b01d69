"""What attempts to cure a script and to fix a model have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from unstuck.record import Diagnosis, Finding, Level
from unstuck.trials.helping import Gained
from unstuck.trials.judged import learns, trains
from unstuck.trials.proof import Proof


class Attempt:
    """A search for the smallest change that helps, and its proof.

    Attributes:
        before: What was shown without a change.
        after: What is shown with the proven one.
        changes: The smallest that was found, in parts; empty if nothing helped.
        proof: Its trials.
    """

    before: Diagnosis | None
    after: Diagnosis | None
    changes: tuple[Any, ...]
    proof: Proof

    @property
    def proven(self) -> bool:
        """Whether the change beats the control beyond chance."""
        return bool(self.changes) and self.proof.holds

    @property
    def cured(self) -> bool:
        """Whether it trains with the proven change, where it did not before."""
        return self.proven and (
            trains(self.after) or (learns(self.after) and not learns(self.before))
        )

    def level(self, finding: Finding) -> Level:
        """Returns how sure a finding is after the trials."""
        if not self.proven or finding.code not in {change.code for change in self.changes}:
            return finding.level
        return "cured" if self.cured else "proven"


A = TypeVar("A", bound=Attempt)


def first_proven(
    known: A,
    options: Iterable[tuple[Any, ...]],
    prove: Callable[[tuple[Any, ...]], A],
    left: Callable[[], float],
) -> A:
    """Returns the first attempt that is proven, else the first that was made.

    Args:
        known: What is known without any.
        options: Changes to prove, in parts.
        prove: Makes an attempt with them.
        left: Returns the seconds in which trials may still run.
    """
    best = known
    for changes in options:
        if not changes or best.proven or left() <= 0:
            continue
        tested = prove(changes)
        best = tested if tested.proven or not best.changes else best
    return best


def told_outcome(attempt: Attempt) -> dict[str, Any]:
    """Returns what came of an attempt, as plain data."""
    return {
        "cured": attempt.cured,
        "proven": attempt.proven,
        "verdict": attempt.after.verdict if attempt.after else None,
    }


def told_change(change: Any) -> dict[str, Any]:
    """Returns a change as plain data."""
    return {name: getattr(change, name) for name in ("code", "cause", "id", "summary")}


def told_tried(one: Gained) -> dict[str, Any]:
    """Returns what was tried as plain data."""
    return {
        "code": one.change.code,
        "id": one.change.id,
        "summary": one.change.summary,
        "on": [change.name for change in one.on],
        "control": one.compared.control if one.compared else None,
        "treated": one.compared.treated if one.compared else None,
    }
