"""Output and target shapes that differ and broadcast silently."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import (
    CompileFacts,
    DataFacts,
    FitFacts,
    HeadFacts,
    ModelFacts,
    Place,
    Shape,
)
from unstuck.case.script import Script
from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import CATEGORICAL, SPARSE, learned, loss_name, output_shape
from unstuck.findings.output.own_loss import OwnLoss, own_step, step_names
from unstuck.findings.output.shapes import Aligned, aligned, batch_of, words
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.record import Finding, Quantity, Severity, Treatment

RESHAPING = frozenset(
    {"reshape", "squeeze", "expand_dims", "flatten", "ravel", "newaxis", "view", "transpose"}
)
"""Names in a loss of the user's own that say that its author looked after the shapes."""


class TargetShapeBroadcast(Rule):
    """Output and targets of different shapes that broadcast against each other.

    ## What it finds
    Shapes that still differ after Keras has taken away or added a last axis of 1, and that the
    loss nevertheless subtracts: (n, 18) against (n, 1), or (n,) against (n, 1) in a loss class or
    ``compute_loss`` of the user's own, where Keras adapts nothing.

    ## Why LSTMs get this
    Sequences add an axis. Windows, horizons and units give targets of shape (n,), (n, 1) and
    (n, T, 1), and the array libraries stretch an axis of 1 to whatever it meets, without a word.

    ## How it is measured
    The shapes of predictions and targets are lined up as Keras does it, for one batch, and
    broadcast.

    ## What proves it
    Arithmetic. Where (n,) meets (n, 1), every prediction is compared with the targets of all
    samples in the batch, and the best answer to all of them is their mean. Where one output meets
    T targets, the best answer is their mean over time.

    ## What cures it
    Make the shapes equal: ``y.reshape(-1, 1)``, ``return_sequences``, the right number of units.

    ## False alarms
    Losses that mean to broadcast, such as a quantile loss with several outputs and one target,
    are the user's own and differ in the last axis only: these are left alone.

    ## References
    NumPy manual, Broadcasting. Keras, ``squeeze_or_expand_to_same_rank`` in ``losses/loss.py``.
    """

    code = "OUT105"
    name = "silent-broadcast"
    cause = "target_shape_broadcast"
    explains = (
        "too_few_updates",
        "capacity_too_small",
        "lr_too_low",
        "vanishing_gradients",
        "metric_mismatch",
        "no_target_scaling",
        "architecture_wrong_for_task",
    )
    weight = 104
    sick = (
        "import numpy as np\n"
        "from keras import Input, Sequential, layers\n"
        "x = np.random.default_rng(0).normal(size=(64, 5, 2))\n"
        "y = np.stack([x.sum((1, 2)), x.mean((1, 2))], axis=1)\n"
        "model = Sequential([Input((5, 2)), layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile(optimizer='adam', loss='mse')\n"
        "model.fit(x, y, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace("Dense(1)", "Dense(2)")

    def examine(
        self,
        model: ModelFacts,
        compiled: CompileFacts,
        data: DataFacts,
        outputs: tuple[Output, ...],
        progress: Progress,
        scripts: Scripts,
        fit: FitFacts | None = None,
    ) -> Iterator[Finding]:
        """Lines up the shapes of every output with those of its targets."""
        for output in outputs:
            shape, target = output_shape(output), output.target
            if shape is None or target is None or not _element_wise(output):
                continue
            meeting = aligned(target.shape, shape, batch_of(fit), _adapted(output, scripts))
            if _silent(output, meeting):
                fine = (output.loss.custom and not progress.poor) or learned(output, progress)
                severity: Severity = "warning" if fine else "error"
                own = OwnLoss.of(output.loss.name, scripts) if output.loss.custom else None
                place = own.comparison if own is not None and own.is_class else None
                yield self._finding(output.head, shape, target.shape, meeting, severity, place)
        if not compiled.losses:
            yield from self._own_step(model, data, scripts, fit)

    def _own_step(
        self, model: ModelFacts, data: DataFacts, scripts: Scripts, fit: FitFacts | None
    ) -> Iterator[Finding]:
        """Judges a model that computes its loss in its own methods."""
        own = next((place for place in map(_own_loss, scripts.values()) if place), None)
        for head, target in zip(model.heads, data.role("target"), strict=False):
            if head.shape is None or own is None:
                continue
            meeting = aligned(target.shape, head.shape, batch_of(fit), squeezed=False)
            if meeting.together is not None and not meeting.agree:
                yield self._finding(head, head.shape, target.shape, meeting, "error", own)

    def _finding(
        self,
        head: HeadFacts,
        shape: Shape,
        target: Shape,
        meeting: Aligned,
        severity: Severity,
        place: Place | None = None,
    ) -> Finding:
        return self.found(
            f"The output '{head.output}' has shape {words(shape)} and its targets "
            f"{words(target)}: in a batch of {meeting.targets[0]} the loss stretches "
            f"{meeting.predictions} against {meeting.targets} to {meeting.together}, so that each "
            "prediction is compared with targets that are not its own.",
            severity=severity,
            confidence=0.95 if severity == "error" else 0.6,
            place=place or head.place,
            layer=head.layer,
            evidence={
                "output_shape": Quantity(words(shape), "axes"),
                "target_shape": Quantity(words(target), "axes"),
                "compared_shape": Quantity(str(meeting.together), "axes"),
                "uses_of_each_entry": number(meeting.repeated, "times"),
            },
            treatments=[Treatment("equal-shapes", _repair(shape, target))],
        )


def _element_wise(output: Output) -> bool:
    """Whether the loss subtracts or multiplies entry by entry; the others refuse such shapes."""
    return loss_name(output) not in SPARSE | CATEGORICAL


def _adapted(output: Output, scripts: Scripts) -> bool:
    """Whether Keras adapts the last axis: for all but a loss class of the user's own."""
    if not output.loss.custom:
        return True
    own = OwnLoss.of(output.loss.name, scripts)
    return own is None or not own.is_class or bool(own.names & RESHAPING)


def _silent(output: Output, meeting: Aligned) -> bool:
    if meeting.agree or meeting.together is None:
        return False
    same_rank = len(meeting.targets) == len(meeting.predictions)
    # A loss of one's own may pack more into the last axis than one number a target.
    packed = same_rank and meeting.targets[:-1] == meeting.predictions[:-1]
    return not (output.loss.custom and packed)


def _own_loss(script: Script) -> Place | None:
    """Returns where a model's own step compares targets and predictions, None if it reshapes."""
    return None if step_names(script) & RESHAPING else own_step(script)


def _repair(shape: Shape, target: Shape) -> str:
    if len(target) == 1 and len(shape) == 2 and shape[-1] == 1:
        return "Give the targets the output's shape: y = y.reshape(-1, 1)."
    if len(target) == len(shape) and target[1:-1] == shape[1:-1]:
        return f"Give the output layer {target[-1]} units, one for each target."
    return f"Make output and targets the same shape: {words(shape)} is not {words(target)}."
