"""JAX: a whole epoch as one program, in which many trainings of one model run side by side.

The step is Keras's own, so that masks, penalties, clipping and metrics are what ``fit`` makes of
them; it is a function of the variables, and variables are all in which these trainings differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

State = Any
"""Values of trainable, other, optimizer's and metrics' variables, as Keras's step takes them."""

WIDTHS = {"cpu": 1}
"""Trainings that make a step at the same moment, by platform. A CPU multiplies one matrix after
another anyhow: side by side it takes half as long again for LSTM(32) in 16 trials, since the
weights of all no longer fit its caches. Other machines take ``WIDE``."""
WIDE = 64
"""Small recurrent steps leave most of a GPU idle; this many fill it without filling its memory."""


class Epochs:
    """One epoch of a compiled model, for many states of it.

    Args:
        model: Built and compiled, with its optimizer; nobody else uses it.
        batch: The first rows (x, y, sample_weight), for the shapes.
        width: Trainings side by side; by default what suits the machine.
    """

    def __init__(self, model: Any, batch: tuple[Any, Any, Any], width: int | None = None) -> None:
        model._symbolic_build(data_batch=batch)
        model.reset_metrics()
        self._model = model
        self._metrics = [np.array(one.value) for one in model.metrics_variables]
        self._width = width or WIDTHS.get(jax.default_backend(), WIDE)
        self._epoch = jax.jit(jax.vmap(self._steps, in_axes=(0, None, 0, 0)))

    def state(self) -> State:
        """Returns what the model's variables hold now."""
        return tuple([np.array(one.value) for one in group] for group in self._groups())

    def put(self, state: State) -> None:
        """Gives the model's variables the values of a state."""
        for group, values in zip(self._groups(), state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)

    def run(
        self, states: Sequence[State], rows: tuple[Any, Any, Any], orders: Sequence[Any], batch: int
    ) -> tuple[list[State], list[float]]:
        """Trains each state for one epoch.

        Args:
            states: What each starts from.
            rows: All of (x, y, sample_weight), the same for all.
            orders: For each, the order of the rows: an array of indices.
            batch: Rows a step; the last takes what is left.

        Returns:
            The states at the end, and the mean loss of each over the epoch: Keras's metric of it
            starts with the epoch, so its last value is that of all.
        """
        held = jax.tree.map(jnp.asarray, rows)
        ended: list[State] = []
        losses: list[float] = []
        for part in _parts(len(states), self._width):
            stacked = jax.tree.map(lambda *values: np.stack(values), *(states[i] for i in part))
            whole, rest = _cut(np.stack([orders[i] for i in part]), batch)
            after, loss = jax.device_get(self._epoch(stacked, held, whole, rest))
            new = [jax.tree.map(lambda value, at=at: value[at], after) for at in range(len(part))]
            ended += new[: len(set(part))]
            losses += np.asarray(loss).tolist()[: len(set(part))]
        return ended, losses

    def _groups(self) -> tuple[list[Any], ...]:
        model = self._model
        return (
            model.trainable_variables,
            model.non_trainable_variables,
            model.optimizer.variables,
            model.metrics_variables,
        )

    def _steps(self, state: State, rows: Any, whole: Any, rest: Any) -> tuple[State, Any]:
        def step(state: State, picked: Any) -> tuple[State, Any]:
            data = jax.tree.map(lambda leaf: leaf[picked], rows)
            logs, state = self._model.train_step(state, data)
            return state, logs["loss"]

        losses, state = None, (*state[:3], self._metrics)
        if whole.shape[0]:
            state, losses = jax.lax.scan(step, state, whole)
        if rest.shape[0]:
            return step(state, rest)
        return state, losses[-1] if losses is not None else jnp.nan


def _cut(orders: Any, batch: int) -> tuple[Any, Any]:
    """Returns whole batches (trainings, steps, batch) and what is left (trainings, rows)."""
    count = orders.shape[1] // batch * batch
    return orders[:, :count].reshape(len(orders), -1, batch), orders[:, count:]


def _parts(count: int, width: int) -> Iterator[list[int]]:
    """Yields indices in groups of one size, the last repeated: one program serves them all."""
    width = min(width, count)
    for start in range(0, count, width):
        part = list(range(start, min(start + width, count)))
        yield part + part[-1:] * (width - len(part))
