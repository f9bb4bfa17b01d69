"""Targets that the last activation can never give."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FeatureFacts
from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import (
    BINARY,
    CATEGORICAL,
    INFINITY,
    SPARSE,
    head_range,
    in_cell,
    learned,
    loss_name,
    target_kind,
    width,
)
from unstuck.findings.output.sites import activation_edit
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.record import Finding, Severity, Treatment

STOPS = 0.05
"""Share of the targets' variance out of reach from which the fault is an error: as much as lies
between a model that has learned nothing and one that has (``progress.STUCK_SKILL``)."""
FRINGE = 0.005
"""Below half a percent of the variance nobody would see the difference: only a note."""
ROUNDING = 1e-4
"""Overshoot, in spreads of the targets, that scaling in float32 leaves behind."""


@dataclasses.dataclass(frozen=True)
class Unreachable:
    """How far targets lie outside a head's range.

    Attributes:
        variance: Share of the mean square around the targets' mean that no value of the head
            can explain; above 1 where the mean itself is out of reach.
        overshoot: Distance of the farthest target from the range.
        mean_outside: Whether the targets' mean lies outside the range.
    """

    variance: float
    overshoot: float
    mean_outside: bool


class OutputActivationRangeMismatch(Rule):
    """Targets outside the range of the output activation.

    ## What it finds
    A head that ends in sigmoid or softmax (0 to 1), tanh (−1 to 1; also an LSTM that is itself
    the output layer), relu or softplus (0 and up), and targets beyond that: standardized series
    under a sigmoid, percentages under a tanh, differences under a relu.

    ## Why LSTMs get this
    Recipes for classification end in sigmoid, and a forecast copied from one keeps it. An LSTM as
    the last layer looks like a head without an activation, but its output is a gate times tanh.

    ## How it is measured
    The targets' minimum, maximum, mean and spread for each column, against the closed range of
    the activation. What no value of the head can explain is taken from a normal distribution with
    that mean and spread, and never more than the farthest target allows.

    ## What proves it
    Arithmetic: no weights give a value outside the range. Predictions stick to its end. The same
    run with a linear head goes on where this one stops.

    ## What cures it
    A linear head: ``Dense(n)`` without an activation. Or targets scaled into the range.

    ## False alarms
    A few targets beyond the fringe, as in data scaled by another period's maximum: half a percent
    of their variance is a note, up to a twentieth a warning. Class labels are judged elsewhere.

    ## References
    Keras API, layer activations. Goodfellow, Bengio and Courville, Deep Learning (2016), section
    6.2.2, on matching output units and targets.
    """

    code = "OUT102"
    name = "unreachable-targets"
    cause = "output_activation_range_mismatch"
    explains = (
        "no_target_scaling",
        "loss_task_mismatch",
        "logits_probability_mismatch",
        "dead_units",
        "saturated_gates",
        "too_few_updates",
        "capacity_too_small",
        "vanishing_gradients",
        "exploding_gradients",
        "lr_too_high",
        "lr_too_low",
    )
    weight = 105
    sick = (
        "import numpy as np\n"
        "from keras import Input, Sequential, layers\n"
        "x = np.random.default_rng(0).normal(size=(64, 5, 2))\n"
        "y = x.sum((1, 2)).reshape(-1, 1)\n"
        "model = Sequential([Input((5, 2)), layers.LSTM(4), layers.Dense(1, 'sigmoid')])\n"
        "model.compile(optimizer='adam', loss='mse')\n"
        "model.fit(x, y, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace(", 'sigmoid'", "")

    def examine(
        self, outputs: tuple[Output, ...], progress: Progress, scripts: Scripts
    ) -> Iterator[Finding]:
        """Compares each output's targets with the range of its head."""
        for output in outputs:
            target, bounds = output.target, head_range(output.head)
            if target is None or bounds is None or not _comparable(output, target):
                continue
            beyond = unreachable(target, bounds)
            if beyond is not None:
                yield self._finding(output, target, bounds, beyond, progress, scripts)

    def _finding(
        self,
        output: Output,
        target: ArrayFacts,
        bounds: tuple[float, float],
        beyond: Unreachable,
        progress: Progress,
        scripts: Scripts,
    ) -> Finding:
        head = output.head
        severity = _severity(beyond, output, progress)
        ending = f"{head.activation} inside its cell" if in_cell(head) else str(head.activation)
        lost = (
            "their mean is out of reach"
            if beyond.variance >= 1.0
            else f"about {100 * beyond.variance:.2g} % of their variance is out of reach"
        )
        return self.found(
            f"The output layer '{head.layer}' ends in {ending} and gives values {_words(bounds)}, "
            f"but the targets run from {target.minimum:.4g} to {target.maximum:.4g} "
            f"(mean {target.mean:.4g}): {lost}.",
            severity=severity,
            confidence=0.97 if severity == "error" else 0.7,
            place=head.place,
            layer=head.layer,
            evidence={
                "range_low": number(bounds[0], "output units"),
                "range_high": number(bounds[1], "output units"),
                "target_minimum": number(target.minimum, "target units"),
                "target_maximum": number(target.maximum, "target units"),
                "target_mean": number(target.mean, "target units"),
                "unreachable_variance": number(beyond.variance),
            },
            treatments=[
                Treatment(
                    "linear-head",
                    "Give the output layer no activation."
                    if not in_cell(head)
                    else "Put a Dense layer without an activation behind the recurrent layer.",
                    () if in_cell(head) else activation_edit(head, scripts, "linear"),
                ),
                Treatment(
                    "scale-targets-into-range",
                    f"Or keep the activation and scale the targets to values {_words(bounds)}.",
                ),
            ],
        )


def unreachable(target: ArrayFacts, bounds: tuple[float, float]) -> Unreachable | None:
    """Measures how far targets lie outside bounds, by the worst column; None if none does."""
    columns = [_beyond(column, bounds, target.read) for column in _columns(target)]
    found = [column for column in columns if column is not None]
    return max(found, key=lambda beyond: beyond.variance, default=None)


def _columns(target: ArrayFacts) -> tuple[FeatureFacts, ...]:
    if target.features:
        return target.features
    known = (target.mean, target.std, target.minimum, target.maximum)
    if None in known:
        return ()
    mean, std, low, high = (float(value or 0.0) for value in known)
    return (FeatureFacts(mean, std, low, high, 0),)


def _beyond(column: FeatureFacts, bounds: tuple[float, float], samples: int) -> Unreachable | None:
    low, high = bounds
    below, above = low - column.minimum, column.maximum - high
    overshoot = max(below, above)
    if overshoot <= ROUNDING * max(column.std, abs(column.mean), 1e-12):
        return None
    if column.std == 0:
        return Unreachable(INFINITY, overshoot, True)
    lost = 0.0
    if below > 0:
        lost += _excess((column.mean - low) / column.std, below / column.std)
    if above > 0:
        lost += _excess((high - column.mean) / column.std, above / column.std)
    # However the others are spread, the farthest target alone costs this much.
    lost = max(lost, (overshoot / column.std) ** 2 / max(1, samples))
    return Unreachable(lost, overshoot, not low <= column.mean <= high)


def _excess(margin: float, farthest: float) -> float:
    """Returns the mean square beyond a bound, in variances of the targets.

    Of a standard normal z it is E[max(z - margin, 0)²] = (1 + margin²) Q(margin) -
    margin φ(margin), and cannot exceed Q(margin) farthest².

    Args:
        margin: From the mean to the bound, in spreads; negative where the mean is beyond.
        farthest: From the bound to the farthest target, in spreads.
    """
    tail = 0.5 * math.erfc(margin / math.sqrt(2.0))
    density = math.exp(-0.5 * margin * margin) / math.sqrt(2.0 * math.pi)
    return max(0.0, min((1.0 + margin * margin) * tail - margin * density, tail * farthest**2))


def _comparable(output: Output, target: ArrayFacts) -> bool:
    """Whether the targets are values of the output, and not classes or a custom loss's packing."""
    name, kind = loss_name(output), target_kind(target)
    if name in SPARSE or "hinge" in name:
        return False
    if name in BINARY | CATEGORICAL:
        return kind == "quantity"
    return kind != "classes" or output.head.activation != "softmax" or width(output) == 1


def _severity(beyond: Unreachable, output: Output, progress: Progress) -> Severity:
    stops = beyond.mean_outside or beyond.variance >= STOPS
    if output.loss.custom and not progress.failing:
        # A loss of the user's own may rescale, or pack more than targets into y_true.
        return "warning" if stops else "note"
    if stops and not (learned(output, progress) and not beyond.mean_outside):
        return "error"
    return "warning" if beyond.variance >= FRINGE else "note"


def _words(bounds: tuple[float, float]) -> str:
    low, high = bounds
    if high == INFINITY:
        return f"from {low:g} upwards"
    return f"up to {high:g}" if low == -INFINITY else f"from {low:g} to {high:g}"
