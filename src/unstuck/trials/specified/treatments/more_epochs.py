"""Time to learn."""

from __future__ import annotations

from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.more_epochs import FACTOR


def applied(spec: Specification) -> Specification | None:
    """Trains for some times as many epochs."""
    return spec.fitted(epochs=FACTOR * spec.fit.epochs)
