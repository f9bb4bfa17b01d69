"""One compiled copy that is trained again and again: rates and data change, the program doesn't."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck import backends
from unstuck.observe.losses import OutputLoss
from unstuck.observe.rehearsals.clock import Clock
from unstuck.observe.rehearsals.rows import Rows

Array = npt.NDArray[Any]


SETTING_UP = 2
"""Steps whose time is not that of a usual one."""


class OutOfTime(Exception):
    """The budget ended in the middle of a training, which then says nothing."""


class Stage:
    """A copy of a model with an optimizer of its own.

    Args:
        model: A built model that nobody else uses.
        loss: As ``compile`` takes it.
        output_loss: The same as a function of arrays.
        optimizer: An optimizer that nobody else uses.
        clock: Ends every training when its time is up.

    """

    def __init__(
        self, model: Any, loss: Any, output_loss: OutputLoss, optimizer: Any, clock: Clock
    ) -> None:
        model.compile(optimizer=optimizer, loss=loss)
        optimizer.build(model.trainable_variables)
        self.model = model
        self._steps = 0
        self._seconds = 0.0
        self._output_loss = output_loss
        self._clock = clock
        self._variables = [*model.variables, *optimizer.variables]
        self._start = [np.array(keras.ops.convert_to_numpy(one)) for one in self._variables]

    @property
    def usual(self) -> float:
        """Mean seconds of a step that compiles nothing; 0 before there was one."""
        return self._seconds / max(self._steps - SETTING_UP, 1)

    def restart(self) -> None:
        """Puts model, optimizer and what masks are drawn from back to their first values."""
        backends.current().seed_generators(0)
        for variable, value in zip(self._variables, self._start, strict=True):
            variable.assign(value)

    def resume(self, weights: Sequence[Array], state: dict[str, Array]) -> bool:
        """Takes over weights and the variables of an optimizer; says whether all were known."""
        self.restart()
        known = True
        for variable, value in zip(self.model.weights, weights, strict=True):
            variable.assign(value)
        for variable in self.model.optimizer.variables:
            value_there = state.get(variable.path)
            if value_there is not None and value_there.shape == tuple(variable.shape):
                variable.assign(value_there)
            elif "learning_rate" not in variable.path:
                known = False
        return known

    def train(self, rows: Rows, orders: Sequence[Array], rate: float) -> None:
        """Makes one step for each order of rows.

        Raises:
            OutOfTime: If the clock ran down meanwhile.
        """
        self.model.optimizer.learning_rate = rate
        for order in orders:
            if not self._clock.left:
                raise OutOfTime
            begun = time.monotonic()
            part = rows.take(order)
            self.model.train_on_batch(part.x, part.y, sample_weight=part.weights)
            self._steps += 1
            # The first step compiles, and the second still sets things up on some backends.
            self._seconds += time.monotonic() - begun if self._steps > SETTING_UP else 0.0

    def loss(self, rows: Rows | None) -> float | None:
        """Returns the loss of the data in inference mode, None where it isn't finite."""
        if rows is None:
            return None
        predictions = np.asarray(self.model.predict_on_batch(rows.x))
        value = self._output_loss.mean(rows.y, predictions, rows.weights)
        return value if np.isfinite(value) else None
