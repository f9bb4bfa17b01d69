"""A loss for another kind of task than the targets and the head describe."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts
from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import (
    learned,
    width,
)
from unstuck.findings.output.sites import activation_edit, head_edit, loss_edit, loss_place
from unstuck.findings.output.tasks import Fault, task_fault
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, together
from unstuck.record import Finding, Severity, Treatment


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
            fault = task_fault(output, target)
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
            treatments=[Treatment("fitting-loss", fault.repair, _edits(fault, output, scripts))],
        )


def _severity(fault: Fault, output: Output, progress: Progress) -> Severity | None:
    if fault.law:
        return "error"
    if fault.mild:
        return "warning" if progress.failing else None
    if learned(output, progress) or not progress.poor:
        return "warning"
    return "error" if progress.failing else "warning"


def _edits(fault: Fault, output: Output, scripts: Scripts) -> Edits:
    """Returns the edits of the loss and, where it must change with it, of the head."""
    loss = loss_edit(output, scripts, fault.loss)
    if fault.activation is None or fault.activation == output.head.activation:
        return loss if fault.units is None else ()
    if fault.units is None:
        return together(loss, activation_edit(output.head, scripts, fault.activation))
    return together(loss, head_edit(output.head, scripts, fault.units, fault.activation))
