"""How far back a cell remembers.

Three answers that need not agree, and what it means when they don't:

* the half-life from the forget gate alone, what the cell could keep: a unit whose cell state only
  passes its gates f holds the product of f after some steps, which is exp(n mean log f). It is
  halved after n = -ln 2 / mean(log f) steps. For a GRU h' = z h + (1 - z) candidate makes the
  update gate z the forget gate;
* the measured half-life of reach = |dc_T/dc_t|, what the loop as a whole keeps, through gates and
  recurrent weights too;
* the memory horizon, from how far back learning hears of the loss: see ``horizon``.

All are in counted steps back from each sample's last one, in the order in which the cell saw them.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from unstuck.observe.measures.horizon import RESOLUTION, Arrival, arrival
from unstuck.observe.measures.lags import Lags, thinned
from unstuck.observe.measures.rows import all_finite, rows
from unstuck.observe.xray.facts import MemoryFacts
from unstuck.observe.xray.trace import Array, Trace

Floats = npt.NDArray[np.float64]

FORGET = ("forget", "update")
"""Names of the gate that multiplies what the cell holds."""


def memory_facts(trace: Trace, lags: Lags) -> MemoryFacts:
    """Measures the memory of a site; all lags and half-lives in steps."""
    at = thinned(lags.longest)
    if not len(at):
        return MemoryFacts(half_life(trace), None, None)
    heard = arrival(trace, lags, at)
    every = np.arange(lags.longest)
    reach = np.empty(0) if trace.reach is None else _by_lag(trace.reach[..., None], lags, every)
    return MemoryFacts(
        half_life=half_life(trace),
        measured_half_life=_halved(reach),
        horizon=heard.horizon(at),
        lags=tuple(int(lag) for lag in at),
        gradient=_curve(_by_lag(trace.hidden_gradient, lags, at)),
        reach=_curve(reach[at]) if len(reach) else (),
        significance=tuple(heard.significance.tolist()),
        contribution=tuple(heard.contribution.tolist()),
        lost=_lost(heard, at),
    )


def half_life(trace: Trace) -> float | None:
    """Steps in which the median unit's forget gate alone halves what the cell holds.

    None without such a gate, and where it never halves. A gate at 0 counts as float32's resolution,
    beyond which a sum has forgotten all there was: else one closed gate would outweigh all others.
    """
    gate = next((trace.gates[name] for name in FORGET if name in trace.gates), None)
    held = np.empty((0, 1)) if gate is None else rows(trace, gate)
    if not len(held):
        return None
    kept = np.maximum(np.abs(held), np.float32(RESOLUTION))
    fading = -np.log(kept, out=kept).mean(axis=0, dtype=np.float64)
    lives = np.where(fading > 0, math.log(2) / np.where(fading > 0, fading, 1), math.inf)
    median = float(np.median(lives))
    return median if math.isfinite(median) else None


def _by_lag(values: Array, lags: Lags, at: npt.NDArray[np.intp]) -> Floats:
    """Root mean square over the samples that have the lag and hold numbers there, NaN for none."""
    there, valid = lags.at(values, at), lags.valid[:, at].T
    if not all_finite(there):
        valid = valid & np.isfinite(there).all(axis=2)
    means = np.square(there, dtype=np.float64).mean(axis=2)
    squares = np.where(valid, means, 0).sum(axis=1)
    held = valid.sum(axis=1)
    return np.where(held > 0, np.sqrt(squares / np.maximum(held, 1)), math.nan)


def _curve(values: Floats) -> tuple[float, ...]:
    return tuple(np.nan_to_num(values).tolist())


def _halved(reach: Floats) -> float | None:
    """Returns the lag at which reach first falls to half of its value at lag 0.

    Between two lags it falls by a constant factor a step, as any product of gates does. None where
    it doesn't fall so far.
    """
    below = np.flatnonzero(reach <= reach[:1] / 2)
    if not len(below) or not reach[0]:
        return None
    after = int(below[0])
    high, low = reach[after - 1], max(reach[after], np.finfo(np.float64).tiny)
    if not high > low:  # a lag without numbers came before
        return float(after)
    return float(after - 1 + math.log(2 * high / reach[0]) / math.log(high / low))


def _lost(heard: Arrival, at: npt.NDArray[np.intp]) -> int | None:
    """Returns the lag from which on float32 loses all contributions, None if it keeps the last."""
    kept = np.flatnonzero(~heard.lost)
    if not len(kept) or kept[-1] + 1 == len(at):
        return None
    return int(at[kept[-1] + 1])
