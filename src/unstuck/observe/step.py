"""Watch one training step from inside: hook the optimizer and the loss while the step runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import keras
import numpy as np

from unstuck.backends.patch import replaced
from unstuck.observe.clipping import Clipping

HEADER = ("loss", "learning_rate", "loss_scale", "is_update")
"""Numbers at the front of a row."""
BLOCKS = ("arrived", "norm", "largest", "nonfinite", "weights", "updates")
"""What follows in a row: blocks with one number for every variable."""


class StepWatch:
    """Runs training steps and returns, beside their results, a row of raw numbers.

    With JAX and TensorFlow this happens while a step is traced, so the hooks are in place only
    then; with torch and in eager mode they are in place for the length of each step.

    Attributes:
        variables: The trainable variables, in the order of a row; None until the model is built.
        error: What went wrong in the probe, if anything did. The training goes on.
    """

    def __init__(self, model: keras.Model, backend: ModuleType) -> None:
        self.variables: list[keras.Variable] | None = None
        self.error: Exception | None = None
        self.clipping = Clipping.of(model.optimizer)
        self._model = model
        self._backend = backend
        self._seen: dict[str, Any] = {}

    def __call__(self, step: Callable[[], Any]) -> tuple[Any, Any | None]:
        """Runs a step; returns its result and the row, None if the probe has failed."""
        self._seen, row = {}, None
        with self._hooked():
            result = step()
        with self._guarded():
            row = self._row()
        self._seen = {}
        return result, row if self.error is None else None

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Keeps an error of the probe out of the training."""
        try:
            yield
        except Exception as error:
            self.error = self.error or error

    def _know_variables(self) -> list[keras.Variable]:
        if self.variables is None:
            self.variables = list(self._model.trainable_variables)
        return self.variables

    @contextlib.contextmanager
    def _hooked(self) -> Iterator[None]:
        with contextlib.ExitStack() as hooks:
            optimizer, tracker = self._model.optimizer, self._model._loss_tracker
            with self._guarded():
                if isinstance(optimizer, keras.optimizers.Optimizer):
                    name, method = self._backend.hook_apply(optimizer, self._early, self._late)
                    hooks.enter_context(replaced(optimizer, **{name: method}))
                if tracker is not None:
                    update_state = self._hook_loss(tracker.update_state)
                    hooks.enter_context(replaced(tracker, update_state=update_state))
            yield

    def _hook_loss(self, original: Callable[..., Any]) -> Callable[..., Any]:
        scope = self._backend.scope()

        def update_state(values: Any, *args: Any, **kwargs: Any) -> Any:
            # A loss from inside another trace (a custom step's own gradient function) cannot
            # leave that trace: it is left out, not leaked.
            if self._backend.scope() == scope:
                self._seen["loss"] = values
            return original(values, *args, **kwargs)

        return update_state

    def _early(
        self,
        gradients: Sequence[Any],
        variables: Sequence[keras.Variable],
        weights: Callable[[], Sequence[Any]],
    ) -> None:
        """Measures what must be read before the update: gradients, rates, accumulators."""
        with self._guarded():
            optimizer, clipping = self._model.optimizer, self.clipping
            if not optimizer.built and clipping.accumulate > 1:
                # As ``apply`` would in a moment: the accumulators must be there to be read.
                with keras.name_scope(optimizer.name, caller=optimizer):
                    optimizer.build(list(variables))
                optimizer.built = True
            ordered = self._ordered(variables, gradients)
            known = self._know_variables()
            self._seen["before"] = weights()
            self._seen["gradients"] = self._backend.gradient_measures(ordered)
            self._seen["learning_rate"] = clipping.learning_rate(optimizer)
            self._seen["loss_scale"] = clipping.scale(optimizer)
            self._seen["is_update"] = clipping.is_update(optimizer)
            self._seen["arrived"] = clipping.arrived(optimizer, ordered, known, self._backend.norms)

    def _late(
        self, variables: Sequence[keras.Variable], weights: Callable[[], Sequence[Any]]
    ) -> None:
        """Measures the update, with what was kept of the gradients."""
        with self._guarded():
            self._seen["measures"] = self._backend.measures(
                self._seen.pop("gradients"),
                self._ordered(variables, self._seen.pop("before")),
                self._ordered(variables, weights()),
            )

    def _ordered(
        self, variables: Sequence[keras.Variable], values: Sequence[Any]
    ) -> list[Any | None]:
        """Puts values of the optimizer's variables in the order of a row."""
        by_id = {id(v): value for v, value in zip(variables, values, strict=True)}
        return [by_id.get(id(variable)) for variable in self._know_variables()]

    def _row(self) -> Any:
        count, seen = len(self._know_variables()), self._seen
        loss = seen.get("loss", np.nan)
        if getattr(loss, "shape", ()) != ():
            loss = keras.ops.mean(loss)
        parts: list[Any] = [loss, *(seen.get(name, np.nan) for name in HEADER[1:])]
        arrived = seen.get("arrived")
        parts.append(np.full(count, np.nan) if arrived is None else arrived)
        parts.append(seen.get("measures", np.full(5 * count, np.nan)))
        return self._backend.row(parts)
