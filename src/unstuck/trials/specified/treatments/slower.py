"""A tenth of the learning rate."""

from __future__ import annotations

from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.slower import FACTOR


def applied(spec: Specification) -> Specification | None:
    """Gives the optimizer another rate, where its rate is a number."""
    return spec.optimized(learning_rate=FACTOR * spec.rate) if spec.rate else None
