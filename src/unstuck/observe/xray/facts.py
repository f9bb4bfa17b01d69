"""What is kept of an x-ray: identities of sites and named measurements, as JSON-able facts.

Every number here is worked out from a ``trace.Trace`` by ``unstuck.observe.measures``, where its
derivation stands.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from unstuck.case.facts import Place


@dataclasses.dataclass(frozen=True)
class SiteFacts:
    """One call of one recurrent layer.

    Attributes:
        name: Path of the layer in the model, "encoder/lstm"; later calls of a shared layer end
            in "#2", "#3" and so on.
        layer: Name of the Keras layer, as a finding's location gives it.
        kind: "LSTM", "GRU", "SimpleRNN", "ConvLSTM" or "RNN" (a cell of the user's own).
        gates: Names of the gates in the order of the kernel's columns.
        steps: Number of time steps.
        features: Width of one input step, all axes multiplied.
        units: Width of the state, all axes multiplied.
        activation: Name of the cell's activation, None where it has none of its own.
        recurrent_activation: Name of the gates' activation, likewise.
        depth: Position among the recurrent sites in the order of the data, counted from 0.
    """

    name: str
    layer: str
    kind: str
    gates: tuple[str, ...]
    steps: int
    features: int
    units: int
    activation: str | None = None
    recurrent_activation: str | None = None
    go_backwards: bool = False
    stateful: bool = False
    return_sequences: bool = False
    depth: int = 0
    place: Place | None = None


@dataclasses.dataclass(frozen=True)
class GateFacts:
    """One gate over all samples, unmasked steps and units.

    Attributes:
        saturated: Share of activations at an end of the gate's range (see measures.ends); 0 for
            activations without ends or of the user's own.
        shut: Share at the lower end, ``open``: at the upper end.
        stuck_units: Share of units that are saturated at 95 % of samples and steps or more.
        mean: Mean activation.
        gradient: Root mean square of dL/dz, the gradient at the gate's pre-activation.
        stuck_steps: First and last time step of the longest range of steps in which the median
            unit is saturated in 95 % of samples or more; None if there is none.
    """

    name: str
    saturated: float
    shut: float
    open: float
    stuck_units: float
    mean: float
    gradient: float
    stuck_steps: tuple[int, int] | None = None


@dataclasses.dataclass(frozen=True)
class MemoryFacts:
    """How far back a site remembers, in steps before its last unmasked one.

    Attributes:
        half_life: Median over units of the steps in which the forget (update) gate alone halves
            what the cell holds; None without such a gate, or where it never halves (infinite).
        measured_half_life: Steps after which |dc_T/dc_t| has fallen to half of its value at T.
        horizon: The memory horizon: furthest step back from which the gradient that arrives still
            stands out of the noise of its own batch estimate. 0 where it is the last step, or not
            even that (``significance`` tells); None for too few samples to tell.
        lags: Steps back at which the two curves are given, thinned out for long sequences.
        gradient: Root mean square of dL/dh at these lags.
        reach: |dc_T/dc_t| at these lags (dh_T/dh_t without a cell state).
        significance: p value of the gradient at these lags against its noise, which allows for
            how many lags there are; 1 where too few samples reach so far back.
        contribution: Norm of what the weights learn from these lags, over that of the largest.
        lost: First of the lags from which on all contributions are too small for a float32 sum to
            change when they are added to the largest; None if there is none.
    """

    half_life: float | None
    measured_half_life: float | None
    horizon: int | None
    lags: tuple[int, ...] = ()
    gradient: tuple[float, ...] = ()
    reach: tuple[float, ...] = ()
    significance: tuple[float, ...] = ()
    contribution: tuple[float, ...] = ()
    lost: int | None = None


@dataclasses.dataclass(frozen=True)
class StateFacts:
    """What the units of a site do.

    Attributes:
        dead_units: Share of units whose output and dL/dz are zero for all samples and steps.
        constant_units: Share of units whose output does not vary over samples at any step.
        rank: Effective rank (exponential of the entropy of the normalized singular values) of
            the last hidden states over samples, their mean taken off, between 1 and the number
            of units and below that of samples.
        twins: Share of units that copy another one to within rounding; zeros are no copies.
        growth: Root mean square of the carried state over the last tenth of the steps, over that
            of its first tenth; None for sequences of fewer than ten steps or a start at zero.
        largest: Largest absolute entry of the carried state.
        rms: Root mean square of the hidden state.
    """

    dead_units: float
    constant_units: float
    rank: float
    twins: float
    growth: float | None
    largest: float
    rms: float


@dataclasses.dataclass(frozen=True)
class WeightFacts:
    """The weights of a site against what their initializers give for these shapes.

    Attributes:
        spectral_radius: By gate, largest absolute eigenvalue of its recurrent kernel block; gates
            of very wide cells and blocks that aren't finite are left out.
        singular_values: By gate, largest, median and smallest singular value of the block.
        kernel_scale: Standard deviation of the kernel over that of Glorot uniform.
        recurrent_scale: Root mean square of the recurrent kernel over that of an orthogonal one.
        forget_bias: Mean bias of the forget gate, None without one.
        constant: Whether all entries of the kernel or of the recurrent kernel are equal.
        symmetric_units: Share of units that the weights make do the same as another unit, for any
            inputs.
    """

    spectral_radius: Mapping[str, float]
    singular_values: Mapping[str, tuple[float, float, float]]
    kernel_scale: float | None
    recurrent_scale: float | None
    forget_bias: float | None
    constant: bool
    symmetric_units: float


@dataclasses.dataclass(frozen=True)
class FlowFacts:
    """The signal and the gradient that pass through a site.

    Attributes:
        input_rms: Root mean square of the input steps.
        output_rms: Root mean square of the hidden states.
        expected_output_rms: What standard initial weights would give for these inputs: the same
            recurrence with Glorot, orthogonal and forget-bias-1 weights; None after step 0, and
            where it can't be worked out.
        output_gradient: Root mean square of dL/dh at the last unmasked step.
        input_gradient: Root mean square of dL/dx over all steps.
    """

    input_rms: float
    output_rms: float
    expected_output_rms: float | None
    output_gradient: float
    input_gradient: float


@dataclasses.dataclass(frozen=True)
class SiteMeasures:
    """Everything measured at one site in one x-ray.

    Attributes:
        masked: Share of (sample, step) entries that the arriving mask hides; None where no mask
            arrives.
        repeated: Share of (sample, step) entries at the end of sequences, as the cell sees them,
            whose input only repeats the step before, unmasked: what padding looks like to it.
        nonfinite: Share of unmasked (sample, step) entries whose carried state holds a NaN or an
            infinity; such entries are left out of all measurements.
        nonfinite_gradient: The same for dL/dh.
    """

    site: SiteFacts
    gates: tuple[GateFacts, ...]
    memory: MemoryFacts
    states: StateFacts
    weights: WeightFacts | None
    flow: FlowFacts
    masked: float | None = None
    repeated: float = 0.0
    nonfinite: float = 0.0
    nonfinite_gradient: float = 0.0


@dataclasses.dataclass(frozen=True)
class DepthFacts:
    """How signal and gradient change through the recurrent sites of a model.

    Attributes:
        sites: Their names in the order of the data.
        gradients: Root mean square of dL/dz at each of them.
        outputs: Root mean square of the hidden states at each of them.
        gradient_ratio: Gradient at the first over that at the last, which is nearest to the loss;
            None where the last has none.
        output_ratio: Output of the last over that of the first, likewise.
    """

    sites: tuple[str, ...]
    gradients: tuple[float, ...]
    outputs: tuple[float, ...]
    gradient_ratio: float | None
    output_ratio: float | None


@dataclasses.dataclass(frozen=True)
class CheckFacts:
    """How exact a replay was.

    Attributes:
        site: The site's name.
        output: Largest difference to the layer's own output, relative to its largest entry.
        bias, kernel, recurrent_kernel: The same for the sums of gradients over batch and time
            against the layer's own gradients; None where the site has no such weight.
        passed: Whether all of them are within tolerance.
    """

    site: str
    output: float
    bias: float | None
    kernel: float | None
    recurrent_kernel: float | None
    passed: bool


@dataclasses.dataclass(frozen=True)
class XRayFacts:
    """One x-ray of a fixed batch.

    Attributes:
        step: Training steps made before it was taken.
        reason: "start", "spread", "jump" or "end".
        samples: Samples in the batch.
        loss: The model's loss on the batch.
        sites: In the order of the data; empty where the checks failed.
        checks: One for each site.
        withheld: Why nothing is shown, None where everything is.
    """

    step: int
    reason: str
    samples: int
    loss: float | None
    sites: tuple[SiteMeasures, ...]
    checks: tuple[CheckFacts, ...] = ()
    withheld: str | None = None


@dataclasses.dataclass(frozen=True)
class LagFacts:
    """How far back the inputs still inform the targets: the lag that the task needs.

    Attributes:
        output: Name of the model's output.
        window: Time steps that one sample holds.
        needed: Steps back from the last one (0: the last step alone is enough) beyond which
            nothing adds to the nearer ones; None where the inputs inform nothing at all.
        score: Cross-validated share of the targets' variance explained by lags 0 to needed.
        beyond: Steps back, outside of the window, up to which earlier data would still add;
            None if none does or consecutive windows don't show what came before.
        beyond_gain: What that adds to the score.
        lags: Upper ends of the ranges of lags that were tried, rising.
        scores: Score with all lags up to each of them.
        chance: The largest score that lags of another sample in the same place reached, by range.
        samples: Samples that all this rests on.
    """

    output: str
    window: int
    needed: int | None
    score: float
    beyond: int | None = None
    beyond_gain: float = 0.0
    lags: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    chance: tuple[float, ...] = ()
    samples: int = 0
