"""Which of rate, optimizer and number of updates is short when the weights hardly moved."""

from __future__ import annotations

from unstuck.findings.course import Course
from unstuck.findings.progress import Progress
from unstuck.findings.rule import number
from unstuck.record import Quantity, Severity

MOVED = 0.5
"""Path of the weights over their initial norm below which a training has hardly begun. Adam at
0.001 makes about 1 % a step, so half of it is passed after some 50 steps."""
UPDATES = 300
"""Updates that a small LSTM needs before its failure says anything: with Adam at 0.001 that is a
way of 0.3 for each weight, three times a Glorot weight of a layer of 64 units."""
SLOW = 3.0
"""Times below the usual rate from which a rate is called low."""
SCALED_BY_HISTORY = ("Adadelta", "Adagrad", "Ftrl")
"""Optimizers whose default rate in Keras belongs to another scale: they divide by all, or by a long
memory of, their past gradients or updates, so that 0.001 makes steps near zero."""
LEAP = 0.05
"""Update over weight norm in the first steps above which steps are large, not small: five times
what Adam makes at its usual rate."""
CHANCE = 100
"""Updates at a sound rate after which a network that has found nothing agrees with a control that
found nothing."""
UNDER_WAY = 0.3
"""Skill from which nobody would call a training stuck whose loss still falls."""
STILL_FALLING = 0.05
"""Share of what there was to lose that the last third of the steps still took off."""


def short_of(course: Course, progress: Progress) -> str | None:
    """Names what a training lacked: "optimizer", "rate" or "updates"; None if none of them.

    The shortfalls of rate and number are compared as factors: what is missing most is named.
    """
    if not progress.poor or progress.diverged or (course.early_ratio or 0) > LEAP:
        return None
    missing_rate = 1 / course.rate_ratio if course.rate_ratio else 1.0
    still = (progress.travel or 0) < MOVED
    # Where no control finds a signal, only weights that stood still can be what is wrong.
    falling = progress.falling >= STILL_FALLING and progress.has_signal is not False
    if not still and not falling:
        return None
    missing_updates = UPDATES / max(progress.steps, 1)
    if course.optimizer in SCALED_BY_HISTORY and missing_rate > SLOW and still:
        return "optimizer"
    if missing_rate >= SLOW and missing_rate >= missing_updates:
        return "rate"
    if progress.has_signal is False and progress.steps >= CHANCE:
        return None
    return "updates" if missing_updates > 1 or falling else None


def travelled(course: Course, progress: Progress) -> dict[str, Quantity]:
    """Returns how far the weights moved, and by what steps, as evidence."""
    return {
        "learning_rate": number(course.rate, "1/step"),
        "usual_rate": number(course.usual, "1/step"),
        "weights_travelled": number(progress.travel, "initial norms"),
        "updates": number(progress.steps, "steps"),
    }


def severity(progress: Progress) -> Severity:
    """A training that has got somewhere and still falls is under way, not stuck."""
    under_way = not progress.failing and (progress.skill or 0) >= UNDER_WAY and progress.falling > 0
    return "warning" if under_way else "error"
