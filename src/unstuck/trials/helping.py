"""Which of the changes that were tried helped, and which of them helped most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from unstuck.trials.score import Compared

NOTICEABLE = 0.05
"""A gain of less than a twentieth of the way from a constant to perfect is none that a user would
notice; from there a run counts as stuck."""
MOST = 0.9
"""Share of the best gain at which an earlier or a smaller change is preferred."""


class Gained:
    """A change that was run once, in a script or in a specification.

    Attributes:
        change: What was changed.
        on: The changes that were made before it.
        compared: Against the run that it was made on; None where they can't be compared.
    """

    change: Any
    on: tuple[Any, ...]
    compared: Compared | None

    @property
    def gain(self) -> float:
        """What it brought, 0 where that is not known."""
        return self.compared.gain if self.compared is not None else 0.0


T = TypeVar("T", bound=Gained)


def leading(tried: Sequence[T]) -> T | None:
    """Returns, of those that bring about the most, the first that was tried."""
    most = max((one.gain for one in tried), default=0.0)
    return next((one for one in tried if one.gain >= MOST * most), None)


def helping(tried: Iterable[T]) -> list[T]:
    """Returns what helped by itself, the most helpful first."""
    found = [one for one in tried if not one.on and one.gain >= NOTICEABLE]
    return sorted(found, key=lambda one: -one.gain)
