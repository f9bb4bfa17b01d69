"""What a fresh layer would make of the same inputs: the yardstick for a layer's output.

A handful of samples goes through the same recurrence in NumPy, with Glorot uniform kernel,
orthogonal recurrent kernel, forget bias 1, tanh and sigmoid, as a Keras layer without arguments
has them; a GRU applies its reset gate after the product, as Keras does by default.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from unstuck.observe.measures.lags import Lags, initial_hidden
from unstuck.observe.measures.rows import rms
from unstuck.observe.xray.trace import Array, Trace

Weights = tuple[Array, Array, Array]

SAMPLES, STEPS = 8, 200
"""Eight sequences of fifty units are 400 numbers at each step, whose root mean square is known to
some percent; states of fresh layers settle in far fewer than 200 steps."""
GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
"""The layers that have standard weights."""


def expected_output_rms(trace: Trace, lags: Lags) -> float | None:
    """Root mean square of the hidden states that standard weights give for a trace's inputs.

    None for other layers than LSTM, GRU and SimpleRNN, and where inputs aren't finite.
    """
    if trace.site.kind not in GATES or not lags.longest:
        return None
    lengths = lags.valid.sum(axis=1)
    candidates = np.flatnonzero(lengths)
    picked = candidates[np.linspace(0, len(candidates) - 1, SAMPLES).astype(int)]
    picked = np.unique(picked)
    steps = min(int(lengths[picked].max()), STEPS)
    age = np.arange(steps)
    there = age < lengths[picked, None]
    place = lags.steps[picked[:, None], np.where(there, lengths[picked, None] - 1 - age, 0)]
    inputs = trace.inputs[picked[:, None], place]
    if not np.isfinite(inputs).all():
        return None
    return rms(_fresh_hidden(trace, inputs, picked)[there])


def _fresh_hidden(trace: Trace, inputs: Array, picked: npt.NDArray[np.intp]) -> Array:
    """Hidden states of a fresh layer, (samples, steps, units)."""
    kind, units = trace.site.kind, trace.hidden.shape[2]
    kernel, recurrent, bias = standard_weights(kind, inputs.shape[2], units)
    hidden = np.nan_to_num(initial_hidden(trace)[picked])
    cell = np.nan_to_num(trace.initial[1][picked]) if len(trace.initial) > 1 else 0 * hidden
    states = []
    for arrived in (inputs @ kernel + bias).transpose(1, 0, 2):
        hidden, cell = _step(kind, arrived, hidden @ recurrent, hidden, cell)
        states.append(hidden)
    return np.stack(states, axis=1)


def _step(kind: str, arrived: Array, fed_back: Array, hidden: Array, cell: Array) -> list[Array]:
    """Returns the next hidden and cell state, from what inputs and the last state contribute."""
    if kind == "SimpleRNN":
        return [np.tanh(arrived + fed_back), cell]
    if kind == "GRU":
        update, reset, candidate = np.split(arrived, 3, axis=1)
        from_update, from_reset, from_candidate = np.split(fed_back, 3, axis=1)
        kept = _sigmoid(update + from_update)
        fresh = np.tanh(candidate + _sigmoid(reset + from_reset) * from_candidate)
        return [kept * hidden + (1 - kept) * fresh, cell]
    driven = (arrived + fed_back).reshape(len(arrived), 4, -1)
    into, forget, _, out = _sigmoid(driven).swapaxes(0, 1)
    cell = forget * cell + into * np.tanh(driven[:, 2])
    return [out * np.tanh(cell), cell]


def _sigmoid(values: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * values))  # exp would overflow


@functools.lru_cache(maxsize=8)
def standard_weights(kind: str, features: int, units: int) -> Weights:
    """Draws kernel, recurrent kernel and bias as a layer without arguments does, always the same.

    Kept from one x-ray to the next: the orthogonal matrix of a wide layer takes a while.
    """
    rng = np.random.default_rng(0)
    width = GATES[kind] * units
    limit = np.sqrt(6 / (features + width))
    kernel = rng.uniform(-limit, limit, (features, width)).astype(np.float32)
    columns, triangle = np.linalg.qr(rng.standard_normal((width, units)))
    recurrent = (columns * np.sign(np.diag(triangle))).T.astype(np.float32)
    bias = np.zeros(width, np.float32)
    if kind == "LSTM":
        bias[units : 2 * units] = 1
    return kernel, recurrent, bias
