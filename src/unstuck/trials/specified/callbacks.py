"""Keras's callbacks that take part in a training, as their names and arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from unstuck.trials.specified.errors import SpecificationError

COMMON = ("monitor", "mode", "min_delta", "patience")
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "EarlyStopping": (*COMMON, "baseline", "restore_best_weights", "start_from_epoch"),
    "ReduceLROnPlateau": (*COMMON, "factor", "cooldown", "min_lr"),
    "TerminateOnNaN": (),
}
"""Those that decide how a training goes on, with what they keep under the names of arguments."""
WATCHING = ("History", "ProgbarLogger", "TensorBoard", "CSVLogger", "ModelCheckpoint", "Monitor")
"""Those that only look on or write files; a trial has no use for them."""

Described = tuple[str, Mapping[str, Any]]


def described(callbacks: Iterable[Any]) -> tuple[Described, ...]:
    """Returns the callbacks that decide something, those that only look on left out.

    Raises:
        SpecificationError: If one is the user's own, or another that can't be made again.
    """
    return tuple(_described(one) for one in callbacks if type(one).__name__ not in WATCHING)


def _described(callback: Any) -> Described:
    name = type(callback).__name__
    if name not in ARGUMENTS or not type(callback).__module__.startswith("keras."):
        raise SpecificationError(
            f"Expected callbacks among {', '.join(ARGUMENTS)}. Received: {name}, which a trial "
            "can't make again. Leave it out, or see 'unstuck fix SCRIPT', which runs the whole "
            "script."
        )
    # It turns the sign of what it waits for in training.
    values = {key: getattr(callback, key) for key in ARGUMENTS[name]}
    return name, {k: abs(v) if k == "min_delta" else v for k, v in values.items()}


def made(callbacks: Iterable[Described]) -> list[Any]:
    """Returns new callbacks."""
    return [getattr(keras.callbacks, name)(**arguments) for name, arguments in callbacks]
