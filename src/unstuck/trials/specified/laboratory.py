"""Scores specifications within a budget."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras

from unstuck.case.arrays import named
from unstuck.case.compiled import compile_facts, output_names
from unstuck.observe.predictions import prediction_facts
from unstuck.observe.rehearsals.clock import Clock
from unstuck.record import Diagnosis
from unstuck.trials.score import FitScore, measures
from unstuck.trials.specified.engine import Engine, Trained
from unstuck.trials.specified.rows import Rows
from unstuck.trials.specified.specification import Specification
from unstuck.trials.specified.watch import watched


@dataclasses.dataclass(frozen=True, eq=False)
class Ran:
    """A trial and how well it has learned.

    Attributes:
        trained: What came of it.
        score: On the rows that it is judged by.
    """

    trained: Trained
    score: FitScore


class Laboratory:
    """Where a search has its trials run.

    Args:
        tell: Called with a line about what was run.
        clock: Ends everything once it is stopped.
    """

    def __init__(
        self, tell: Callable[[str], None] = lambda line: None, clock: Clock | None = None
    ) -> None:
        self._ends = float("inf")
        self._tell = tell
        self._clock = clock or Clock(float("inf"))
        self._engine = Engine(lambda: self.left)

    def budget(self, seconds: float) -> None:
        """Sets how much longer trials may run."""
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds in which trials may still run."""
        return min(max(0.0, self._ends - time.monotonic()), self._clock.left)

    def watched(self, spec: Specification, seconds: float | None = 0.0) -> tuple[Diagnosis, Any]:
        """Trains under watch; see ``watch``. Only a stop of the clock ends it early."""
        return watched(spec, seconds, lambda: self._clock.left)

    @property
    def ran(self) -> int:
        """Trials that came to their end."""
        return self._engine.ran

    def runs(self, specs: Sequence[Specification], names: Sequence[str] = ()) -> list[Ran | None]:
        """Trains and scores; None for what failed, or for which the time was too short."""
        begun = time.monotonic()
        found = [
            None if trained is None else Ran(trained, self._score(trained))
            for trained in self._engine.run(specs)
        ]
        called = ", ".join(dict.fromkeys(names))
        seconds = time.monotonic() - begun
        self._tell(f"{called}: {len(specs)} trial{'s'[: len(specs) > 1]}, {seconds:.1f} s")
        return found

    def _score(self, trained: Trained) -> FitScore:
        spec = trained.specification
        model = self._engine.model(spec)
        split = "validation" if spec.held is not None else "train"
        if not trained.finite:
            return FitScore({}, split)
        predictions = keras.tree.flatten(self._engine.predictions(trained, spec.judged.x))
        names = output_names(model)
        return _scored(model, spec.judged, dict(zip(names, predictions, strict=False)), split)


def _scored(model: Any, rows: Rows, guesses: dict[str, Any], split: str) -> FitScore:
    losses = {loss.output: loss for loss in compile_facts(model).losses}
    truths = dict(named(rows.y, list(guesses), "output"))
    weights = dict(named(rows.sample_weight, list(guesses), "output"))
    judged = [
        measures(
            prediction_facts(
                guess[: len(truths[name])],
                truths[name][: len(guess)],
                weights[name][: len(guess)] if name in weights else None,
                losses[name].name,
                bool(losses[name].from_logits),
            )
        )
        for name, guess in guesses.items()
        if name in truths and name in losses
    ]
    shared = set(judged[0]).intersection(*judged[1:]) if judged else set()
    # One output that learns hides no other.
    lowest = {name: min(one[name] for one in judged) for name in sorted(shared)}
    return FitScore(lowest, split, tuple(loss.name for loss in losses.values()))
