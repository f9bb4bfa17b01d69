"""How the rate changes over the training."""

from __future__ import annotations

from unstuck.case.script import Script
from unstuck.findings.sites import Edits
from unstuck.trials.searching.knob import Value
from unstuck.trials.treatments import cosine_decay, warm_up

CAUSES = ("no_lr_schedule",)
SUMMARY = "Let the learning rate follow a schedule: {}."

CONSTANT = "constant"
SCHEDULES = {"cosine": cosine_decay.edits, "warm-up and cosine": warm_up.edits}


def own(script: Script) -> Value | None:
    """Returns that the rate is constant, None where it isn't or can't be scheduled."""
    return CONSTANT if all(make(script) for make in SCHEDULES.values()) else None


def grid(script: Script) -> tuple[Value, ...]:
    """Returns the schedules, a constant rate being one of them."""
    return () if own(script) is None else (CONSTANT, *SCHEDULES)


def edits(script: Script, value: Value) -> Edits:
    """Gives the optimizer a schedule in the place of its rate."""
    return SCHEDULES[value](script) if value in SCHEDULES else ()
