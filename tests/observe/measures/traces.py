"""Traces made of random numbers, in which a test plants what it looks for."""

from __future__ import annotations

import dataclasses

import numpy as np
from tests.observe.measures.lstm import GATES, site_facts

from unstuck.observe.xray.trace import Trace


def random_trace(samples=16, steps=12, units=5, features=3, seed=0, mask=None, **words) -> Trace:
    """A trace of an LSTM whose arrays have nothing to do with one another."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    states = (samples, steps, units)
    counted = np.ones((samples, steps, 1), bool) if mask is None else mask[..., None]
    hidden = normal(*states)
    gates = {name: rng.random(states).astype(np.float32) * counted for name in GATES}
    return Trace(
        site=site_facts(hidden, features, **words),
        mask=mask,
        inputs=normal(samples, steps, features),
        gates=gates,
        cell=normal(*states),
        hidden=hidden,
        gate_gradients={name: normal(*states) * counted for name in GATES},
        cell_gradient=normal(*states),
        hidden_gradient=normal(*states),
        input_gradient=normal(samples, steps, features),
        reach=np.abs(normal(samples, steps)),
        initial=(normal(samples, units), normal(samples, units)),
        kernel=normal(features, 4 * units),
        recurrent_kernel=normal(units, 4 * units),
        bias=normal(4 * units),
    )


def with_gate(trace: Trace, name: str, values) -> Trace:
    """The trace with other activations of one gate."""
    values = np.broadcast_to(np.asarray(values, np.float32), trace.hidden.shape)
    return dataclasses.replace(trace, gates={**trace.gates, name: values})
