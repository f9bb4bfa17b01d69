"""Less room to learn by heart."""

from __future__ import annotations

from unstuck.trials.specified.options import resized
from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.fewer_units import FACTOR


def applied(spec: Specification) -> Specification | None:
    """Gives each recurrent layer another size."""
    return resized(spec, FACTOR)
