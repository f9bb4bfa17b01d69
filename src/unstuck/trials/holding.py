"""Holds out rows of a ``fit`` that has no validation data, so that a trial can be judged by them.

On the rows that it was trained on, a model that learns by heart looks as good as one that learns.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

EVERY = 5
"""Every fifth row is held out: spread evenly, as data are often sorted by time or by class."""
FEWEST = 50
"""Rows below which none is held out: ten say little, and too little is left to learn from."""
STREAMED = ("validation_data", "validation_split", "steps_per_epoch")
"""Arguments of ``fit`` beside which no row is taken away."""

Function = Callable[..., Any]


def holding(original: Function) -> Function:
    """Wraps ``keras.Model.fit`` so that it holds out rows of arrays where nothing else is."""
    signature = inspect.signature(original)

    @functools.wraps(original)
    def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        bound = signature.bind_partial(model, *args, **kwargs)
        bound.arguments.update(_parted(model, bound.arguments))
        return original(*bound.args, **bound.kwargs)

    return fit


def _parted(model: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments that change, none where rows can't be held out."""
    import numpy as np

    from unstuck.case.arrays import leaves, map_nest, take

    parts = [given.get(name) for name in ("x", "y", "sample_weight")]
    arrays = [leaf for part in parts for leaf in leaves(part) if leaf is not None]
    if parts[1] is None or any(given.get(name) for name in STREAMED) or _ordered(model):
        return {}
    if not all(hasattr(leaf, "__array__") and hasattr(leaf, "shape") for leaf in arrays):
        return {}
    count = len(arrays[0])
    if count < FEWEST or any(len(leaf) != count for leaf in arrays):
        return {}
    held = np.arange(count) % EVERY == EVERY - 1
    kept, out = (
        [
            None if p is None else map_nest(lambda leaf, rows=rows: take(leaf, rows), p)
            for p in parts
        ]
        for rows in (np.flatnonzero(~held), np.flatnonzero(held))
    )
    changed = dict(zip(("x", "y", "sample_weight"), kept, strict=True))
    return changed | {"validation_data": tuple(part for part in out if part is not None)}


def _ordered(model: Any) -> bool:
    """Whether the model needs all rows in their order, or batches of one size."""
    from unstuck.case.graph import fixed_batch

    stateful = any(getattr(layer, "stateful", False) for layer in model._flatten_layers())
    return stateful or fixed_batch(model) is not None
