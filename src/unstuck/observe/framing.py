"""How the samples of an input lie in memory and in time, as numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class LayoutFacts:
    """How alike values are that another reading of the same memory puts next to each other in time.

    Correlations are over samples, each place of the array standardized for itself.

    Attributes:
        alike: Mean correlation of neighbours in time under this reading.
        across: The same for those neighbours that the array as given puts into different steps.
        seam: Largest correlation where this reading has none: of "reshaped", where one feature
            ends in memory and the next begins; of "strided", at any other distance in memory.
        lowest: Of "reshaped", the lowest mean correlation at any other phase of the seam's period.
        error: Standard error of ``alike`` less what the array as given has.
        shifted: Whether consecutive samples are windows that move on along its time, value for
            value.
    """

    alike: float
    across: float
    seam: float
    lowest: float
    error: float
    shifted: bool


@dataclasses.dataclass(frozen=True)
class AxisFacts:
    """What the axes of one input of shape (samples, steps, features) are like.

    Attributes:
        input: Which of the model's inputs it is, counted from 0.
        given: Mean correlation of neighbours along the steps as they are given.
        shifted: Whether consecutive samples are windows that move on along the steps.
        layouts: By reading: "swapped" (time lies on the feature axis), "reshaped" (the memory holds
            the features one after the other), "strided" (the memory holds other steps of as many
            values as there are steps here). Absent where there is one step or one feature.
        order: Chance that steps in random order were as alike to their neighbours.
        distance_order: Chance that steps in random order were as alike to those equally far away,
            as those of a season are; of single numbers a step only.
        feature_order: The same as ``order`` for features.
        own: Mean Kolmogorov-Smirnov distance between the values of two steps.
        own_by_chance: The distance that two steps of equal distribution exceed once in twenty.
        own_order: Chance that steps in random order had distributions as near to their neighbours'.
        feature_own: The mean distance between two features. With several features these are
            distances of the samples' means over the other axis.
        kinds: By step, "few" values, "many", or "" for neither; of single numbers a step only.
        told: By step, the largest correlation of its value with a target; likewise.
        shared: Whether samples hold the values of other samples at other steps, as windows of one
            series do; likewise.
        samples: Samples that all this rests on.
    """

    input: int
    steps: int
    features: int
    given: float
    shifted: bool
    layouts: Mapping[str, LayoutFacts]
    order: float | None = None
    distance_order: float | None = None
    feature_order: float | None = None
    own: float | None = None
    own_by_chance: float | None = None
    own_order: float | None = None
    feature_own: float | None = None
    kinds: tuple[str, ...] = ()
    told: tuple[float, ...] = ()
    shared: bool = False
    samples: int = 0


@dataclasses.dataclass(frozen=True)
class RolloutFacts:
    """What becomes of forecasts of the next step when each is fed back as an input.

    Attributes:
        steps: Steps that were rolled out.
        windows: Windows of the sample that it was begun from.
        early: Spread within a rollout over its first quarter, over that of the series; the median
            over windows.
        late: The same over its last quarter.
        apart: Spread of the rollouts' last values over that of the series.
        ends: Mean of the last values, in units of the series.
        settled: Steps after which half of the rollouts have come within a twentieth of the
            series' spread of their last value for good.
    """

    output: str
    steps: int
    windows: int
    early: float
    late: float
    apart: float
    ends: float
    settled: int


@dataclasses.dataclass(frozen=True)
class DecodingFacts:
    """What the step before tells of a target step, where each step's target is a class.

    Losses are cross-entropies in nats, means over the same steps.

    Attributes:
        unigram: Of the frequencies of classes by step, on samples that they were not counted on;
            beside the one place of the inputs with which they predict best, if any helps.
        bigram: Of the frequencies after the class one step before, likewise.
        model: Of the model's predictions.
        shifts: By input of the model: steps by which it lags behind the targets, value for value
            (0: it is the targets, 1: what a decoder is taught with); None if it is neither.
        constant: By input of the model: whether all samples hold the same.
    """

    output: str
    unigram: float
    bigram: float
    model: float
    shifts: tuple[int | None, ...]
    constant: tuple[bool, ...]
