"""A custom loss that is not finite on values that occur."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, Place
from unstuck.case.script import Script
from unstuck.findings.evidence import Output
from unstuck.findings.output.own_loss import OwnLoss, own_losses
from unstuck.findings.output.sites import loss_place
from unstuck.findings.output.unguarded import Unguarded, guards, reduced, unguarded
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Scripts
from unstuck.record import Finding, Treatment

GROWTH = 100.0
"""A loss that had grown a hundredfold before it stopped being finite blew up by its steps: then
a loss that cannot take the values is one suspect among others."""


class CustomLossNumerics(Rule):
    """A loss of the user's own that is not finite on values that occur.

    ## What it finds
    A logarithm that meets 0, a division by a target that is 0, a square root whose derivative is
    infinite at 0, in a run whose loss or gradients stopped being finite while its data are finite.

    ## Why LSTMs get this
    A model that learns becomes sure, and a sigmoid or softmax in float32 reaches 0 and 1 exactly.
    The stock losses clip before the logarithm; formulas typed from a paper don't. Sales, rain and
    traffic have zeros to divide by.

    ## How it is measured
    The loss and its derivative are computed on targets that occur, at predictions that the head
    can give, its ends included: where is one of them not finite? The steps of the run say when it
    happened; the data must be finite.

    ## What proves it
    The pair of a prediction and a target on which the loss is NaN or infinite: one such entry in
    one batch makes every weight NaN.

    ## What cures it
    Keep the argument away from the edge: ``log(p + 1e-7)``, ``clip(p, 1e-7, 1 - 1e-7)``,
    ``sqrt(x + 1e-12)``, a denominator that cannot be 0. Better, a stock loss with
    ``from_logits=True``.

    ## False alarms
    A run that stays finite gets no finding, however unguarded its loss is. In the source alone it
    is a suspicion, and a warning.

    ## References
    Goodfellow, Bengio and Courville, Deep Learning (2016), section 4.1, overflow and underflow.
    """

    code = "OUT107"
    name = "unguarded-loss"
    cause = "custom_loss_numerics"
    explains = (
        "exploding_gradients",
        "no_gradient_clipping",
        "lr_too_high",
        "lstm_relu_activation",
        "no_target_scaling",
        "no_lr_schedule",
        "no_input_scaling",
    )
    weight = 106
    sick = (
        "import numpy as np\n"
        "from keras import Input, Sequential, layers, ops\n"
        "x = np.random.default_rng(0).normal(size=(64, 5, 2))\n"
        "y = np.maximum(x.sum((1, 2)), 0).astype('float32').reshape(-1, 1)\n"
        "def relative_error(y_true, y_pred):\n"
        "    return ops.mean(ops.abs(y_true - y_pred) / y_true)\n"
        "model = Sequential([Input((5, 2)), layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile(optimizer='adam', loss=relative_error)\n"
        "model.fit(x, y, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace("/ y_true)", "/ (y_true + 1.0))")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds logarithms, roots and divisions without a guard in the script's own losses."""
        for loss in own_losses(script):
            for found in unguarded(loss):
                yield self.found(
                    f"`{ast.unparse(found.node)}` in a loss is not finite where "
                    f"`{ast.unparse(found.edge)}` is 0, and nothing keeps it from that.",
                    # The sum of a mask is 0 only for a batch of nothing but padding.
                    severity="note" if reduced(found.edge) else "warning",
                    level="suspected",
                    confidence=0.3 if reduced(found.edge) else 0.6,
                    place=loss.at(found.node),
                    treatments=[_treatment(loss, [found])],
                )

    def examine(
        self,
        outputs: tuple[Output, ...],
        inputs: tuple[ArrayFacts, ...],
        progress: Progress,
        scripts: Scripts,
        steps: StepSeries | None = None,
    ) -> Iterator[Finding]:
        """Connects a run that stopped being finite with a loss that cannot take its values."""
        if not progress.diverged and progress.first_nonfinite is None:
            return
        if any(array.nonfinite for array in inputs):
            return
        for output in outputs:
            probe, target = output.probe, output.target
            if not output.loss.custom or (target is not None and target.nonfinite):
                continue
            if probe is not None and probe.nonfinite_at is not None:
                yield self._finding(output, progress, _grew(steps, progress), scripts)

    def _finding(
        self, output: Output, progress: Progress, grew: float | None, scripts: Scripts
    ) -> Finding:
        probe = output.probe
        assert probe is not None
        own = OwnLoss.of(output.loss.name, scripts)
        faults = [] if own is None else list(unguarded(own))
        fault = faults[0] if faults else None
        place: Place | None = loss_place(output, scripts)
        if own is not None:
            place = own.place if fault is None else own.at(fault.node)
        when = (
            ""
            if progress.first_nonfinite is None
            else f", as the run was from step {progress.first_nonfinite} on"
        )
        by = ""
        if fault is not None:
            by = f" where `{ast.unparse(fault.edge)}` is 0 in `{ast.unparse(fault.node)}`"
        return self.found(
            f"The loss {output.loss.name} or its gradient is not finite{by}: prediction "
            f"{probe.nonfinite_at:g} gives NaN or infinity{when}.",
            severity="warning" if grew is not None and grew > GROWTH else "error",
            confidence=0.7 if grew is not None and grew > GROWTH else 0.95,
            place=place,
            layer=output.head.layer,
            evidence={
                "prediction": number(probe.nonfinite_at, "output units"),
                "target": number(probe.nonfinite_target, "target units"),
                "first_nonfinite_step": number(progress.first_nonfinite, "step"),
                "loss_growth_before": number(grew),
            },
            treatments=[_treatment(own, faults)],
        )


def _grew(steps: StepSeries | None, progress: Progress) -> float | None:
    """Returns the last finite loss before the first that isn't, over the loss at the start."""
    if steps is None or progress.first_nonfinite is None or not progress.start:
        return None
    before = steps.loss[steps.index < progress.first_nonfinite]
    return abs(float(before[-1]) / progress.start) if len(before) else None


def _treatment(own: OwnLoss | None, faults: list[Unguarded]) -> Treatment:
    if own is None or not faults:
        summary = "Keep logarithms, roots and divisions in the loss away from 0."
        return Treatment("guard-the-loss", summary)
    summary = " ".join(dict.fromkeys(fault.repair for fault in faults))
    return Treatment("guard-the-loss", summary, guards(own, faults))
