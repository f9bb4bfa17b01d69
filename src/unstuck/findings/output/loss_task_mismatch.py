"""A loss for another kind of task than the targets and the head describe."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from unstuck.case.facts import ArrayFacts
from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import (
    BINARY,
    CATEGORICAL,
    CROSSENTROPIES,
    FEW_CLASSES,
    REGRESSION,
    SPARSE,
    in_cell,
    learned,
    loss_name,
    target_kind,
    width,
)
from unstuck.findings.output.sites import Scripts, loss_edit, loss_place
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Severity, Treatment


@dataclasses.dataclass(frozen=True)
class Fault:
    """One way in which a loss misses its task.

    Attributes:
        law: Whether no training can succeed; else the run decides how grave it is.
        loss: Keras name of the loss that fits.
        repair: In words, where more than the loss has to change.
    """

    message: str
    law: bool
    loss: str
    repair: str


class LossTaskMismatch(Rule):
    """The loss is for another kind of task than the targets and the head describe.

    ## What it finds
    Cross-entropy over the classes of a single unit, which is zero for every prediction. Binary
    cross-entropy with three or more class numbers, or any cross-entropy with measured quantities,
    which has no lower bound. A distance between class numbers and softmax probabilities.
    A relative error with targets that are zero.

    ## Why LSTMs get this
    Losses come with the recipe, targets with the data. A sentiment example ends in
    ``binary_crossentropy``; a forecast or a third class does not change that line.

    ## How it is measured
    The kind of the targets is read from their values: 0 and 1, one-hot rows, class numbers,
    quantities. It is compared with the units and the last activation of the head.

    ## What proves it
    Arithmetic. One unit normalized by itself is 1, and −log 1 = 0. With y = 2,
    −2 log p + log(1 − p) falls without end as p nears 1.

    ## What cures it
    Two classes: ``Dense(1, "sigmoid")`` and ``binary_crossentropy``. K classes:
    ``Dense(K, "softmax")`` and ``sparse_categorical_crossentropy`` for class numbers,
    ``categorical_crossentropy`` for one-hot rows. Quantities: ``Dense(n)`` and ``mse``.

    ## False alarms
    Soft labels between 0 and 1 under binary cross-entropy are legitimate. Squared error on
    probabilities (the Brier score) trains. Where training can succeed and does, it is a warning.

    ## References
    Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.2.2. Keras API, losses.
    """

    code = "OUT103"
    name = "loss-for-another-task"
    cause = "loss_task_mismatch"
    explains = (
        "label_encoding_error",
        "logits_probability_mismatch",
        "target_shape_broadcast",
        "no_target_scaling",
        "class_imbalance",
        "exploding_gradients",
        "no_gradient_clipping",
        "vanishing_gradients",
        "lr_too_high",
        "lr_too_low",
        "metric_mismatch",
    )
    weight = 103
    sick = (
        "import numpy as np\n"
        "from keras import Input, Sequential, layers\n"
        "x = np.random.default_rng(0).normal(size=(64, 5, 2))\n"
        "y = np.digitize(x.sum((1, 2)), [-2, 2])  # 0, 1 or 2\n"
        "model = Sequential([Input((5, 2)), layers.LSTM(4), layers.Dense(1, 'sigmoid')])\n"
        "model.compile(optimizer='adam', loss='binary_crossentropy')\n"
        "model.fit(x, y, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace("Dense(1, 'sigmoid')", "Dense(3, 'softmax')").replace(
        "binary_crossentropy", "sparse_categorical_crossentropy"
    )

    def examine(
        self, outputs: tuple[Output, ...], progress: Progress, scripts: Scripts
    ) -> Iterator[Finding]:
        """Judges the loss of every output by its targets and its head."""
        for output in outputs:
            target = output.target
            if target is None or output.loss.custom:
                continue
            found = [check(output, target) for check in CHECKS]
            fault = next((fault for fault in found if fault is not None), None)
            severity = None if fault is None else _severity(fault, output, progress)
            if fault is not None and severity is not None:
                yield self._finding(output, target, fault, severity, scripts)

    def _finding(
        self,
        output: Output,
        target: ArrayFacts,
        fault: Fault,
        severity: Severity,
        scripts: Scripts,
    ) -> Finding:
        facts = output.train
        return self.found(
            fault.message,
            severity=severity,
            confidence=0.97 if fault.law else 0.7,
            place=loss_place(output, scripts),
            layer=output.head.layer,
            evidence={
                "units": number(width(output), "units"),
                "target_minimum": number(target.minimum, "target units"),
                "target_maximum": number(target.maximum, "target units"),
                "distinct_targets": number(len(target.values) or None, "values"),
                "loss_after_training": number(facts.loss if facts else None, "loss"),
                "loss_of_best_constant": number(
                    facts.constant_predictor if facts else None, "loss"
                ),
            },
            treatments=[
                Treatment("fitting-loss", fault.repair, loss_edit(output, scripts, fault.loss))
            ],
        )


def _severity(fault: Fault, output: Output, progress: Progress) -> Severity | None:
    if fault.law:
        return "error"
    if learned(output, progress) or not progress.poor:
        return "warning"
    return "error" if progress.failing else "warning"


def _one_class(output: Output, target: ArrayFacts) -> Fault | None:
    """Cross-entropy over the classes of one unit."""
    name = loss_name(output)
    if name not in CATEGORICAL | SPARSE or width(output) != 1:
        return None
    several = target_kind(target) == "classes" and len(target.values) >= FEW_CLASSES
    repair = "Use loss='binary_crossentropy' with a sigmoid on the one unit."
    if several:
        count = int(target.maximum or 0) + 1
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


Check = Callable[[Output, ArrayFacts], Fault | None]
CHECKS: tuple[Check, ...] = (
    _one_class,
    _many_classes,
    _quantities,
    _class_distance,
    _exclusive_classes,
    _relative_zero,
)
