"""The ways in which a stock loss misses its task, each told from targets and head alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from unstuck.case.facts import ArrayFacts
from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import (
    BINARY,
    CATEGORICAL,
    CROSSENTROPIES,
    FEW_CLASSES,
    PROBABILITIES,
    REGRESSION,
    SPARSE,
    in_cell,
    loss_name,
    target_kind,
    width,
)


@dataclasses.dataclass(frozen=True)
class Fault:
    """One way in which a loss misses its task.

    Attributes:
        law: Whether no training can succeed; else the run decides how grave it is.
        loss: Keras name of the loss that fits.
        repair: In words, where more than the loss has to change.
        units: Units of the head that fits, None where they may stay.
        activation: Activation of the head that fits, None where it may stay.
        mild: Whether it usually trains, so that only a run that fails is told.
    """

    message: str
    law: bool
    loss: str
    repair: str
    units: int | None = None
    activation: str | None = None
    mild: bool = False


def task_fault(output: Output, target: ArrayFacts) -> Fault | None:
    """Returns the first way in which an output's loss misses its task, None if it fits."""
    found = (check(output, target) for check in CHECKS)
    return next((fault for fault in found if fault is not None), None)


def _one_class(output: Output, target: ArrayFacts) -> Fault | None:
    """Cross-entropy over the classes of one unit."""
    name = loss_name(output)
    if name not in CATEGORICAL | SPARSE or width(output) != 1:
        return None
    several = target_kind(target) == "classes" and len(target.values) >= FEW_CLASSES
    repair = "Use loss='binary_crossentropy' with a sigmoid on the one unit."
    count = int(target.maximum or 0) + 1 if several else None
    if several:
        repair = (
            f"Give the output {count} units with softmax and use "
            "loss='sparse_categorical_crossentropy'."
        )
    return Fault(
        f"The loss {name} compares classes, one unit each, but the output has 1 unit: normalized "
        "by itself it is always 1, so the loss is 0 and has no gradient whatever the model says.",
        True,
        "sparse_categorical_crossentropy" if several else "binary_crossentropy",
        repair,
        count,
        "softmax" if several else "sigmoid",
    )


def _many_classes(output: Output, target: ArrayFacts) -> Fault | None:
    """Binary cross-entropy with the class numbers of more than two classes."""
    name = loss_name(output)
    if name not in BINARY or target_kind(target) != "classes":
        return None
    if len(target.values) < FEW_CLASSES:
        return None
    count = int(target.maximum or 0) + 1
    return Fault(
        f"The loss {name} is for targets between 0 and 1, but these are {len(target.values)} class "
        f"numbers up to {target.maximum:g}: for a target above 1 the loss falls without end and "
        "ends below 0.",
        True,
        "sparse_categorical_crossentropy",
        f"Give the output {count} units with softmax and use "
        "loss='sparse_categorical_crossentropy'.",
        count,
        "softmax",
    )


def _quantities(output: Output, target: ArrayFacts) -> Fault | None:
    """A cross-entropy with targets that are no probabilities."""
    name = loss_name(output)
    if name not in CROSSENTROPIES or target_kind(target) != "quantity":
        return None
    low, high = target.minimum or 0.0, target.maximum or 0.0
    fits = target.integral if name in SPARSE else low >= -SLACK and high <= 1.0 + SLACK
    if fits:
        return None
    return Fault(
        f"The loss {name} compares probabilities, but the targets are quantities from {low:.4g} "
        f"to {high:.4g}: it has no minimum at the right answer.",
        True,
        "mse",
        "Use loss='mse' (or 'mae') and an output layer without an activation.",
        activation="linear",
    )


SLACK = 1e-3
"""Label smoothing and resampling leave targets a little outside 0..1."""


def _class_distance(output: Output, target: ArrayFacts) -> Fault | None:
    """A distance between class numbers and the probabilities of several classes."""
    name, units = loss_name(output), width(output) or 1
    if name not in REGRESSION or output.head.activation != "softmax" or units < 2:
        return None
    columns = target.shape[-1] if len(target.shape) == len(output.head.shape or ()) else 1
    if columns != 1 or not target.integral or (target.maximum or 0) >= units:
        return None
    return Fault(
        f"The loss {name} subtracts the class numbers 0 to {target.maximum:g} from {units} "
        "probabilities: every unit is pulled to the same number.",
        True,
        "sparse_categorical_crossentropy",
        "Use loss='sparse_categorical_crossentropy'.",
    )


def _exclusive_classes(output: Output, target: ArrayFacts) -> Fault | None:
    """Binary cross-entropy on a softmax, or softmax cross-entropy on several labels at once."""
    name, units = loss_name(output), width(output) or 1
    if output.head.activation != "softmax" or in_cell(output.head) or units < FEW_CLASSES:
        return None
    kind = target_kind(target)
    if name in BINARY and kind == "one_hot":
        return Fault(
            f"The loss {name} judges {units} units one by one, but softmax makes them one choice: "
            f"{units - 1} of {units} terms are about classes that are not there.",
            False,
            "categorical_crossentropy",
            "Use loss='categorical_crossentropy'.",
        )
    labels = (target.mean or 0.0) * units
    if name in BINARY | CATEGORICAL and kind == "multi_hot" and labels > 1.0 + SLACK:
        return Fault(
            f"Softmax shares one probability among {units} classes, but a sample has "
            f"{labels:.3g} labels on average: they cannot all be near 1.",
            False,
            "binary_crossentropy",
            "Use sigmoid on the output layer and loss='binary_crossentropy'.",
            activation="sigmoid",
        )
    return None


def _relative_zero(output: Output, target: ArrayFacts) -> Fault | None:
    """A percentage of targets that are zero."""
    if loss_name(output) != "mean_absolute_percentage_error":
        return None
    if target.minimum != 0.0 and "0.0" not in target.values:
        return None
    return Fault(
        "The loss mean_absolute_percentage_error divides by the target, and some targets are 0: "
        "there an error of 0.01 counts as ten million percent, and nothing else matters.",
        False,
        "mae",
        "Use loss='mae', or shift the targets away from zero.",
    )


def _label_distance(output: Output, target: ArrayFacts) -> Fault | None:
    """A distance between labels 0 and 1 and probabilities."""
    name = loss_name(output)
    squashes = output.head.activation in PROBABILITIES and not in_cell(output.head)
    if name not in REGRESSION or not squashes or target_kind(target) != "binary":
        return None
    return Fault(
        f"The loss {name} measures a distance, but the targets are the labels 0 and 1: where the "
        "model is surely wrong, the squashed output has almost no gradient to leave from.",
        False,
        "binary_crossentropy",
        "Use loss='binary_crossentropy', with a sigmoid on the one unit.",
        activation="sigmoid",
        mild=True,
    )


Check = Callable[[Output, ArrayFacts], Fault | None]
CHECKS: tuple[Check, ...] = (
    _one_class,
    _many_classes,
    _quantities,
    _class_distance,
    _exclusive_classes,
    _relative_zero,
    _label_distance,
)
