"""Regression targets that the head can't reach in the budget."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FitFacts, Place
from unstuck.findings.data.origins import targets_made_at
from unstuck.findings.evidence import Output
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.record import Finding, Treatment

LARGE = 10.0
"""Root mean square of targets beyond which a head starts far away: hidden states are below 1
and Glorot weights make first predictions of about 1, so ten times that has to be learned."""
OFFSET = 10.0
"""Mean over spread beyond which hitting the mean to a tenth of the spread already needs the
bias right to one percent."""
REGRESSION = (
    "mean_squared_error", "mean_absolute_error", "mean_squared_logarithmic_error", "huber",
    "log_cosh", "mean_absolute_percentage_error", "quantile",
)  # fmt: skip
"""Losses whose size follows the size of the targets."""


class NoTargetScaling(Rule):
    """Regression targets so large or far from zero that the head spends the budget on its bias.

    ## What it finds
    Targets far beyond what the head gives at the start, in a run that did not get there.

    ## Why LSTMs get this
    A hidden state lies between -1 and 1. Adam moves a weight by about the learning rate each
    step, so after N steps the bias has moved by N times the rate at most: 1,000 steps at 0.001
    reach 1, not 48,000. Plain SGD meets the same targets with gradients of their size and blows
    up instead.

    ## How it is measured
    Root mean square without outliers, mean and spread of the targets; how far the mean
    prediction got; which share of the squared error is a mere offset.

    ## What proves it
    The same run with standardized targets.

    ## What cures it
    Standardize the targets by the training part, and undo it on the predictions; in the model,
    a ``Rescaling`` layer at the end does both at once.

    ## False alarms
    Large targets that the run reaches: a run that learns is left alone. A few outliers among
    targets of unit size are no matter of scale.

    ## References
    Kingma and Ba, Adam (2015), section 2.1: the effective step is bounded by the rate.
    """

    code = "DAT103"
    name = "unscaled-targets"
    cause = "no_target_scaling"
    explains = (
        "exploding_gradients",
        "saturated_gates",
        "vanishing_gradients",
        "too_few_updates",
        "lr_too_low",
        "no_gradient_clipping",
        "lr_too_high",
        "optimizer_unsuited",
    )
    weight = 90
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 12, 2))\n"
        "y = 48000 + 900 * x.mean(axis=(1, 2))\n"
        "model = keras.Sequential([keras.Input((12, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("48000 + 900", "4")

    def examine(
        self, outputs: tuple[Output, ...], progress: Progress, fit: FitFacts, scripts: Scripts
    ) -> Iterator[Finding]:
        """Judges every output with a linear head and a loss that follows the targets' size."""
        for output in outputs:
            target = output.target
            if target is None or target.rms is None or not self._regression(output):
                continue
            bulk = target.rms if target.bulk_rms is None else target.bulk_rms
            far = bulk > LARGE or abs(target.mean or 0) > OFFSET * (target.std or 0) > 0
            if far and (progress.poor or progress.diverged):
                place = targets_made_at(fit.place, scripts)
                yield self._finding(output, target, progress, place)

    @staticmethod
    def _regression(output: Output) -> bool:
        # A loss of the user's own is taken by its targets: quantities, not classes.
        quantities = output.loss.name in REGRESSION or (
            output.loss.custom and output.target is not None and not output.target.integral
        )
        return quantities and output.head.activation in ("linear", "relu", "softplus", None)

    def _finding(
        self, output: Output, target: ArrayFacts, progress: Progress, place: Place | None
    ) -> Finding:
        predictions = output.train.predictions if output.train else None
        reached = predictions.reached if predictions else None
        got = "" if reached is None else f" and the predictions have got to {reached:.0%} of them"
        return self.found(
            f"The targets have mean {target.mean:.4g} and spread {target.std:.4g}, far from the "
            f"-1..1 in which a head starts{got}: standardize them.",
            confidence=0.9,
            place=place,
            layer=output.head.layer,
            evidence={
                "target_mean": number(target.mean, "target units"),
                "target_spread": number(target.std, "target units"),
                "target_rms": number(target.rms, "target units"),
                "mean_reached": number(reached, "1"),
                "offset_share_of_error": number(
                    predictions.error_bias if predictions else None, "1"
                ),
                "updates": number(progress.steps, "steps"),
            },
            treatments=[
                Treatment(
                    "standardize-targets",
                    "Standardize the targets by the mean and spread of the training part and "
                    "undo it on the predictions, or end the model with a Rescaling layer.",
                )
            ],
        )
