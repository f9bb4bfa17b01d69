"""A metric that does not measure what the model learns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from unstuck.case.facts import ArrayFacts
from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import (
    BINARY,
    CROSSENTROPIES,
    FEW_CLASSES,
    REGRESSION,
    loss_name,
    target_kind,
    width,
)
from unstuck.findings.output.sites import metrics_place
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.record import Finding, Treatment

EXACT = ("accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy")
"""Metrics that count predictions equal to their target."""
COUNTING = (*EXACT, "precision", "recall", "auc", "f1_score", "fbeta_score")
"""Metrics that are defined for classes only."""
ARGMAX = ("categorical_accuracy", "sparse_categorical_accuracy")
"""Metrics that compare the position of the largest unit, which of one unit is always 0."""
HALF = 0.5
"""A metric that shows less than half of the accuracy that the same predictions have when they are
counted with a threshold does not count them with a threshold."""
SMALL_SAMPLE = 20
"""Of fewer predictions the accuracy is too coarse to compare with what was shown."""

Epochs = tuple[tuple[int, int, dict[str, float]], ...]


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is wrong with a metric, and what to show instead.

    Attributes:
        expected: What the metric shows whatever the model does, where that is known.
    """

    metric: str
    message: str
    instead: str
    expected: float | None = None


class MetricMismatch(Rule):
    """The metric shown does not measure what the model learns.

    ## What it finds
    Accuracy, precision or AUC with measured quantities as targets. ``binary_accuracy`` on one-hot
    rows of K classes, which starts at 1 − 1/K. ``categorical_accuracy`` on one unit, which is 1.
    ``keras.metrics.Accuracy`` on probabilities, which counts exact equality.

    ## Why LSTMs get this
    ``metrics=["accuracy"]`` is copied with the rest. A forecast then shows accuracy 0.00 while
    its loss falls, and people change the model.

    ## How it is measured
    The metric's definition against the kind of the targets and the units of the head; where the
    predictions of classes were counted, their accuracy against the one that was logged.

    ## What proves it
    Arithmetic. Two real numbers are equal with probability 0. Of K columns of a one-hot row a model
    that always says 0 has K − 1 right.

    ## What cures it
    ``metrics=["mae"]`` for quantities, ``["accuracy"]`` as a string for classes, for which Keras
    picks the kind that fits the shapes.

    ## False alarms
    ``"accuracy"`` beside a cross-entropy fits and is left alone. Where the model does not learn
    either, the metric is the lesser trouble and only a note.

    ## References
    Keras API, accuracy metrics.
    """

    code = "OUT109"
    name = "metric-for-another-task"
    cause = "metric_mismatch"
    weight = 30
    sick = (
        "import numpy as np\n"
        "from keras import Input, Sequential, layers\n"
        "x = np.random.default_rng(0).normal(size=(64, 5, 2))\n"
        "y = x.sum((1, 2)).reshape(-1, 1)\n"
        "model = Sequential([Input((5, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer='adam', loss='mse', metrics=['accuracy'])\n"
        "model.fit(x, y, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace("accuracy", "mae")

    def examine(
        self,
        outputs: tuple[Output, ...],
        progress: Progress,
        epochs: Epochs,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Judges the metrics of every output."""
        for output in outputs:
            for metric in dict.fromkeys(output.metrics):
                fault = _fault(metric, output, epochs)
                if fault is not None:
                    yield self._finding(fault, output, progress, epochs, scripts)
                    break

    def _finding(
        self,
        fault: Fault,
        output: Output,
        progress: Progress,
        epochs: Epochs,
        scripts: Scripts,
    ) -> Finding:
        predictions = output.train.predictions if output.train else None
        learns = not progress.failing and not progress.diverged
        return self.found(
            fault.message,
            severity="warning" if learns else "note",
            confidence=0.95,
            place=metrics_place(output, scripts),
            layer=output.head.layer,
            evidence={
                "metric_shown": number(shown(fault.metric, output, epochs)),
                "metric_without_learning": number(fault.expected),
                "accuracy_of_the_predictions": number(
                    predictions.accuracy if predictions else None
                ),
                "skill": number(progress.skill),
            },
            treatments=[Treatment("fitting-metric", fault.instead)],
        )


def shown(metric: str, output: Output, epochs: Epochs) -> float | None:
    """Returns the last value of a metric in the logs, that of the validation data first."""
    logs = epochs[-1][2] if epochs else {}
    short = metric.replace("accuracy", "acc")
    names = [metric, short, f"{output.name}_{metric}", f"{output.name}_{short}"]
    for name in (*(f"val_{name}" for name in names), *names):
        if logs.get(name) is not None:
            return logs[name]
    return None


def _fault(metric: str, output: Output, epochs: Epochs) -> Fault | None:
    target = output.target
    if target is None:
        return None
    for check in CHECKS:
        fault = check(metric, output, target)
        if fault is not None:
            return fault
    return _equality(metric, output, epochs)


def _of_quantities(metric: str, output: Output, target: ArrayFacts) -> Fault | None:
    """A count of right answers where the targets are quantities."""
    if metric not in COUNTING or loss_name(output) in CROSSENTROPIES or _hinge(output):
        return None
    countable = target.integral and (
        target_kind(target) != "quantity" or loss_name(output) not in REGRESSION
    )
    several = target_kind(target) == "classes" and (width(output) == 1)
    if countable and not several:
        return None
    kind = "whole numbers" if target.integral else "quantities"
    return Fault(
        metric,
        f"The metric {metric} counts predictions that equal their target, but the targets are "
        f"{kind} from {target.minimum:.4g} to {target.maximum:.4g}: it says nothing about this "
        "model.",
        "Show metrics=['mae'] instead, in the units of the targets.",
    )


def _of_columns(metric: str, output: Output, target: ArrayFacts) -> Fault | None:
    """An accuracy that is counted column by column of one-hot rows."""
    units = width(output) or 1
    exclusive = output.head.activation == "softmax" or loss_name(output) not in BINARY
    if metric != "binary_accuracy" or units < FEW_CLASSES or not exclusive:
        return None
    if target_kind(target) != "one_hot":
        return None
    start = 1.0 - 1.0 / units
    return Fault(
        metric,
        f"The metric binary_accuracy counts all {units} columns of the one-hot targets: a model "
        f"that never says yes has {start:.3g} of them right.",
        "Show metrics=['accuracy'], for which Keras compares the classes.",
        start,
    )


def _of_one_unit(metric: str, output: Output, target: ArrayFacts) -> Fault | None:
    """An accuracy of the largest unit where there is one."""
    if metric not in ARGMAX or width(output) != 1:
        return None
    expected = 1.0 if metric == "categorical_accuracy" else _share_of_zero(target)
    value = "" if expected is None else f": it shows {expected:.3g} whatever the model says"
    return Fault(
        metric,
        f"The metric {metric} compares which unit is the largest, but there is only one{value}.",
        "Show metrics=['accuracy'], which compares one unit with a threshold.",
        expected,
    )


def _equality(metric: str, output: Output, epochs: Epochs) -> Fault | None:
    """Accuracy as exact equality, which probabilities almost never have."""
    facts = output.validation or output.train
    value = shown(metric, output, epochs)
    if metric != "accuracy" or facts is None or value is None:
        return None
    accuracy = facts.predictions.accuracy
    if accuracy is None or facts.samples < SMALL_SAMPLE or value >= HALF * accuracy:
        return None
    return Fault(
        metric,
        f"The metric accuracy shows {value:.3g}, but {accuracy:.3g} of the predictions are the "
        "right class: it counts probabilities that equal a label exactly.",
        "Show metrics=['accuracy'] as a string, for which Keras uses a threshold or the largest "
        "unit.",
        0.0,
    )


def _hinge(output: Output) -> bool:
    return "hinge" in loss_name(output)


def _share_of_zero(target: ArrayFacts) -> float | None:
    total = sum(target.values.values())
    return target.values.get("0.0", 0) / total if total else None


Check = Callable[[str, Output, ArrayFacts], Fault | None]
CHECKS: tuple[Check, ...] = (_of_one_unit, _of_columns, _of_quantities)
