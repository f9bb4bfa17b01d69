"""Gradient norms that jump by orders of magnitude."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import CompileFacts
from unstuck.findings.course import Course
from unstuck.findings.optimization.choice import choice_at
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Scripts
from unstuck.record import Finding, Treatment

NORM = 1.0
"""Norm to clip each gradient to: the customary first choice for recurrent nets, about what a
standardized task gives them anyway."""


class ExplodingGradients(Rule):
    """Gradient norms jump by orders of magnitude, and the weights with them.

    ## What it finds
    Jumps of the gradient norm against the run's own median with a jump of the loss, or a training
    that stopped being finite, where no cause further up is found.

    ## Why LSTMs get this
    The gradient is multiplied by the recurrent Jacobian at every step back in time. Where its
    largest singular value exceeds one, the product over a few hundred steps overflows.

    ## How it is measured
    The gradient norm of every variable at every step, before clipping, against its median.

    ## What proves it
    The same run with clipping.

    ## What cures it
    ``clipnorm=1.0`` in the optimizer, a smaller rate, shorter sequences. Look first whether
    scaling, activation or rate explain it.

    ## False alarms
    Large norms that neither the loss nor the weights follow.

    ## References
    Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks (2013).
    """

    code = "GRD101"
    name = "exploding-gradients"
    cause = "exploding_gradients"
    explains = ("no_gradient_clipping", "saturated_gates", "vanishing_gradients")
    weight = 35
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 40, 2))\n"
        "y = x[:, -1, 0] + x[:, -2, 1]\n"
        "start = keras.initializers.Orthogonal(gain=1.05)\n"
        "cell = layers.SimpleRNN(16, 'linear', recurrent_initializer=start)\n"
        "model = keras.Sequential([keras.Input((40, 2)), cell, layers.Dense(1)])\n"
        "sgd = keras.optimizers.SGD(0.01, momentum=0.9)\n"
        "model.compile(optimizer=sgd, loss='mse')\n"
        "model.fit(x, y, epochs=15, verbose=0)\n"
    )
    healthy = sick.replace("momentum=0.9)", "momentum=0.9, clipnorm=1.0)")

    def examine(
        self,
        compiled: CompileFacts,
        steps: StepSeries,
        progress: Progress,
        course: Course,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Speaks where the run diverged, or jumped and did not learn."""
        # NaN at the very first step is a matter of the data or the loss: nothing has exploded yet.
        if progress.diverged and progress.first_nonfinite == 0:
            return
        jumped = progress.poor and (course.spiking or course.struck_by_a_spike)
        if not progress.diverged and not jumped:
            return
        layer = _worst_layer(steps)
        choice = choice_at(compiled, scripts)
        seen = (
            f"stopped being finite at step {progress.first_nonfinite}"
            if progress.diverged
            else f"jumped to {course.jump:.3g} times its median"
        )
        yield self.found(
            f"The gradient {seen}, most of it in {layer}, and the weights followed.",
            severity="error" if progress.failing else "warning",
            confidence=0.75,
            place=(choice.place if choice else None) or compiled.place,
            layer=layer,
            evidence={
                "gradient_jump": number(course.jump, "times the median"),
                "loss_jump": number(course.loss_jump, "times the median"),
                "first_nonfinite_step": number(progress.first_nonfinite, "step"),
            },
            treatments=[
                Treatment(
                    "clip-gradients",
                    f"Clip the gradient: clipnorm={NORM} in the optimizer.",
                    choice.clipped(NORM) if choice else (),
                )
            ],
        )


def _worst_layer(steps: StepSeries) -> str | None:
    totals = steps.layer_total("gradient_norm")
    peaks = {
        name: float(values[values == values].max(initial=0.0)) for name, values in totals.items()
    }
    return max(peaks, key=lambda name: peaks[name], default=None)
