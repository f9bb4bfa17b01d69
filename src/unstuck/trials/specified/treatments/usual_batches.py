"""Batches of the usual size."""

from __future__ import annotations

from unstuck.case.arrays import leaves
from unstuck.trials.specified.layers import layers
from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.usual_batches import USUAL


def applied(spec: Specification) -> Specification | None:
    """Trains with the usual batches, where others are and the model fixes none."""
    inputs = [config for kind, config in layers(spec.architecture) if kind == "InputLayer"]
    fixed = any((config.get("batch_shape") or [None])[0] for config in inputs)
    few = len(leaves(spec.data.x)[0]) < USUAL
    unchanged = spec.fit.batch_size == USUAL
    return None if fixed or few or unchanged else spec.fitted(batch_size=USUAL)
