"""Steps that remember where they were going."""

from __future__ import annotations

from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.momentum import MOMENTUM


def applied(spec: Specification) -> Specification | None:
    """Gives plain ``SGD`` its ``momentum``."""
    chosen = spec.compiled["optimizer"]
    plain = chosen["class_name"] == "SGD" and not chosen["config"].get("momentum")
    return spec.optimized(momentum=MOMENTUM) if plain else None
