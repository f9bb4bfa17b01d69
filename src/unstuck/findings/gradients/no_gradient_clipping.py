"""Rare spikes of the gradient that nothing stopped."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import CompileFacts
from unstuck.findings.evidence import Output
from unstuck.findings.gradients.exploding_gradients import NORM
from unstuck.findings.gradients.spikes import Undone, undone
from unstuck.findings.optimization.choice import choice_at
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Scripts
from unstuck.record import Finding, Treatment

CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
"""Options by which Keras's optimizers clip."""


class NoGradientClipping(Rule):
    """Rare spikes that clipping would stop undo the training.

    ## What it finds
    A training that had learned, then made a step with a gradient many times the usual one, and
    never got back; with an optimizer that doesn't clip.

    ## Why LSTMs get this
    The loss of a recurrent network has cliffs: where the state is about to grow, a small step
    changes the gradient by orders of magnitude. So does a batch with a broken record. One such
    step throws the weights to where the gates are saturated, and what was learned is gone.

    ## How it is measured
    The gradient norm at every step against the median of the twenty before; the loss before the
    spike and at the end, against that of the best constant.

    ## What proves it
    The same run with clipping.

    ## What cures it
    ``clipnorm=1.0`` in the optimizer. A batch that spikes again and again deserves a look.

    ## False alarms
    Spikes from which the training recovers are left alone; gradients that are large at many steps
    are another cause, exploding gradients.

    ## References
    Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks (2013).
    """

    code = "GRD103"
    name = "no-gradient-clipping"
    cause = "no_gradient_clipping"
    explains = (
        "exploding_gradients",
        "saturated_gates",
        "vanishing_gradients",
        "lr_too_high",
        "no_lr_schedule",
        "dead_units",
    )
    weight = 61
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "\n"
        "class Files(keras.utils.PyDataset):\n"
        "    def __len__(self):\n"
        "        return 300\n"
        "\n"
        "    def __getitem__(self, index):\n"
        "        x = rng.normal(size=(16, 8, 1))\n"
        "        unit = 1000 if index == 200 else 1  # one file in millimetres\n"
        "        return x, unit * x.sum(axis=(1, 2)) / 3\n"
        "\n"
        "model = keras.Sequential([keras.Input((8, 1)), layers.LSTM(8), layers.Dense(1)])\n"
        "sgd = keras.optimizers.SGD(0.02, momentum=0.9)\n"
        "model.compile(optimizer=sgd, loss='mse')\n"
        "model.fit(Files(), epochs=1, shuffle=False, verbose=0)\n"
    )
    healthy = sick.replace("momentum=0.9)", "momentum=0.9, clipnorm=1.0)")

    def examine(
        self,
        compiled: CompileFacts,
        steps: StepSeries,
        progress: Progress,
        outputs: tuple[Output, ...],
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Looks for the spike that a training did not survive."""
        clips = any(compiled.optimizer.config.get(option) for option in CLIPPING)
        if clips or not progress.poor:
            return
        controls = [one.train.constant_predictor for one in outputs if one.train is not None]
        known = [control for control in controls if control is not None]
        spike = undone(steps, sum(known) if known and len(known) == len(controls) else None)
        if spike is not None:
            yield self._finding(spike, compiled, scripts)

    def _finding(self, spike: Undone, compiled: CompileFacts, scripts: Scripts) -> Finding:
        choice = choice_at(compiled, scripts)
        rose = "is no longer finite" if spike.end is None else f"ended at {spike.end:.4g}"
        jumped = (
            "was not finite" if spike.height is None else f"was {spike.height:,.0f} times the usual"
        )
        return self.found(
            f"The loss had come down to {spike.before:.4g} when at step {spike.step} the gradient "
            f"{jumped}; nothing clips it, and the loss {rose}.",
            confidence=0.8,
            place=(choice.place if choice else None) or compiled.place,
            evidence={
                "spike_at_step": number(spike.step, "step"),
                "gradient_jump": number(spike.height, "times the median before"),
                "spikes": number(spike.share, "1"),
                "loss_before": number(spike.before, "loss"),
                "loss_at_end": number(spike.end, "loss"),
            },
            treatments=[
                Treatment(
                    "clip-gradients",
                    f"Clip the gradient: clipnorm={NORM} in the optimizer.",
                    choice.clipped(NORM) if choice else (),
                )
            ],
        )
