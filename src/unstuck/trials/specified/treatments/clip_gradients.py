"""Steps of bounded length."""

from __future__ import annotations

from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.clip_gradients import NORM

WAYS = ("clipnorm", "global_clipnorm", "clipvalue")


def applied(spec: Specification) -> Specification | None:
    """Gives the optimizer ``clipnorm``, where it clips nothing."""
    config = spec.compiled["optimizer"]["config"]
    return None if any(config.get(way) for way in WAYS) else spec.optimized(clipnorm=NORM)
