"""The optimizer that suits most recurrent networks."""

from __future__ import annotations

import keras

from unstuck.trials.specified.options import optimizer
from unstuck.trials.specified.specification import Specification


def applied(spec: Specification) -> Specification | None:
    """Takes Adam with its defaults, a rate of 0.001 among them."""
    return optimizer(spec, keras.optimizers.Adam())
