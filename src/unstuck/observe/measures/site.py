"""All measurements of one site in one x-ray."""

from __future__ import annotations

import numpy as np

from unstuck.observe.measures.flow import flow_facts
from unstuck.observe.measures.gates import gate_facts
from unstuck.observe.measures.lags import lags_of
from unstuck.observe.measures.memory import memory_facts
from unstuck.observe.measures.padding import masked_share, repeated_share
from unstuck.observe.measures.rows import nonfinite_share
from unstuck.observe.measures.states import state_facts
from unstuck.observe.measures.weights import weight_facts
from unstuck.observe.xray.facts import SiteMeasures
from unstuck.observe.xray.trace import Trace


def site_measures(trace: Trace, at_start: bool = True) -> SiteMeasures:
    """Measures one site.

    Entries that are not finite are left out of each measurement, so that all of them are finite
    numbers; the two shares of nonfinite entries tell how many there were.

    Args:
        at_start: Whether the weights are the initial ones, which are held against expectation.
    """
    lags = lags_of(trace)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is counted, not announced
        return SiteMeasures(
            site=trace.site,
            gates=gate_facts(trace),
            memory=memory_facts(trace, lags),
            states=state_facts(trace, lags),
            weights=weight_facts(trace),
            flow=flow_facts(trace, lags, at_start),
            masked=masked_share(trace),
            repeated=repeated_share(trace),
            nonfinite=nonfinite_share(trace, trace.state),
            nonfinite_gradient=nonfinite_share(trace, trace.hidden_gradient),
        )
