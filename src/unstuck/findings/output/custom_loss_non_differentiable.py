"""A custom loss that has no gradient."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import numpy as np

from unstuck.case.facts import CompileFacts, ModelFacts, Place
from unstuck.case.script import Script
from unstuck.findings.evidence import Output
from unstuck.findings.output.gradient_flow import GradientFlow
from unstuck.findings.output.own_loss import OwnLoss, own_losses
from unstuck.findings.output.sites import loss_place
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Scripts
from unstuck.observe.outcome import FailureFacts
from unstuck.record import Finding, Quantity, Treatment

NO_GRADIENT = ("No gradients provided", "does not require grad", "No valid gradients")
"""What TensorFlow's optimizers, torch's autograd and Keras say where no gradient comes back."""


class CustomLossNonDifferentiable(Rule):
    """A loss of the user's own that has no gradient.

    ## What it finds
    A loss function or class whose value does not change with small changes of the predictions:
    it rounds them, compares them with a threshold, takes their sign or their argmax, or leaves
    the array library for numpy.

    ## Why LSTMs get this
    People want to train what they are judged by: F1, accuracy, the share of right directions in a
    forecast. These count, and a count is flat between its jumps.

    ## How it is measured
    The loss is called on targets that occur, at many predictions, and differentiated: the gradient
    is zero at all of them. The gradient norm of every weight is zero at every step. TensorFlow and
    torch may end the run with an exception instead.

    ## What proves it
    A gradient that is exactly zero at every step is no small gradient: rounding has derivative 0
    wherever it has one, and comparisons have none.

    ## What cures it
    A smooth stand-in: probabilities instead of rounded labels (soft F1), a product instead of a
    comparison of signs, or a stock loss for training with the count as a metric beside it.

    ## False alarms
    Zero gradients with a loss that has one come from elsewhere, for example from dead units, and
    are left to other rules.

    ## References
    Bénédict et al., sigmoidF1: A Smooth F1 Score Surrogate Loss (2021). Keras API, losses, on
    creating custom losses.
    """

    code = "OUT108"
    name = "loss-without-gradient"
    cause = "custom_loss_non_differentiable"
    explains = (
        "vanishing_gradients",
        "frozen_weights",
        "lr_too_low",
        "too_few_updates",
        "class_imbalance",
        "optimizer_unsuited",
        "optimizer_step_too_small",
        "metric_mismatch",
        "target_shape_broadcast",
        "poor_initialization",
        "capacity_too_small",
    )
    weight = 108
    sick = (
        "import numpy as np\n"
        "from keras import Input, Sequential, layers, ops\n"
        "x = np.random.default_rng(0).normal(size=(64, 5, 2))\n"
        "y = (x.sum((1, 2)) > 0).astype('float32').reshape(-1, 1)\n"
        "def miss_rate(y_true, y_pred):\n"
        "    return ops.mean(ops.abs(y_true - ops.round(y_pred)))\n"
        "model = Sequential([Input((5, 2)), layers.LSTM(4), layers.Dense(1, 'sigmoid')])\n"
        "model.compile(optimizer='adam', loss=miss_rate)\n"
        "model.fit(x, y, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace("ops.round(y_pred)", "y_pred")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Follows the predictions through every loss of the script's own."""
        for loss in own_losses(script):
            flow = GradientFlow(loss)
            if flow.cut is not None and flow.returns is False:
                yield self.found(
                    f"The loss {_named(loss)} uses the predictions only through "
                    f"`{ast.unparse(flow.cut)}`, which is flat between its jumps: it has no "
                    "gradient, so no weight moves.",
                    level="suspected",
                    confidence=0.9,
                    place=loss.at(flow.cut),
                    treatments=[_treatment(flow.cut)],
                )

    def examine(
        self,
        model: ModelFacts,
        compiled: CompileFacts,
        outputs: tuple[Output, ...],
        scripts: Scripts,
        steps: StepSeries | None = None,
        failure: FailureFacts | None = None,
    ) -> Iterator[Finding]:
        """Asks the probe, the gradients of every step, and the exception that ended the run."""
        if not model.trainable_parameters:
            return
        refused = failure is not None and any(text in failure.message for text in NO_GRADIENT)
        still = _no_gradient(steps)
        for output in outputs:
            probe = output.probe
            flat = probe is not None and probe.gradient_zero and probe.error is None
            unseen = probe is None and (refused or still)
            if output.loss.custom and (flat or unseen):
                yield self._finding(output, steps, failure if refused else None, scripts)

    def _finding(
        self,
        output: Output,
        steps: StepSeries | None,
        failure: FailureFacts | None,
        scripts: Scripts,
    ) -> Finding:
        own = OwnLoss.of(output.loss.name, scripts)
        cut = None if own is None else GradientFlow(own).cut
        place: Place | None = loss_place(output, scripts)
        if own is not None:
            place = own.place if cut is None else own.at(cut)
        by = f": `{ast.unparse(cut)}` is flat between its jumps" if cut is not None else ""
        seen = 0 if steps is None else len(steps.index)
        measured = (
            f"the run ended in {failure.kind}"
            if failure
            else f"the gradient of every weight was exactly 0 at all {seen} steps"
            if _no_gradient(steps)
            else "its derivative is exactly 0 at every prediction that was tried"
        )
        return self.found(
            f"The loss {output.loss.name} has no gradient{by}; {measured}, so no weight can learn "
            "from it.",
            confidence=0.98,
            place=place,
            layer=output.head.layer,
            evidence={
                "largest_gradient_norm": number(_largest(steps), "loss / weight"),
                "steps": number(seen, "steps"),
                "exception": Quantity(failure.kind if failure else None, "exception"),
            },
            treatments=[_treatment(cut)],
        )


def _named(loss: OwnLoss) -> str:
    name = getattr(loss.definition, "name", "lambda")
    return "class" if name in ("call", "__call__") else f"'{name}'"


def _largest(steps: StepSeries | None) -> float | None:
    if steps is None or not len(steps.index):
        return None
    return float(np.nanmax(np.nan_to_num(steps.column("gradient_norm"), nan=np.inf)))


def _no_gradient(steps: StepSeries | None) -> bool:
    return _largest(steps) == 0.0


def _treatment(cut: ast.expr | None) -> Treatment:
    what = f"`{ast.unparse(cut)}`" if cut is not None else "the step or comparison"
    return Treatment(
        "smooth-loss",
        f"Replace {what} by something smooth, such as the probabilities themselves or a product, "
        "or train with a stock loss and keep this one as a metric.",
    )
