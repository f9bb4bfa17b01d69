"""Runs the trials that a search asks for, within its budget, and never the same one twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from unstuck.trials.engine import Engine
from unstuck.trials.journal import Journal
from unstuck.trials.trial import Ran, Trial

PATIENCE = 4.0
"""Runs of the untreated script that a treated one may take: more epochs, smaller batches."""
GRACE = 20.0
"""Seconds on top of that, for starting Python and Keras on a busy machine."""


class Lab:
    """Where a search has its trials run.

    Args:
        engine: What runs them.
        journal: What has been run already.
        context: What results depend on besides the trial, see ``Trial.key``.
        tell: Called with a line about each trial that has ended.
    """

    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        context: str,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._engine = engine
        self._journal = journal
        self._context = context
        self._tell = tell
        self._ends = float("inf")
        self._limit = float("inf")
        self.ran = 0

    def budget(self, seconds: float) -> None:
        """Sets how much longer trials may be started."""
        self._ends = time.monotonic() + seconds

    def pace(self, seconds: float) -> None:
        """Says how long the untreated script takes, after which runs are given up."""
        self._limit = PATIENCE * seconds + GRACE

    @property
    def jobs(self) -> int:
        """How many trials run at a time."""
        return self._engine.jobs

    @property
    def left(self) -> float:
        """Seconds in which trials may still be started."""
        return max(0.0, self._ends - time.monotonic())

    def runs(
        self, trials: Sequence[Trial], names: Sequence[str] = (), *, overtime: bool = False
    ) -> list[Ran | None]:
        """Runs trials, those that were run before excepted.

        Args:
            trials: What to run.
            names: What they are called in what is told.
            overtime: Whether to run them even if the budget has ended.

        Returns:
            In the order of the trials; None for those that the budget was too short for.
        """
        keys = [trial.key(self._context) for trial in trials]
        found = {key: self._journal.find(key) for key in keys}
        todo = {trial: key for trial, key in zip(trials, keys, strict=True) if found[key] is None}
        called = dict(zip(trials, names, strict=False))
        if todo and (overtime or self.left > 0):
            limit = self._limit if overtime else min(self._limit, self.left + GRACE)
            for trial, ran in self._engine.map(list(todo), limit):
                if not ran.stopped:  # with more time, it may come to its end
                    self._journal.keep(todo[trial], ran)
                found[todo[trial]] = ran
                self.ran += 1
                self._tell(_line(called.get(trial, "trial"), trial, ran))
        return [found[key] for key in keys]


def _line(name: str, trial: Trial, ran: Ran) -> str:
    ended = "stopped" if ran.code is None else "" if ran.ended_well else f"exit code {ran.code}"
    seed = f"seed {trial.seed}" if trial.seed else "own seeds"
    return ", ".join(part for part in (name, seed, f"{ran.seconds:.0f} s", ended) if part)
