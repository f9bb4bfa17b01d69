"""What runs trials, and what it is told to run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Protocol

from unstuck.trials.trial import Ran, Trial


class Engine(Protocol):
    """Where trials are run.

    Attributes:
        jobs: How many run at a time.
    """

    jobs: int

    def map(self, trials: Sequence[Trial], limit: float) -> Iterator[tuple[Trial, Ran]]:
        """Runs trials and yields each when it has ended, in any order.

        Args:
            trials: What to run.
            limit: Seconds after which a run is stopped.
        """


@dataclasses.dataclass(frozen=True)
class Command:
    """What is run besides the text: the same for all trials.

    Attributes:
        arguments: What the script finds in ``sys.argv`` after its own name.
        encoding: Of the script's file.
    """

    arguments: tuple[str, ...] = ()
    encoding: str = "utf-8"
