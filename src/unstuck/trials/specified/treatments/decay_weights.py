"""Weights that shrink unless they are needed."""

from __future__ import annotations

import keras

from unstuck.trials.specified.options import optimizer
from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.decay_weights import DECAY


def applied(spec: Specification) -> Specification | None:
    """Puts ``AdamW`` in the place of ``Adam``, at the same rate."""
    if spec.compiled["optimizer"]["class_name"] != "Adam" or spec.rate is None:
        return None
    return optimizer(spec, keras.optimizers.AdamW(spec.rate, weight_decay=DECAY))
