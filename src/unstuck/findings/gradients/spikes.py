"""Rare spikes of the gradient, and what they undid."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from unstuck.findings.course import EARLY, SPIKE
from unstuck.findings.series import StepSeries

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"

RARE = 0.05
"""Share of the steps up to which spikes are rare: with more of them the gradient explodes as a
rule, and clipping alone would leave little of it."""
WON = 0.3
"""Share of what there was to lose that must have been won before a spike, to be undone by it."""
LOST = 0.5
"""Share of that which must be lost at the end."""


@dataclasses.dataclass(frozen=True)
class Undone:
    """A spike behind which a training never got back to where it was.

    Attributes:
        step: Number of the step.
        height: Gradient norm over the median of the steps before; None where it isn't finite.
        usual: That median.
        share: Share of the steps that are spikes.
        before: Mean loss of the EARLY steps before it.
        end: Mean loss of as many steps at the end, None where it isn't finite.
    """

    step: int
    height: float | None
    usual: float
    share: float
    before: float
    end: float | None


def undone(steps: StepSeries, constant: float | None) -> Undone | None:
    """Finds the first rare spike that undid what had been learned; None if none did.

    Args:
        constant: Loss of the best constant prediction; the first losses stand in for it.
    """
    losses = steps.loss
    if len(losses) < 2 * EARLY:
        return None
    norms = np.sqrt(np.nansum(steps.column("gradient_norm") ** 2, axis=1))
    norms[(np.nan_to_num(steps.column("nonfinite")) > 0).any(axis=1)] = np.inf
    usual = _median_before(norms)
    spikes = np.flatnonzero(norms >= SPIKE * usual)
    share = len(spikes) / len(losses)
    if share > RARE and np.isfinite(norms[-1]):
        return None
    start = constant if constant is not None else float(np.mean(losses[: EARLY // 2]))
    end = float(np.mean(losses[-EARLY:]))
    for at in spikes:
        before = float(np.mean(losses[at - EARLY : at]))
        won = start - before
        if won >= WON * start and not end - before < LOST * won:
            height = float(norms[at] / usual[at])
            return Undone(
                step=int(steps.index[at]),
                height=height if np.isfinite(height) else None,
                usual=float(usual[at]),
                share=share,
                before=before,
                end=end if np.isfinite(end) else None,
            )
    return None


def _median_before(norms: Floats) -> Floats:
    """Returns the median of the EARLY steps before each step, infinite for the first ones."""
    windows = np.lib.stride_tricks.sliding_window_view(norms, EARLY)[:-1]
    found = np.full(len(norms), np.inf)
    medians = np.median(windows, axis=1)
    # Steps without a gradient have no usual one.
    found[EARLY:] = np.where((medians > 0) & np.isfinite(medians), medians, np.inf)
    found[~np.isfinite(found)] = np.nan
    return found
