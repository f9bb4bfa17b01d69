"""The user's own loss, called on plain arrays without touching the compiled model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.case.compiled import output_names

Array = npt.NDArray[Any]


@dataclasses.dataclass(frozen=True)
class OutputLoss:
    """The loss of one output.

    Attributes:
        weight: Its ``loss_weights`` entry.
    """

    output: str
    call: Callable[[Any, Any], Any]
    weight: float = 1.0

    def mean(self, targets: Array, predictions: Array, weights: Array | None) -> float:
        """Returns the weighted mean as Keras's "sum over batch size" reduction gives it."""
        raw = np.asarray(keras.ops.convert_to_numpy(self._raw(targets, predictions)), np.float64)
        if raw.ndim == 0 or weights is None:
            return float(raw.mean())
        weights = weights.reshape(weights.shape + (1,) * (raw.ndim - weights.ndim))
        return float((raw * np.broadcast_to(weights, raw.shape)).mean())

    def total(self, targets: Array, predictions: Any) -> Any:
        """Returns the mean loss as a tensor, for a gradient with respect to the predictions."""
        targets, _ = same_rank(targets, predictions)
        return keras.ops.mean(self.call(_tensor(targets), predictions))

    def _raw(self, targets: Array, predictions: Array) -> Any:
        targets, predictions = same_rank(targets, predictions)
        return self.call(_tensor(targets), _tensor(predictions))


def _tensor(values: Array) -> Any:
    """Returns values as ``fit`` would hand them to a loss: real numbers in Keras's float type."""
    real = np.issubdtype(values.dtype, np.floating)
    return keras.ops.convert_to_tensor(values.astype(keras.config.floatx()) if real else values)


def same_rank(targets: Array, predictions: Array) -> tuple[Array, Array]:
    """Squeezes or expands the last axis of the targets as Keras does before every loss."""
    if targets.ndim == predictions.ndim - 1 and predictions.shape[-1] == 1:
        targets = targets[..., None]
    elif targets.ndim == predictions.ndim + 1 and targets.shape[-1] == 1:
        targets = targets[..., 0]
    return targets, predictions


def output_losses(model: Any) -> tuple[OutputLoss, ...]:
    """Returns the loss of each output of a compiled model, in the order of its outputs."""
    # Keras keeps what compile was given on its container of losses only.
    compiled = getattr(model, "_compile_loss", None)
    given = compiled._user_loss if compiled is not None else getattr(model, "loss", None)
    weights = getattr(compiled, "_user_loss_weights", None)
    names = output_names(model) or ["output"]
    found = []
    for position, name in enumerate(names):
        identifier = _entry(given, name, position)
        if identifier is None:
            continue
        weight = _entry(weights, name, position)
        found.append(OutputLoss(name, _callable(identifier), 1.0 if weight is None else weight))
    return tuple(found)


def _entry(given: Any, name: str, position: int) -> Any:
    if isinstance(given, Mapping):
        return given.get(name)
    if isinstance(given, list | tuple):
        return given[position] if position < len(given) else None
    return given


def _callable(identifier: Any) -> Callable[[Any, Any], Any]:
    loss = keras.losses.get(identifier)
    # `call` gives the unreduced values; `__call__` would reduce, weight and rescale them.
    call: Callable[[Any, Any], Any] = loss.call if isinstance(loss, keras.losses.Loss) else loss
    return call
