"""Time steps of zeros that no layer reads."""

from __future__ import annotations

import keras

from unstuck.case.arrays import leaves
from unstuck.trials.specified.layers import in_front, layers
from unstuck.trials.specified.specification import Specification


def applied(spec: Specification) -> Specification | None:
    """Puts a ``Masking`` behind the input of a model that reads numbers."""
    kinds = {kind for kind, _ in layers(spec.architecture)}
    arrays = leaves(spec.data.x)
    if kinds & {"Embedding", "Masking"} or len(arrays) != 1 or arrays[0].ndim != 3:
        return None
    made = in_front(spec.architecture, keras.layers.Masking())
    return spec.rebuilt(made) if made is not None else None
