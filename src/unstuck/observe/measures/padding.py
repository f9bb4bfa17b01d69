"""Steps that tell a cell nothing: those that a mask hides, and those that only repeat."""

from __future__ import annotations

import numpy as np

from unstuck.observe.xray.trace import Trace


def masked_share(trace: Trace) -> float | None:
    """Share of (sample, step) entries that the arriving mask hides; None without a mask."""
    return None if trace.mask is None else float((~trace.mask).mean()) if trace.mask.size else 0.0


def repeated_share(trace: Trace) -> float:
    """Share of (sample, step) entries in a final run of counted steps that repeat the one before.

    Final in the order in which the cell saw them, as that is what a state is lost in; equal to the
    last bit, as padding is. Masked steps neither count nor end a run.
    """
    inputs, counted = trace.processed(trace.inputs), trace.processed(trace.counted)
    if inputs.shape[1] < 2:
        return 0.0
    same = (inputs[:, 1:] == inputs[:, :-1]).all(axis=2)
    run = np.logical_and.accumulate((same | ~counted[:, 1:])[:, ::-1], axis=1)[:, ::-1]
    return float((run & same & counted[:, 1:]).sum() / counted.size)
