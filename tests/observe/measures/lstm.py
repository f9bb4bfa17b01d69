"""An LSTM in NumPy with hand-written backpropagation, so that measures have real traces to measure.

Float64 inside, so that finite differences can check it; traces are float32, as an x-ray's are.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from unstuck.observe.xray.facts import SiteFacts
from unstuck.observe.xray.trace import Trace

GATES = ("input", "forget", "candidate", "output")


def site_facts(hidden, features, kind="LSTM", gates=GATES, **words) -> SiteFacts:
    words = {"activation": "tanh", "recurrent_activation": "sigmoid"} | words
    _, steps, units = hidden.shape
    return SiteFacts("lstm", "lstm", kind, gates, steps, features, units, **words)


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


@dataclasses.dataclass(frozen=True)
class Forward:
    """Arrays in the order of processing; gates by name."""

    inputs: np.ndarray
    mask: np.ndarray
    gates: dict
    cell: np.ndarray
    hidden: np.ndarray
    initial: tuple


@dataclasses.dataclass(frozen=True)
class Lstm:
    kernel: np.ndarray
    recurrent: np.ndarray
    bias: np.ndarray

    @classmethod
    def fresh(cls, features, units, seed=0, forget=1.0) -> Lstm:
        rng = np.random.default_rng(seed)
        limit = np.sqrt(6 / (features + 4 * units))
        recurrent = np.linalg.qr(rng.standard_normal((4 * units, units)))[0].T
        bias = np.repeat([0.0, forget, 0.0, 0.0], units)
        return cls(rng.uniform(-limit, limit, (features, 4 * units)), recurrent, bias)

    @property
    def units(self) -> int:
        return len(self.recurrent)

    def forward(self, inputs, mask, initial) -> Forward:
        hidden, cell = initial
        kept = []
        for step in range(inputs.shape[1]):
            sums = inputs[:, step] @ self.kernel + hidden @ self.recurrent + self.bias
            i, f, c, o = np.split(sums, 4, axis=1)
            i, f, c, o = sigmoid(i), sigmoid(f), np.tanh(c), sigmoid(o)
            counts = mask[:, step, None]
            new = f * cell + i * c
            cell, hidden = np.where(counts, new, cell), np.where(counts, o * np.tanh(new), hidden)
            kept.append([i * counts, f * counts, c * counts, o * counts, cell, hidden])
        *gates, cell, hidden = (np.stack(values, axis=1) for values in zip(*kept, strict=True))
        return Forward(
            inputs, mask, dict(zip(GATES, gates, strict=True)), cell, hidden, tuple(initial)
        )

    def backward(self, run: Forward, hidden_seed, cell_seed=0.0):
        """Total gradients from direct ones, (samples, steps, units) each, in processing order.

        Returns dL/dz of all gates side by side, dL/dc, dL/dh.
        """
        from_hidden, from_cell = 0.0, 0.0
        kept = []
        for step in reversed(range(run.inputs.shape[1])):
            before = run.cell[:, step - 1] if step else run.initial[1]
            i, f, c, o = (run.gates[name][:, step] for name in GATES)
            counts = run.mask[:, step, None]
            squashed = np.tanh(run.cell[:, step])
            dh = hidden_seed[:, step] + from_hidden
            dc = np.broadcast_to(cell_seed, run.cell.shape)[:, step] + from_cell
            # At a masked step h passes on to the step before instead of coming from c.
            dc = dc + np.where(counts, dh * o * (1 - squashed**2), 0)
            parts = (
                dc * c * i * (1 - i),
                dc * before * f * (1 - f),
                dc * i * (1 - c**2),
                dh * squashed * o * (1 - o),
            )
            dz = np.concatenate(parts, axis=1) * counts
            kept.append([dz, dc, dh])
            from_hidden = np.where(counts, dz @ self.recurrent.T, dh)
            from_cell = np.where(counts, dc * f, dc)
        return [np.stack(values[::-1], axis=1) for values in zip(*kept, strict=True)]

    def trace(
        self, inputs, loss_gradient, *, mask=None, initial=None, backwards=False, reach=True
    ) -> Trace:
        """A trace for a loss of the last hidden state, whose gradient is given as a function."""

        def turn(values):
            return values[:, ::-1] if backwards else values

        samples = len(inputs)
        initial = initial or [np.zeros((samples, self.units))] * 2
        counted = np.ones(inputs.shape[:2], bool) if mask is None else mask
        run = self.forward(turn(inputs), turn(counted), initial)
        seed = np.zeros_like(run.hidden)
        seed[:, -1] = loss_gradient(run.hidden[:, -1])
        dz, dc, dh = self.backward(run, seed)
        f32 = np.float32
        return Trace(
            site=site_facts(run.hidden, inputs.shape[2], go_backwards=backwards),
            mask=mask,
            inputs=inputs.astype(f32),
            gates={name: turn(values).astype(f32) for name, values in run.gates.items()},
            cell=turn(run.cell).astype(f32),
            hidden=turn(run.hidden).astype(f32),
            gate_gradients=dict(zip(GATES, np.split(turn(dz).astype(f32), 4, axis=2), strict=True)),
            cell_gradient=turn(dc).astype(f32),
            hidden_gradient=turn(dh).astype(f32),
            input_gradient=turn(dz @ self.kernel.T).astype(f32),
            reach=turn(self._reach(run)).astype(f32) if reach else None,
            initial=tuple(state.astype(f32) for state in initial),
            kernel=self.kernel.astype(f32),
            recurrent_kernel=self.recurrent.astype(f32),
            bias=self.bias.astype(f32),
        )

    def _reach(self, run: Forward):
        seed = np.zeros_like(run.cell)
        seed[:, -1] = np.random.default_rng(1).choice([-1.0, 1.0], seed[:, -1].shape)
        _, dc, _ = self.backward(run, np.zeros_like(seed), seed)
        return np.sqrt((dc**2).mean(axis=2))


def squared_error(head, targets):
    """Gradient of mean (h @ head - targets)² / 2 over samples, as a function of h."""

    def gradient(hidden):
        return (hidden @ head - targets)[:, None] * head / len(targets)

    return gradient
