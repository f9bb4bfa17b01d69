"""Steps that get smaller to the end of the training."""

from __future__ import annotations

import math

import keras

from unstuck.trials.specified.specification import Specification


def applied(spec: Specification) -> Specification | None:
    """Gives the optimizer a ``CosineDecay`` over all updates, where its rate is a number."""
    if spec.rate is None:
        return None
    updates = spec.fit.epochs * math.ceil(spec.data.count / spec.fit.batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(spec.rate, updates)
    return spec.optimized(
        learning_rate=keras.optimizers.schedules.serialize(schedule),
    )
