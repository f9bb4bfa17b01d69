"""Runs trials on this machine, several at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from unstuck.trials.engine import Command
from unstuck.trials.engines.runner import Runner
from unstuck.trials.trial import Ran, Trial
from unstuck.trials.workplace import Workplace


class Local:
    """Runs trials on this machine, as processes in copies of the user's folder.

    Args:
        workplace: Where they run.
        command: The command line.
        jobs: How many run at a time.
    """

    def __init__(self, workplace: Workplace, command: Command, jobs: int) -> None:
        self._runner = Runner(workplace, command)
        self.jobs = 1 if workplace.in_place else jobs

    def map(self, trials: Sequence[Trial], limit: float) -> Iterator[tuple[Trial, Ran]]:
        """Runs trials and yields each when it has ended; see ``Engine``."""
        with ThreadPoolExecutor(self.jobs) as pool:
            work: dict[Future[Ran], Trial] = {
                pool.submit(self._runner.trial, trial, limit): trial for trial in trials
            }
            try:
                for done in as_completed(work):
                    yield work[done], done.result()
            except BaseException:  # Ctrl-C, or the caller wants no more
                for waiting in work:
                    waiting.cancel()
                self._runner.stop()
                raise
