"""Where lags lie, entry by entry, with and without a mask."""

from __future__ import annotations

import numpy as np
import pytest
from tests.observe.measures.traces import random_trace

from unstuck.observe.measures.lags import lags_of, previous_hidden


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_an_entry_at_a_lag_is_the_one_so_many_counted_steps_back(backwards, masked):
    mask = np.random.default_rng(1).random((5, 9)) > 0.4 if masked else None
    trace = random_trace(5, 9, mask=mask, go_backwards=backwards)
    lags = lags_of(trace)
    at = np.arange(lags.longest)
    found, before = lags.at(trace.hidden, at), previous_hidden(trace, lags, at)
    for sample in range(5):
        steps = np.flatnonzero(trace.counted[sample])
        latest_first = steps if backwards else steps[::-1]
        assert lags.valid[sample].sum() == len(steps)
        for lag, step in enumerate(latest_first):
            np.testing.assert_array_equal(found[lag, sample], trace.hidden[sample, step])
            came_from = step + 1 if backwards else step - 1
            within = 0 <= came_from < 9
            held = trace.hidden[sample, came_from] if within else trace.initial[0][sample]
            np.testing.assert_array_equal(before[lag, sample], held)
