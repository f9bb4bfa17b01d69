"""The time that controls may take, and a thread in which they disturb nothing."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

T = TypeVar("T")

SECONDS = 20.0
"""Seconds that controls may take by default: a person waits that long for an answer."""
SHARE = 0.05
"""Share of the training's own time that they may take where that is more."""
MOST = 120.0
"""Seconds that they never exceed by default."""


PATIENCE = 3.0
"""Times as long that they may take where the machine works for others meanwhile: what is found must
not hang on who else uses it."""


class Clock:
    """Counts down the seconds that are left.

    Args:
        limit: Seconds from now.
        patience: Times the limit that may pass while this process waits for its turn; its own
            computing counts in full.
    """

    def __init__(self, limit: float, patience: float = 1.0) -> None:
        self.limit = limit
        self._patience = patience
        self._start = time.monotonic()
        self._worked = time.process_time()
        self._stopped = False

    @property
    def spent(self) -> float:
        """Seconds since the start, as far as they count."""
        passed, worked = time.monotonic() - self._start, time.process_time() - self._worked
        return max(passed / self._patience, min(passed, worked))

    @property
    def left(self) -> float:
        """Seconds that are left; none once it was stopped."""
        return 0.0 if self._stopped else max(0.0, self.limit - self.spent)

    def stop(self) -> None:
        """Leaves no time to whoever still looks at it."""
        self._stopped = True


class Budget:
    """The seconds that the controls of one run share.

    Args:
        seconds: None for SECONDS, or SHARE of the training's time where that is more.
        twin: Whether each training gets a healthy twin, in as many seconds besides.

    Attributes:
        twin: The seconds of the healthy twins; None where there are none.
    """

    def __init__(self, seconds: float | None = None, twin: bool = False) -> None:
        self._seconds = seconds
        self._spent = 0.0
        self.twin = Budget(seconds) if twin else None

    @property
    def none(self) -> bool:
        """Whether there shall be no controls at all."""
        return self._seconds is not None and self._seconds <= 0

    def clock(self, trained: float) -> Clock:
        """Starts the clock for one training that took ``trained`` seconds."""
        usual = min(max(SECONDS, SHARE * trained), MOST)
        limit = max(0.0, (usual if self._seconds is None else self._seconds) - self._spent)
        # Who names the seconds means those of the clock on the wall.
        patient = self._seconds is None and limit > 0
        return Clock(limit, max(1.0, min(PATIENCE, MOST / limit)) if patient else 1.0)

    def spend(self, seconds: float) -> None:
        """Takes off what a training's controls took."""
        self._spent += seconds


def aside(action: Callable[[], T], clock: Clock) -> T:
    """Runs something on a thread of its own, and puts back Python's and NumPy's random states.

    Keras keeps its names, its seeds and its scopes by thread, so what is made there leaves no
    trace in those of the user; and no line of the user's is on its stack.
    """
    outcome: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(action())
        except BaseException as error:  # raised again below
            raised.append(error)

    states = random.getstate(), np.random.get_state()
    thread = threading.Thread(target=run, name="unstuck-controls", daemon=True)
    try:
        thread.start()
        thread.join()
    except BaseException:
        clock.stop()  # Ctrl-C: what runs there looks at the clock after each step
        thread.join()
        raise
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
    if raised:
        raise raised[0]
    return outcome[0]
