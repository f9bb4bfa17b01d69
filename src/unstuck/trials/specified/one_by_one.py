"""An epoch of one training after the other, in one compiled model: for TensorFlow and torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from unstuck.case.arrays import map_nest

State = list[Any]
"""Values of the model's and its optimizer's variables."""


class Epochs:
    """One epoch of a compiled model, for many states of it; see ``backends.jax_together``.

    Args:
        model: Built and compiled, with its optimizer; nobody else uses it.
        batch: The first rows (x, y, sample_weight).
    """

    def __init__(self, model: Any, batch: tuple[Any, Any, Any]) -> None:
        self._model = model

    def state(self) -> State:
        """Returns what the model's variables hold now."""
        return [np.array(keras.ops.convert_to_numpy(one.value)) for one in self._variables()]

    def put(self, state: State) -> None:
        """Gives the model's variables the values of a state."""
        for variable, value in zip(self._variables(), state, strict=True):
            variable.assign(value)

    def run(
        self, states: Sequence[State], rows: tuple[Any, Any, Any], orders: Sequence[Any], batch: int
    ) -> tuple[list[State], list[float]]:
        """Trains each state for one epoch; see ``backends.jax_together``."""
        ended: list[State] = []
        losses: list[float] = []
        for state, order in zip(states, orders, strict=True):
            self.put(state)
            losses.append(self._trained(rows, order, batch))
            ended.append(self.state())
        return ended, losses

    def _trained(self, rows: tuple[Any, Any, Any], order: Any, batch: int) -> float:
        total = 0.0
        for start in range(0, len(order), batch):
            picked = order[start : start + batch]
            x, y, weights = (map_nest(lambda leaf, at=picked: leaf[at], part) for part in rows)
            logs = self._model.train_on_batch(x, y, sample_weight=weights, return_dict=True)
            total += float(logs["loss"]) * len(picked)
        return total / len(order)

    def _variables(self) -> list[Any]:
        return [*self._model.variables, *self._model.optimizer.variables]
