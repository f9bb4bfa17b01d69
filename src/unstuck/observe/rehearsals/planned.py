"""Controls that wait until the script is over, or until the next training begins."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from unstuck.case.facts import ModelFacts
from unstuck.observe.outcome import OutcomeFacts
from unstuck.observe.outcomes import Sample
from unstuck.observe.rehearsals.clock import Budget, Clock, aside
from unstuck.observe.rehearsals.facts import RehearsalFacts
from unstuck.observe.rehearsals.need import needs
from unstuck.observe.rehearsals.original import Original, copyable, original
from unstuck.observe.rehearsals.rehearse import Rehearsals


@dataclasses.dataclass(frozen=True)
class Planned:
    """Controls of one training that have not been run yet.

    Attributes:
        original: What copies are made from; the user's model may be gone by then.
        needs: What the training left to ask.
        trained: Seconds that it took.
    """

    original: Original
    needs: frozenset[str]
    trained: float

    def run(self, budget: Budget, complain: Callable[[BaseException], None]) -> RehearsalFacts:
        """Runs them and takes their time off the budget."""
        clock = budget.clock(self.trained)
        try:
            return aside(Rehearsals(self.original, self.needs, clock, complain).run, clock)
        finally:
            budget.spend(clock.spent)


def planned(
    model: Any,
    facts: ModelFacts,
    outcome: OutcomeFacts,
    samples: list[Sample],
    batch: int | None,
    losses: Sequence[float],
    trained: float,
) -> Planned | None:
    """Keeps what controls need; None where there is nothing to ask, or no copy can be made.

    Args:
        batch: Samples a step of the user's training, None where it isn't known.
        losses: Its loss of each epoch.
        trained: Seconds that it took.
    """
    asked = needs(outcome, losses)
    if not asked or not copyable(model):
        return None
    try:
        kept = aside(lambda: original(model, facts, samples, batch), Clock(0))
    except Exception:
        # A configuration that can't be read back, such as a lambda's, makes no copy.
        return None
    return None if kept is None else Planned(kept, asked, trained)
