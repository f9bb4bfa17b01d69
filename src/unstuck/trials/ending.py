"""Ends a ``fit`` that can come to nothing any more, so that its trial costs no more."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def ending(original: Function) -> Function:
    """Wraps ``keras.Model.fit`` so that it ends with the epoch after which weights are NaN."""
    signature = inspect.signature(original)

    @functools.wraps(original)
    def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        from keras import tree
        from keras.callbacks import CallbackList

        bound = signature.bind_partial(model, *args, **kwargs)
        given = bound.arguments.get("callbacks")
        if not isinstance(given, CallbackList):
            bound.arguments["callbacks"] = [*(tree.flatten(given) if given else ()), _callback()]
        return original(*bound.args, **bound.kwargs)

    return fit


def _callback() -> Any:
    from keras.callbacks import LambdaCallback

    def on_epoch_end(epoch: int, logs: Any) -> None:
        # A loss may be infinite once; only weights that are not numbers stay so for ever.
        if not math.isfinite((logs or {}).get("loss", 0.0)) and _lost(callback.model):
            callback.model.stop_training = True

    callback = LambdaCallback(on_epoch_end=on_epoch_end)
    return callback


def _lost(model: Any) -> bool:
    """Whether a weight is NaN: every update of it is NaN again."""
    import numpy as np
    from keras import ops

    weights = (ops.convert_to_numpy(ops.cast(one, "float32")) for one in model.trainable_variables)
    return any(np.isnan(one).any() for one in weights)
