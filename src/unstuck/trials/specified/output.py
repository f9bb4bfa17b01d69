"""What a model's output and loss are, and what targets of their kind call for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from unstuck.case.compiled import canonical
from unstuck.trials.specified.layers import head, named
from unstuck.trials.specified.specification import Specification

PROBABILITIES = frozenset(
    {"binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"}
)
"""Losses of classes."""
QUANTITIES = frozenset({"mean_squared_error", "mean_absolute_error", "huber", "log_cosh"})
"""Losses of numbers that may have any sign and any unit."""


@dataclasses.dataclass(frozen=True)
class Loss:
    """The loss of the only output.

    Attributes:
        name: Keras's full name in snake case.
        from_logits: Whether it takes the predictions for logits.
    """

    name: str
    from_logits: bool = False


@dataclasses.dataclass(frozen=True)
class Pair:
    """What suits targets of some kind: the last layer, and the loss."""

    units: int
    activation: str
    loss: str


def loss_of(spec: Specification) -> Loss | None:
    """Returns the loss, None where there are several or none."""
    given = spec.compiled["loss"]
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if isinstance(given, Mapping) and "class_name" in given:
        config = given.get("config")
        logits = bool(config.get("from_logits")) if isinstance(config, Mapping) else False
        return Loss(canonical(named(given)), logits)
    return Loss(canonical(given)) if isinstance(given, str) else None


def fitting(spec: Specification) -> Pair | None:
    """Returns the output and the loss that suit the targets, None where that is not sure.

    Whole numbers may be classes or counts: they are taken for classes where the loss or the
    number of units says so, or where they are 0 and 1 alone.
    """
    y, found, loss = spec.data.y, head(spec.architecture), loss_of(spec)
    if not isinstance(y, np.ndarray) or y.dtype.kind not in "biuf" or not np.isfinite(y).all():
        return None
    if found is None or loss is None:
        return None
    units = int(found[1]["units"])
    whole = bool((y == np.round(y)).all()) and y.min() >= 0
    if whole and units > 1 and y.ndim > 1 and y.shape[-1] == units:
        return _several(y, units, loss)
    classes = int(y.max()) + 1 if whole else 0
    if whole and classes <= 2:
        return _two(units)
    told = loss.name in PROBABILITIES or (units > 1 and units == classes)
    if whole and told and _one_a_place(y):
        return Pair(max(units, classes), "softmax", "sparse_categorical_crossentropy")
    if whole and loss.name in PROBABILITIES:
        return None
    columns = y.shape[-1] if y.ndim > 1 else 1
    name = loss.name if loss.name not in PROBABILITIES else "mean_squared_error"
    known = name in QUANTITIES and columns in (1, units)
    return Pair(units, "linear", name) if known else None


def _several(y: np.ndarray, units: int, loss: Loss) -> Pair | None:
    """Rows of zeros and ones: one class each, or several labels."""
    if y.max() > 1:
        return Pair(units, "linear", loss.name) if loss.name in QUANTITIES else None
    if bool((y.sum(axis=-1) == 1).all()):
        return Pair(units, "softmax", "categorical_crossentropy")
    return Pair(units, "sigmoid", "binary_crossentropy")


def _two(units: int) -> Pair:
    if units == 1:
        return Pair(1, "sigmoid", "binary_crossentropy")
    return Pair(units, "softmax", "sparse_categorical_crossentropy")


def _one_a_place(y: np.ndarray) -> bool:
    """Whether the targets hold one number for each sample or time step."""
    return y.ndim == 1 or y.shape[-1] == 1
