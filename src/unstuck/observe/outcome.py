"""What a model gives after training, as numbers: its predictions and its loss beside controls."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from unstuck.case.facts import Shape
from unstuck.observe.framing import AxisFacts, DecodingFacts, RolloutFacts
from unstuck.observe.xray.facts import LagFacts


@dataclasses.dataclass(frozen=True)
class PredictionFacts:
    """The predictions of one output on a sample of the data, in inference mode.

    Attributes:
        shape: Shape of the predictions, the sample first.
        nonfinite: Number of NaN and infinite entries.
        spread: Root mean square over outputs of the standard deviation over samples: how much
            the prediction depends on the input at all. Units of the output.
        target_spread: The same for the targets, where their shape is that of the predictions.
        constant: Whether every sample gets the same prediction, to the last bit.
        error_bias: Share of the mean squared error that is its squared mean, 0..1; 1 means that
            only an offset is wrong. None for classes.
        reached: Mean prediction over mean target, where the targets are far from zero.
        explained: Share of the targets' variance that the predictions explain, classes taken as
            probabilities against one-hot rows; comparable with the score of ``SignalFacts``.
        chosen: By class, how often it was predicted (argmax, or the 0.5 threshold).
        actual: By class, how often it is the target.
        recall: By class, share of its samples that were predicted as such.
    """

    shape: Shape
    nonfinite: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    spread: float | None
    target_spread: float | None
    constant: bool
    error_bias: float | None = None
    reached: float | None = None
    explained: float | None = None
    chosen: Mapping[str, int] = dataclasses.field(default_factory=dict)
    actual: Mapping[str, int] = dataclasses.field(default_factory=dict)
    recall: Mapping[str, float] = dataclasses.field(default_factory=dict)

    @property
    def accuracy(self) -> float | None:
        """Share of right classes on the sample."""
        total = sum(self.actual.values())
        if not total:
            return None
        return sum(self.recall[name] * count for name, count in self.actual.items()) / total

    @property
    def majority_share(self) -> float | None:
        """Share of the most frequent class among the targets of the sample."""
        total = sum(self.actual.values())
        return max(self.actual.values()) / total if total else None


@dataclasses.dataclass(frozen=True)
class OutputOutcome:
    """One output on one split: the user's own loss beside the controls, weights included.

    Attributes:
        split: "train" or "validation".
        loss: The user's loss recomputed from the predictions.
        constant_predictor: Loss of the best constant prediction that was found.
        naive_forecast: Loss of repeating the last value of the input feature that the targets
            continue; None if they don't.
        perfect: Loss of predicting the targets themselves.
    """

    output: str
    split: str
    samples: int
    loss: float | None
    constant_predictor: float | None
    naive_forecast: float | None
    perfect: float | None
    predictions: PredictionFacts

    @property
    def skill(self) -> float | None:
        """1 - loss / constant, measured from the perfect loss: 0 is constant, 1 perfect.

        Negative where the model is worse than a constant; None where it can't be computed.
        """
        if self.loss is None or self.constant_predictor is None:
            return None
        floor = self.perfect if self.perfect is not None else 0.0
        room = self.constant_predictor - floor
        # A constant that is perfect leaves nothing to learn: skill has no meaning there.
        if not room > 1e-9 * max(1.0, abs(self.constant_predictor)):
            return None
        return (self.constant_predictor - self.loss) / room


@dataclasses.dataclass(frozen=True)
class SignalFacts:
    """What a small model in closed form can learn from the inputs: is there anything to learn?

    Attributes:
        score: Cross-validated share of the targets' variance that it explains; at most 1.
        chance: 95th percentile of the score over shuffled targets.
        samples: Number of samples that both were estimated on.
    """

    output: str
    score: float
    chance: float
    samples: int


@dataclasses.dataclass(frozen=True)
class DriveFacts:
    """How strongly the data drive the gates of a recurrent layer at its initial weights.

    Attributes:
        saturated: Share of gate pre-activations x.W + b beyond SATURATION (drive.py), where a
            gate is within 2 % of open or shut and passes less than a tenth of its gradient.
        strength: Root mean square of x.W, in units of a gate's pre-activation.
        offset_share: Share of that mean square which is the same for all samples and steps.
        largest_share: Share of the variance of x.W that the strongest feature contributes.
    """

    layer: str
    saturated: float
    strength: float
    offset_share: float
    largest_share: float


@dataclasses.dataclass(frozen=True)
class LossProbeFacts:
    """How the user's loss behaves on the targets that occur.

    Attributes:
        nonfinite_at: A prediction at which the loss or its gradient isn't finite, with a target
            that occurs; None if none was found among the values tried.
        nonfinite_target: That target.
        gradient_zero: Whether the gradient with respect to the predictions is exactly zero
            (or missing) at every value tried.
        error: What the loss raised when it was called, None if it worked.
    """

    output: str
    nonfinite_at: float | None
    nonfinite_target: float | None
    gradient_zero: bool
    error: str | None = None


@dataclasses.dataclass(frozen=True)
class AlignmentFacts:
    """Where the targets lie in the series that the windows were cut from, value for value.

    Attributes:
        feature: Index of the input feature whose values they are.
        offset: Steps from a window's last step to its target: 1 is the next value, 0 is the last
            step itself, less lies inside or before the window. None where windows and targets
            are not in the same order.
        overlapping: Whether the windows share values, as those cut from one series do.
    """

    output: str
    feature: int
    offset: int | None
    overlapping: bool

    @property
    def forecast(self) -> bool:
        """Whether the targets are later values of the series that the inputs are cut from.

        Where samples were shuffled, how much later is not known.
        """
        return self.overlapping if self.offset is None else self.offset > 0


@dataclasses.dataclass(frozen=True)
class CodeFacts:
    """What inputs of few distinct values say of the targets as magnitudes and as categories.

    Attributes:
        as_numbers: Cross-validated share of the targets' variance explained by magnitudes.
        as_categories: The same, when each value is a category of its own.
        chance: 95th percentile of the latter over shuffled targets.
        features: Indices of the features that take few values.
        distinct: Largest number of distinct values among them.
    """

    output: str
    as_numbers: float
    as_categories: float
    chance: float
    features: tuple[int, ...]
    distinct: int


@dataclasses.dataclass(frozen=True)
class CompositionFacts:
    """How far the batches of one output's targets are mixtures, in their order without shuffling.

    Attributes:
        between: Share of the targets' variance that lies between batches, 0..1; of classes that
            of their indicators. 1 means that a batch has one value or class only.
        expected: What mixed batches of this size have.
        batches: Number of batches that were looked at.
    """

    output: str
    between: float
    expected: float
    batches: int


@dataclasses.dataclass(frozen=True)
class FailureFacts:
    """The exception that ended a fit."""

    kind: str
    message: str


@dataclasses.dataclass(frozen=True)
class OutcomeFacts:
    """All that was measured after training."""

    outputs: tuple[OutputOutcome, ...]
    signal: tuple[SignalFacts, ...] = ()
    probes: tuple[LossProbeFacts, ...] = ()
    lags: tuple[LagFacts, ...] = ()
    alignments: tuple[AlignmentFacts, ...] = ()
    codes: tuple[CodeFacts, ...] = ()
    axes: tuple[AxisFacts, ...] = ()
    rollouts: tuple[RolloutFacts, ...] = ()
    decoding: tuple[DecodingFacts, ...] = ()
