"""The signal and the gradient that pass through a site, as root mean squares over counted entries.

Gradients are those of the batch's mean loss, so that a sample's part shrinks with the batch.
"""

from __future__ import annotations

import numpy as np

from unstuck.observe.measures.expected import expected_output_rms
from unstuck.observe.measures.lags import Lags
from unstuck.observe.measures.rows import rms, rows
from unstuck.observe.xray.facts import FlowFacts
from unstuck.observe.xray.trace import Trace


def flow_facts(trace: Trace, lags: Lags, at_start: bool = True) -> FlowFacts:
    """Measures what passes through a site.

    Args:
        at_start: Whether the weights are the initial ones, which have an expected output.
    """
    last = lags.last(trace.hidden_gradient)
    return FlowFacts(
        input_rms=rms(rows(trace, trace.inputs)),
        output_rms=rms(rows(trace, trace.hidden)),
        expected_output_rms=expected_output_rms(trace, lags) if at_start else None,
        output_gradient=rms(last[np.isfinite(last).all(axis=1)]),
        input_gradient=rms(rows(trace, trace.input_gradient)),
    )
