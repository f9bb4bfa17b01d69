from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.observe.measures.traces import random_trace

from unstuck.observe.measures.depth import depth_facts
from unstuck.observe.measures.site import site_measures


def site(depth, gradient, output):
    trace = random_trace(depth=depth)
    gradients = {n: g * np.float32(gradient) for n, g in trace.gate_gradients.items()}
    hidden = trace.hidden * np.float32(output)
    return site_measures(dataclasses.replace(trace, gate_gradients=gradients, hidden=hidden))


def test_first_against_last() -> None:
    facts = depth_facts([site(2, 1.0, 0.25), site(0, 1e-3, 1.0), site(1, 0.1, 0.5)])
    assert facts.gradient_ratio == pytest.approx(1e-3, rel=1e-4)
    assert facts.output_ratio == pytest.approx(0.25, rel=1e-4)
    assert np.diff(facts.gradients).min() > 0 > np.diff(facts.outputs).max()
    gradient = np.concatenate(list(random_trace().gate_gradients.values())).astype(float)
    assert facts.gradients[-1] == pytest.approx(np.sqrt((gradient**2).mean()), rel=1e-5)


def test_one_site_has_no_depth() -> None:
    assert depth_facts([]) is None
    assert depth_facts([site(0, 1.0, 1.0)]) is None


def test_no_gradient_at_the_last_site() -> None:
    assert depth_facts([site(0, 1.0, 1.0), site(1, 0.0, 1.0)]).gradient_ratio is None


def test_sites_of_unknown_gates_are_compared_by_what_they_pass_on() -> None:
    unknown = dataclasses.replace(site(1, 1.0, 1.0), gates=())
    facts = depth_facts([site(0, 1.0, 1.0), unknown])
    assert facts.gradients[1] == unknown.flow.input_gradient
