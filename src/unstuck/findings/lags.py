"""How far back the task needs the inputs, where the data tell it."""

from __future__ import annotations

from collections.abc import Iterable

from unstuck.observe.outcome import OutcomeFacts
from unstuck.observe.xray.facts import LagFacts


def lags(outcome: OutcomeFacts | None) -> tuple[LagFacts, ...]:
    """Returns what was found for each output, empty where it was not measured."""
    measured: Iterable[LagFacts] = getattr(outcome, "lags", None) or ()
    return tuple(measured)


def needed(outcome: OutcomeFacts | None) -> int | None:
    """Returns the steps back that the outputs need, the longest of them; None where unknown."""
    return max((lag.needed for lag in lags(outcome) if lag.needed is not None), default=None)


def beyond(outcome: OutcomeFacts | None) -> int | None:
    """Returns the steps back, before the window, up to which earlier data would still add."""
    return max((lag.beyond for lag in lags(outcome) if lag.beyond is not None), default=None)
