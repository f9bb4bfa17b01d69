"""An optimizer whose steps hang little on the size of the gradients."""

from __future__ import annotations

import keras

from unstuck.trials.specified.options import optimizer
from unstuck.trials.specified.specification import Specification


def applied(spec: Specification) -> Specification | None:
    """Takes RMSprop with its defaults in the place of another optimizer."""
    if spec.compiled["optimizer"]["class_name"] == "RMSprop":
        return None
    return optimizer(spec, keras.optimizers.RMSprop())
