"""Controls that wait until the script is over, or until the next training begins."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unstuck.case.facts import ModelFacts
from unstuck.observe.outcome import OutcomeFacts
from unstuck.observe.outcomes import Sample
from unstuck.observe.rehearsals.clock import Budget, Clock, aside
from unstuck.observe.rehearsals.facts import (
    TWIN_OF_CHANGES,
    LearningCurve,
    Rehearsal,
    RehearsalFacts,
)
from unstuck.observe.rehearsals.learning_curve import learning_curve
from unstuck.observe.rehearsals.need import UNGENERAL, needs
from unstuck.observe.rehearsals.original import Original, copyable, original
from unstuck.observe.rehearsals.rehearse import Rehearsals
from unstuck.observe.rehearsals.twin import NOTICED, healthy_twin, of_changes


@dataclasses.dataclass(frozen=True)
class Planned:
    """Controls of one training that have not been run yet.

    Attributes:
        original: What copies are made from, None where none can be made; the user's model may
            be gone by then.
        needs: What the training left to ask.
        trained: Seconds that it took.
        curve: What needs no training and is known already.
        ahead: Index of the feature whose later values are forecast; None where none is.
    """

    original: Original | None
    needs: frozenset[str]
    trained: float
    curve: LearningCurve | None
    ahead: int | None = None

    def run(self, budget: Budget, complain: Callable[[BaseException], None]) -> RehearsalFacts:
        """Runs them and takes their time off the budget."""
        if self.original is None:
            return RehearsalFacts(curve=self.curve)
        clock = budget.clock(self.trained)
        try:
            found = aside(Rehearsals(self.original, self.needs, clock, complain).run, clock)
        finally:
            budget.spend(clock.spent)
        twin = self._twin(self.original, budget.twin, complain) if budget.twin else ()
        return dataclasses.replace(found, trials=found.trials + twin, curve=self.curve)

    def _twin(
        self, original: Original, budget: Budget, complain: Callable[[BaseException], None]
    ) -> tuple[Rehearsal, ...]:
        clock = budget.clock(self.trained)
        changes = of_changes(original, self.ahead)

        def trained() -> tuple[Rehearsal, ...]:
            name, half = TWIN_OF_CHANGES, clock.left / 2
            found = () if changes is None else healthy_twin(changes, clock, NOTICED, half, name)
            return found + healthy_twin(original, clock)

        try:
            return aside(trained, clock)
        except Exception as error:
            complain(error)
            return ()
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
    twin: bool = False,
) -> Planned | None:
    """Keeps what controls need; None where there is nothing to ask.

    Args:
        batch: Samples a step of the user's training, None where it isn't known.
        losses: Its loss of each epoch.
        trained: Seconds that it took.
        twin: Whether its healthy twin is asked for, whatever it left to ask.
    """
    asked = needs(outcome, losses, batch)
    if not asked and not twin:
        return None
    curve = _curve(facts, samples) if UNGENERAL in asked else None
    kept = _kept(model, facts, samples, batch) if twin or asked - {UNGENERAL} else None
    if curve is None and kept is None:
        return None
    forecasts = [one.feature for one in outcome.alignments if one.forecast]
    return Planned(kept, asked, trained, curve, forecasts[0] if len(forecasts) == 1 else None)


def _kept(
    model: Any, facts: ModelFacts, samples: list[Sample], batch: int | None
) -> Original | None:
    try:
        if not copyable(model):
            return None
        return aside(lambda: original(model, facts, samples, batch), Clock(0))
    except Exception:
        # A configuration that can't be read back, such as a lambda's, makes no copy.
        return None


def _curve(facts: ModelFacts, samples: list[Sample]) -> LearningCurve | None:
    data = {
        one.split: (one.arrays, next(iter(one.targets.values())))
        for one in samples
        if len(one.targets) == 1
    }
    if "train" not in data:
        return None
    embedded = any(layer.kind == "Embedding" for layer in facts.layers)
    try:
        return learning_curve(*data["train"], embedded, data.get("validation"))
    except (ValueError, TypeError, IndexError, np.linalg.LinAlgError):
        return None  # strings and ragged data have no kernel
