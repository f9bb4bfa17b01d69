"""How far the gates of a cell are open, and whether they still move.

All shares are of counted (sample, step, unit) entries: masked steps hold no gates. An entry is shut
at the lower end of its activation's range and open at the upper end; ``ends`` says where they are.
Of a candidate or another tanh, shut means near -1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from unstuck.observe.measures.ends import ends_of
from unstuck.observe.measures.rows import mean, rms, rows
from unstuck.observe.xray.facts import GateFacts
from unstuck.observe.xray.trace import Trace

Counts = npt.NDArray[np.int32]

STUCK = 0.95
"""A unit is stuck where it is saturated in this share of cases or more: then even two samples in
the usual batch of 32 don't move it."""


def gate_facts(trace: Trace) -> tuple[GateFacts, ...]:
    """Measures every gate of a site; gradients are in loss per unit of pre-activation."""
    return tuple(_gate(trace, name) for name in trace.site.gates if name in trace.gates)


def _gate(trace: Trace, name: str) -> GateFacts:
    values = trace.gates[name]
    ends = ends_of(trace.site, name)
    shut = _counted(trace, values <= ends.lower)
    saturated = shut | _counted(trace, values >= ends.upper)
    per_step = trace.counted.sum(axis=0)
    entries = max(int(per_step.sum()), 1)
    everything = entries * values.shape[2]
    ends_held, shut_held = int(np.count_nonzero(saturated)), int(np.count_nonzero(shut))
    by_step = np.zeros(saturated.shape[1:], np.int32)  # (steps, units)
    if ends_held:
        by_step = saturated.sum(axis=0, dtype=np.int32)
    return GateFacts(
        name=name,
        saturated=ends_held / everything,
        shut=shut_held / everything,
        open=(ends_held - shut_held) / everything,
        stuck_units=mean(by_step.sum(axis=0) / entries >= STUCK),
        mean=mean(rows(trace, values)),
        gradient=rms(rows(trace, trace.gate_gradients[name])),
        stuck_steps=_longest(_stuck_steps(by_step, per_step)),
    )


def _counted(trace: Trace, true: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Leaves out what is masked."""
    return true if trace.mask is None else true & trace.mask[..., None]


def _stuck_steps(saturated: Counts, per_step: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Whether at each step the median unit is saturated in nearly all samples that have it.

    A step that no sample has says nothing, and is not stuck.
    """
    share = saturated / np.maximum(per_step, 1)[:, None]
    return np.asarray(np.median(share, axis=1) >= STUCK)


def _longest(true: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    """Returns first and last index of the longest range of True, the first of equal ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]])))
    starts, stops = edges[::2], edges[1::2]
    if not len(starts):
        return None
    longest = int((stops - starts).argmax())
    return int(starts[longest]), int(stops[longest]) - 1
