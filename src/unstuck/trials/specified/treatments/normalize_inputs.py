"""Inputs of zero mean and unit spread, made inside the model."""

from __future__ import annotations

import keras
import numpy as np

from unstuck.case.arrays import leaves
from unstuck.trials.specified.layers import in_front, layers
from unstuck.trials.specified.specification import Specification

LOOKING = frozenset({"Embedding", "Masking", "Normalization"})
"""Layers that read ids, look for a value that scaling would change, or normalize already."""


def applied(spec: Specification) -> Specification | None:
    """Puts a ``Normalization`` behind the input, with the moments of the training data alone."""
    arrays = leaves(spec.data.x)
    kinds = {kind for kind, _ in layers(spec.architecture)}
    if len(arrays) != 1 or arrays[0].ndim < 2 or arrays[0].dtype.kind not in "iuf":
        return None
    if kinds & LOOKING:
        return None
    flat = arrays[0].reshape(-1, arrays[0].shape[-1]).astype(np.float64)
    mean, variance = flat.mean(axis=0), flat.var(axis=0)
    if not (np.isfinite(mean).all() and np.isfinite(variance).all()):
        return None
    # A feature that never varies stays at zero, not at the rounding error of its mean.
    variance = np.where(variance > 0, variance, 1.0)
    layer = keras.layers.Normalization(mean=mean.tolist(), variance=variance.tolist())
    made = in_front(spec.architecture, layer)
    return spec.rebuilt(made) if made is not None else None
