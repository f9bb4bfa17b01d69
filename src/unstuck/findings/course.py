"""The course of a training: step sizes against the usual, jumps against its own median."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from unstuck.case.facts import CompileFacts
from unstuck.findings.series import StepSeries

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"

USUAL_RATE = {
    "Adam": 1e-3, "AdamW": 1e-3, "Nadam": 1e-3, "Adamax": 1e-3, "RMSprop": 1e-3, "Lion": 1e-4,
    "SGD": 1e-2, "Adagrad": 1e-2, "Adadelta": 1.0, "Ftrl": 1e-2, "Lamb": 1e-3, "Adafactor": 1e-3,
    "Muon": 1e-3,
}  # fmt: skip
"""The rate that each optimizer's authors start from. For Adadelta that is 1 and for Adagrad
0.01, while Keras gives both 0.001 by default; for the others it is Keras's default."""
EARLY = 20
"""Steps that "early" means: enough for a median, few enough that the weights have not changed."""
SPIKE = 30.0
"""Times its own median by which a gradient norm must jump to be a spike. A gradient's norm over a
healthy training falls by a factor of ten or so; thirty, upwards, is no part of that."""
FLOOR = 0.1
"""Share of the median loss below which a loss counts as that share, so that the noise of a loss
near zero is no jump."""
LOSS_SPIKE = 3.0
"""Times its own median by which the loss must jump along."""


@dataclasses.dataclass(frozen=True)
class Course:
    """How the steps of a training went.

    Attributes:
        optimizer: Class name of the optimizer.
        rate: Learning rate of the first steps; highest, where a schedule warms up.
        usual: The rate that this optimizer is usually started with, None if not known.
        early_ratio: Median over kernels and the first steps of update norm / weight norm.
        growth: Median over kernels of last / first weight norm.
        jump: Largest gradient norm over its median, over all steps with a finite gradient.
        loss_jump: Largest loss over the median of the EARLY losses before it, both from the
            smallest loss up.
        rise: How far the loss ended above its best, over how far it had fallen; 0 where the
            difference is within noise.
        gradient_zero: Whether every gradient of every step is exactly zero.
    """

    optimizer: str
    rate: float | None
    usual: float | None
    early_ratio: float | None
    growth: float | None
    jump: float | None
    loss_jump: float | None
    rise: float
    gradient_zero: bool

    @property
    def spiking(self) -> bool:
        """Whether gradient and loss jumped together."""
        return (self.jump or 0) >= SPIKE and (self.loss_jump or 0) >= LOSS_SPIKE

    @property
    def struck_by_a_spike(self) -> bool:
        """Whether a spike went into the weights as it was, as it does without normalization."""
        return self.optimizer == "SGD" and (self.jump or 0) >= SPIKE

    @property
    def rate_ratio(self) -> float | None:
        """The learning rate over the usual one."""
        return self.rate / self.usual if self.rate and self.usual else None


def course(steps: StepSeries | None, compiled: CompileFacts | None) -> Course:
    """Works out the course of a training; all None where no step was seen."""
    optimizer = compiled.optimizer if compiled else None
    name = optimizer.name if optimizer else ""
    rate = optimizer.learning_rate if optimizer else None
    empty = steps is None or not len(steps.index)
    if steps is None or empty:
        return Course(name, rate, USUAL_RATE.get(name), None, None, None, None, 0.0, False)
    rates = steps.learning_rate[np.isfinite(steps.learning_rate)]
    gradient = steps.total("gradient_norm")
    losses = steps.loss[np.isfinite(steps.loss)]
    return Course(
        optimizer=name,
        rate=float(rates.max()) if len(rates) else rate,
        usual=USUAL_RATE.get(name),
        early_ratio=_early_ratio(steps),
        growth=_growth(steps),
        jump=_jump(gradient),
        loss_jump=_loss_jump(losses),
        rise=_rise(losses),
        gradient_zero=bool(len(gradient) > 1 and (gradient == 0).all()),
    )


def _kernels(steps: StepSeries) -> list[int]:
    """Positions of variables that start away from zero; a zero bias has no ratio."""
    start = steps.column("weight_norm")[0]
    return [at for at, norm in enumerate(start) if norm > 0 and steps.watched[at].weight != "bias"]


def _early_ratio(steps: StepSeries) -> float | None:
    at = _kernels(steps)
    if not at:
        return None
    with np.errstate(all="ignore"):
        ratios = (steps.column("update_norm") / steps.column("weight_norm"))[:EARLY, at]
    ratios = ratios[np.isfinite(ratios)]
    return float(np.median(ratios)) if ratios.size else None


def _growth(steps: StepSeries) -> float | None:
    at = _kernels(steps)
    weights = steps.column("weight_norm")[:, at]
    finite = weights[np.isfinite(weights).all(axis=1)]
    return float(np.median(finite[-1] / finite[0])) if at and len(finite) else None


def _jump(gradient: Floats) -> float | None:
    finite = gradient[np.isfinite(gradient) & (gradient > 0)]
    # The first steps are left out of "jump": a large first gradient only falls.
    if len(finite) < 2 * EARLY:
        return None
    later = finite[EARLY:]
    return float(later.max() / np.median(finite))


def _loss_jump(losses: Floats) -> float | None:
    if len(losses) < 2 * EARLY:
        return None
    # Against the steps just before: a loss that leaves a plateau downwards has not jumped.
    above = losses - losses.min()
    before = np.median(np.lib.stride_tricks.sliding_window_view(above, EARLY)[:-1], axis=1)
    typical = np.maximum(before, FLOOR * float(np.median(above)))
    return float((above[EARLY:] / typical).max()) if (typical > 0).all() else None


def _rise(losses: Floats) -> float:
    window = max(1, len(losses) // 10)
    if len(losses) < 2 * EARLY:
        return 0.0
    sums = np.cumsum(np.concatenate([[0.0], losses]))
    means = (sums[window:] - sums[:-window]) / window
    best, end, start = means.min(), means[-1], means[0]
    noise = losses[-window:].std() / np.sqrt(window)
    if end - best <= 2 * noise:
        return 0.0
    return float((end - best) / max(start - best, noise, 1e-12))
