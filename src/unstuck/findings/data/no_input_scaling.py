"""Inputs whose magnitude keeps the gates from learning."""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FeatureFacts, FitFacts, ModelFacts
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.observe.outcome import DriveFacts
from unstuck.record import Finding, Severity, Treatment

SATURATED = 0.25
"""Share of gate pre-activations that the data alone push beyond 4 before the first step. With
standardized inputs and Glorot weights x.W has a spread below 1.5, so less than 1 % lie there."""
DROWNED = 1000.0
"""Ratio of the largest to the smallest spread of the varying features. With Adam a weight
moves by about the rate each step whatever the gradient, so a feature a thousand times smaller
needs a thousand times more steps to count as much; a ratio of ten or a hundred is caught up."""
FAINT = 0.01
"""Strength of x.W below which the data change a gate by under a quarter percent."""
SMALL = 0.1
"""Root mean square below which inputs may be what is faint; from there on the weights are."""
GAIN = 3.0
"""Times the inputs' own size from which a drive is the weights' doing: the rules of Glorot, LeCun
and He give at most 1.5, however many features there are and however they go together."""
LARGE = 30.0
"""Root mean square beyond which inputs that pass a Dense or Conv layer first are called
unscaled: such a layer keeps the magnitude, and 30 standard deviations are no standardization."""
RESCALING = ("Normalization", "BatchNormalization", "LayerNormalization", "Rescaling", "Embedding")
"""Layers after which the scale of the data no longer matters."""


class NoInputScaling(Rule):
    """Inputs far from zero mean and unit scale, or features of very different magnitude.

    ## What it finds
    Data that drive the gates of the first recurrent layer into saturation, that drown some
    features in others, or that are too faint to be heard, in a run that does not train.

    ## Why LSTMs get this
    A gate is a sigmoid of x.W + h.U + b. Raw pressures of 1,013 or prices of 40,000 make x.W
    so large that the sigmoid is 0 or 1 whatever the weights do; its slope there is nearly zero,
    so the gradient that should correct it is nearly zero too, and every sample gets the same
    state. The model then predicts a constant.

    ## How it is measured
    x.W is computed from a sample of the data and the initial weights before the first step: the
    share of gate pre-activations beyond 4, where sigmoid passes under a tenth of its gradient.

    ## What proves it
    The same run with standardized inputs.

    ## What cures it
    Standardize by the statistics of the training part, or put a ``Normalization`` layer, adapted
    on the training part, in front.

    ## False alarms
    Unscaled inputs that the model copes with: a run that learns gets a warning at most.

    ## References
    LeCun et al., Efficient BackProp (1998), section 4.3.
    """

    code = "DAT102"
    name = "unscaled-inputs"
    cause = "no_input_scaling"
    explains = (
        "exploding_gradients",
        "saturated_gates",
        "dead_units",
        "lr_too_low",
        "too_few_updates",
        "vanishing_gradients",
        "no_gradient_clipping",
        "no_target_scaling",
        "lr_too_high",
    )
    weight = 95
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 12, 2))\n"
        "y = x.mean(axis=(1, 2))\n"
        "x = 1000 + 50 * x\n"
        "model = keras.Sequential([keras.Input((12, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=15, verbose=0)\n"
    )
    healthy = sick.replace("1000 + 50 * x", "2 * x")

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        drives: tuple[DriveFacts, ...] | None = None,
    ) -> Iterator[Finding]:
        """Judges the harm to the gates first, then the raw magnitudes."""
        severity = _severity(progress)
        array = _worst(inputs)
        if severity is None or array is None or _ids(model, array):
            return
        spreads = [feature.std for feature in array.features if feature.std > 0]
        ratio = max(spreads) / min(spreads) if spreads else 1.0
        harm = _harm(drives or (), array, model, ratio)
        if harm is not None:
            yield self._finding(harm, severity, array, ratio, drives or (), fit)

    def _finding(
        self,
        harm: str,
        severity: Severity,
        array: ArrayFacts,
        ratio: float,
        drives: tuple[DriveFacts, ...],
        fit: FitFacts,
    ) -> Finding:
        drive = max(drives, key=lambda item: item.saturated, default=None)
        return self.found(
            f"The inputs reach the recurrent layer unscaled, {_magnitude(array)}: {harm}.",
            severity=severity,
            confidence=0.9 if severity == "error" else 0.5,
            place=fit.place,
            layer=drive.layer if drive else None,
            evidence={
                "input_mean": number(array.mean, "input units"),
                "input_spread": number(array.std, "input units"),
                "saturated_at_start": number(drive.saturated if drive else None, "1"),
                "drive_strength": number(drive.strength if drive else None, "pre-activation"),
                "feature_spread_ratio": number(ratio, "1"),
            },
            treatments=[
                Treatment(
                    "standardize-inputs",
                    "Standardize the inputs by the mean and spread of the training part, for "
                    "example with a keras.layers.Normalization layer adapted on it in front.",
                )
            ],
        )


def _magnitude(array: ArrayFacts) -> str:
    """Says the scale of the inputs, by the feature that is farthest out if there are several."""
    if len(array.features) < 2:
        return f"with mean {array.mean:.4g} and spread {array.std:.4g}"
    far = max(range(len(array.features)), key=lambda i: _rms(array.features[i]))
    feature = array.features[far]
    return f"feature {far} with mean {feature.mean:.4g} and spread {feature.std:.4g}"


def _rms(feature: FeatureFacts) -> float:
    return math.hypot(feature.mean, feature.std)


def _severity(progress: Progress) -> Severity | None:
    if progress.skill is None and not progress.diverged:
        return "warning"
    if progress.poor:
        # Where no control finds a signal, scaling can't be shown to be what is missing.
        return "warning" if progress.has_signal is False else "error"
    return None


def _worst(inputs: tuple[ArrayFacts, ...]) -> ArrayFacts | None:
    """The input with the largest magnitude among those that are sequences of numbers."""
    known = [array for array in inputs if array.rms is not None and len(array.shape) >= 3]
    return max(known, key=lambda array: array.rms or 0.0, default=None)


def _ids(model: ModelFacts, array: ArrayFacts) -> bool:
    """Whether a layer takes the scale out before a recurrent layer reads the array."""
    readers = [layer for layer in model.layers if array.name in layer.inputs]
    first = readers or list(model.layers[:2])
    return any(layer.kind in RESCALING for layer in first)


def _harm(
    drives: tuple[DriveFacts, ...], array: ArrayFacts, model: ModelFacts, ratio: float
) -> str | None:
    saturated = max((drive.saturated for drive in drives), default=None)
    strength = max((drive.strength for drive in drives), default=None)
    size = array.rms or 0.0
    by_weights = strength is not None and strength > GAIN * size
    if saturated is not None and saturated >= SATURATED and not by_weights:
        return f"{saturated:.0%} of its gate inputs start saturated, where no gradient passes"
    if ratio >= DROWNED:
        return f"the largest feature varies {ratio:,.0f} times as much as the smallest"
    if strength is not None and strength < FAINT and size < SMALL:
        return "they are so small that they hardly move a gate"
    if strength is None and (array.rms or 0) > LARGE:
        return f"their root mean square is {array.rms:.4g} where about 1 is expected"
    return None
