"""What a setting of a script is: its own value, values worth trying, and the edits that set one."""

from __future__ import annotations

import importlib
from typing import Protocol, TypeAlias

from unstuck.case.script import Script
from unstuck.findings.sites import Edits

Value: TypeAlias = float | str

KNOBS: tuple[str, ...] = (
    *("batch_size", "learning_rate", "weight_decay", "units", "dropout", "schedule"),
)
"""The modules of this package that are settings, in the order in which they are set: a schedule
starts from the rate and counts the batches."""


class Knob(Protocol):
    """What a module of ``KNOBS`` defines.

    Attributes:
        CAUSES: Causes that it may answer.
        SUMMARY: What setting it does, with ``{}`` for the value.
    """

    CAUSES: tuple[str, ...]
    SUMMARY: str

    def own(self, script: Script) -> Value | None:
        """Returns the value that the script gives, None where there is no place to set it."""

    def grid(self, script: Script) -> tuple[Value, ...]:
        """Returns the values worth trying in their order, the script's own among them."""

    def edits(self, script: Script, value: Value) -> Edits:
        """Returns the edits that set a value, none where there is no safe place."""


def knob(name: str) -> Knob:
    """Returns a setting by its name."""
    module: Knob = importlib.import_module(f"unstuck.trials.searching.{name}")
    return module


def steps(own: float, low: float, high: float, factor: float) -> tuple[float, ...]:
    """Returns a value times powers of a factor, from the first within two bounds to the last.

    Args:
        own: The value in the middle; it stays as it is.
        low: Bound from below, at most ``own``.
        high: Bound from above, at least ``own``.
        factor: The ratio of neighbours.
    """
    found = [own]
    while found[0] / factor >= low * _ROUNDING:
        found.insert(0, found[0] / factor)
    while found[-1] * factor <= high / _ROUNDING:
        found.append(found[-1] * factor)
    return tuple(found)


_ROUNDING = 1 - 1e-9
"""A bound that is a power of the factor itself belongs to the range."""
