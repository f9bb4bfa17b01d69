"""What the units of a site do: dead, constant, copies of one another, and how many differ.

States have no unit of their own. Shares are of units; entries are counted (sample, step) pairs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from unstuck.observe.measures.lags import Lags
from unstuck.observe.measures.rows import ROUNDING, mean, ratio, rms, rows
from unstuck.observe.measures.twins import twin_columns
from unstuck.observe.xray.facts import StateFacts
from unstuck.observe.xray.trace import Array, Trace

Units = npt.NDArray[np.bool_]

PARTS = 10
"""Growth compares the last of so many equal parts of a sequence with the first; a sequence of fewer
steps has no whole step in a part."""


def state_facts(trace: Trace, lags: Lags) -> StateFacts:
    """Measures the states of a site."""
    hidden = rows(trace, trace.hidden)
    state = hidden if trace.cell is None else rows(trace, trace.cell)
    return StateFacts(
        dead_units=mean(_dead(trace)),
        constant_units=mean(_constant(trace)),
        rank=_rank(lags.last(trace.hidden)),
        twins=mean(twin_columns(hidden)),
        growth=_growth(trace, lags),
        largest=float(max(state.max(initial=0.0), -state.min(initial=0.0))),
        rms=rms(hidden),
    )


def _dead(trace: Trace) -> Units:
    """Units whose output and all of whose gates' gradients are exactly zero at all entries.

    dL/dh would not do: the layers above ask something of dead units too. Where the gates of a cell
    are not known it has to.
    """
    gradients = list(trace.gate_gradients.values()) or [trace.hidden_gradient]
    alive = np.zeros(trace.hidden.shape[2], bool)
    for values in (trace.hidden, *gradients):
        counted = values if trace.mask is None else values[trace.mask]
        alive |= counted.any(axis=tuple(range(counted.ndim - 1)))
        if alive.all():  # as after the first array nearly always
            break
    return ~alive & bool(trace.counted.any())


def _constant(trace: Trace) -> Units:
    """Units that give all samples the same output, to within rounding, at each step.

    None where no step counts in two samples: then there is nothing to compare.
    """
    hidden, counted = trace.hidden, trace.counted[..., None]
    if trace.mask is None:
        low, high = hidden.min(axis=0), hidden.max(axis=0)
    else:
        low = hidden.min(axis=0, where=counted, initial=np.inf)
        high = hidden.max(axis=0, where=counted, initial=-np.inf)
    comparable = trace.counted.sum(axis=0) > 1
    if not comparable.any():
        return np.zeros(hidden.shape[2], bool)
    low, high = low[comparable], high[comparable]
    size = np.maximum(np.abs(low), np.abs(high)).max(axis=0)
    return np.asarray((high - low <= ROUNDING * size).all(axis=0))


def _rank(last: Array) -> float:
    """Effective rank of the last hidden states, (samples, units): how many directions they use.

    The exponential of the entropy of the singular values over their sum (Roy and Vetterli 2007,
    https://infoscience.epfl.ch/record/110188), after the mean over samples is taken off, since what
    all samples share tells none from another. At most one less than there are samples; 1 where all
    are the same.
    """
    last = last[np.isfinite(last).all(axis=1)].astype(np.float64)
    if len(last) < 2:
        return 1.0
    values = np.linalg.svd(last - last.mean(axis=0), compute_uv=False)
    values = values[values > ROUNDING * np.abs(last).max()]
    if not len(values):
        return 1.0
    shares = values / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _growth(trace: Trace, lags: Lags) -> float | None:
    """Carried state over the last tenth of each sample's counted steps against the first tenth."""
    length = lags.valid.sum(axis=1, keepdims=True)
    part = length // PARTS
    lag = np.arange(lags.longest)
    late = lag < part
    early = (lag >= length - part) & lags.valid
    if not late.any():
        return None
    samples, _ = np.nonzero(late)
    ends = trace.state[samples, lags.steps[late]]
    samples, _ = np.nonzero(early)
    starts = trace.state[samples, lags.steps[early]]
    return ratio(rms(_numbers(ends)), rms(_numbers(starts)))


def _numbers(entries: Array) -> Array:
    return np.asarray(entries[np.isfinite(entries)])
