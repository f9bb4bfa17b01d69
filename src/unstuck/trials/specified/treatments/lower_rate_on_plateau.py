"""Smaller steps where larger ones lead no further."""

from __future__ import annotations

from unstuck.trials.specified.options import called_back
from unstuck.trials.specified.specification import Specification


def applied(spec: Specification) -> Specification | None:
    """Adds a ``ReduceLROnPlateau`` on the training loss, where the rate is a number."""
    if spec.rate is None:
        return None
    return called_back(spec, "ReduceLROnPlateau", {"monitor": "loss", "patience": 2})
