"""What attempts to cure a script and to fix a model have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any, TypeVar

from unstuck.findings.scale import beats
from unstuck.record import Diagnosis, Finding, Level, Scale
from unstuck.trials.change import HANDLING, worth_trying
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
    def hopeless(self) -> bool:
        """Whether a healthy model and all other controls do no better than a constant."""
        scales = _scales(self.before)
        return bool(scales) and all(one.beats_constant is False for one in scales)

    @property
    def searchable(self) -> bool:
        """Whether a change may help: something is wrong, and the data are not all of it."""
        found = self.before
        if found is None or found.verdict == "no_signal":
            return False
        return not self.hopeless or bool(worth_trying(found, data_only=True))

    @property
    def naive(self) -> bool:
        """Whether neither the proven change nor any control beats the naive forecast."""
        pairs = list(zip(_scales(self.before), _scales(self.after), strict=False))
        # With other data, what the controls did with these tells nothing.
        same = not any(change.cause in HANDLING for change in self.changes)
        return (
            same
            and bool(pairs)
            and all(
                one.beats_naive is False and not beats(two.reached or 0.0, one.naive or 0.0)
                for one, two in pairs
            )
        )

    @property
    def sold(self) -> bool:
        """Whether the change is proposed: it is proven, and the user has something from it."""
        return self.proven and not self.naive

    @property
    def cured(self) -> bool:
        """Whether it trains with the proposed change, where it did not before."""
        return self.sold and (
            trains(self.after) or (learns(self.after) and not learns(self.before))
        )

    @property
    def scales(self) -> list[tuple[Scale, float | None]]:
        """The scale of each fit, and what it reaches with the change.

        That is None where there is no change, or it is measured in another way.
        """
        before, after = _scales(self.before), _scales(self.after)
        both = zip_longest(before, after[: len(before)])
        return [
            (one, two.reached if two and (one.split, one.loss) == (two.split, two.loss) else None)
            for one, two in both
        ]

    def level(self, finding: Finding) -> Level:
        """Returns how sure a finding is after the trials."""
        if not self.proven or finding.code not in {change.code for change in self.changes}:
            return finding.level
        return "cured" if self.cured else "proven"


def _scales(found: Diagnosis | None) -> list[Scale]:
    """Returns the scales of all fits that have one."""
    fits = found.fits if found is not None else ()
    return [fit.scale for fit in fits if fit.scale is not None]


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
        "about_the_data": attempt.hopeless or (attempt.proven and attempt.naive),
        "scale": [_scale(one, after) for one, after in attempt.scales],
    }


def _scale(one: Scale, after: float | None) -> dict[str, Any]:
    """Returns constant and controls of a fit, and what is reached without and with the change."""
    return {
        "split": one.split,
        "loss": one.loss,
        "constant": 0.0,
        "naive_forecast": one.naive,
        "healthy_twin": one.twin,
        "settled": one.settled,
        "before": one.reached,
        "after": after,
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
