"""Runs trials: those that differ in numbers alone share one compiled program."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck import backends
from unstuck.case.graph import fixed_batch
from unstuck.trials.specified import callbacks, one_by_one
from unstuck.trials.specified.building import built, original, put_weights, standardized
from unstuck.trials.specified.describing import paths
from unstuck.trials.specified.rows import Rows
from unstuck.trials.specified.specification import Specification

Array = npt.NDArray[Any]

STRIDE = 7_368_787
"""By how much consecutive seeds shift those of dropout: a prime, so that sums do not meet."""
CHUNK = 256
"""Rows that are predicted at once."""
KEPT = 24
"""Programs that are kept for later trials; each holds a model and what was compiled for it."""


@dataclasses.dataclass(frozen=True, eq=False)
class Trained:
    """What came of a trial.

    Attributes:
        specification: What was trained.
        weights: At the end, by path.
        losses: Mean training loss of each epoch, penalties included.
    """

    specification: Specification
    weights: Mapping[str, Array]
    losses: tuple[float, ...]

    @property
    def finite(self) -> bool:
        """Whether the weights are numbers."""
        return all(np.isfinite(w).all() for w in self.weights.values() if w.dtype.kind == "f")


class Engine:
    """Trains specifications on this machine.

    Args:
        left: Returns the seconds that are left; at none, what is running ends without a result.

    Attributes:
        compiled: Programs that were made.
        ran: Trainings that came to their end.
    """

    def __init__(self, left: Callable[[], float] = lambda: float("inf")) -> None:
        self._left = left
        self._programs: dict[str, Program] = {}
        self.compiled = 0
        self.ran = 0

    def run(self, specs: Sequence[Specification]) -> list[Trained | None]:
        """Trains each; None for what failed, or for which the time was too short."""
        groups: dict[Any, list[int]] = {}
        for index, spec in enumerate(specs):
            groups.setdefault(self._group(spec, index), []).append(index)
        found: list[Trained | None] = [None] * len(specs)
        for indices in groups.values():
            trained = self._attempt([specs[index] for index in indices])
            for index, one in zip(indices, trained, strict=True):
                found[index] = one
        self.ran += sum(one is not None for one in found)
        return found

    def predictions(self, trained: Trained, x: Any) -> Any:
        """Returns a nest of predictions in the unit of the user's targets, shape (rows, ...)."""
        program = self._program(trained.specification)
        return program.predictions(trained, x)

    def model(self, spec: Specification) -> Any:
        """Returns the compiled model in which a specification is trained, whatever its weights."""
        return self._program(spec).model

    def _attempt(self, specs: list[Specification]) -> Sequence[Trained | None]:
        try:
            return self._program(specs[0]).train(specs, self._left)
        except (ValueError, TypeError, RuntimeError, IndexError, ArithmeticError):
            # Keras and its backends say so where a change does not suit the model or the data.
            return [None] * len(specs)

    def _program(self, spec: Specification) -> Program:
        key = spec.program()
        if key not in self._programs:
            while len(self._programs) >= KEPT:
                self._programs.pop(next(iter(self._programs)))
            self._programs[key] = Program(spec)
            self.compiled += 1
        return self._programs[key]

    @staticmethod
    def _group(spec: Specification, index: int) -> Any:
        """Returns what is equal for trials that run together."""
        apart = index if spec.fit.callbacks else None
        return spec.program(), spec.fit.epochs, id(spec.data), id(spec.held), spec.unit, apart


class Program:
    """One compiled model, in which trainings that differ in numbers alone are run.

    Args:
        spec: One of them.
    """

    def __init__(self, spec: Specification) -> None:
        self.model = built(spec.replaced(seed=0))
        known = {id(weight) for weight in self.model.weights}
        self._seeds = [one for one in self.model.variables if id(one) not in known]
        self._drawn = [np.array(keras.ops.convert_to_numpy(one.value)) for one in self._seeds]
        self._together = backends.together()
        module: Any = self._together or one_by_one
        rows = _rows(spec).take(slice(0, spec.fit.batch_size))
        self._epochs = module.Epochs(self.model, (rows.x, rows.y, rows.sample_weight))
        self._fresh = self._epochs.state()

    def train(self, specs: Sequence[Specification], left: Callable[[], float]) -> list[Any]:
        """Trains specifications of the same rows and epochs; None each if the time is up."""
        with backends.current().generators_kept():
            if self._together is not None:
                return self._trained(specs, left)
            # torch draws masks from a state of its own, which one training must not hand on.
            return [one for spec in specs for one in self._trained([spec], left)]

    def _trained(self, specs: Sequence[Specification], left: Callable[[], float]) -> list[Any]:
        spec = specs[0]
        backends.current().seed_generators(spec.seed)
        rows = _rows(spec)
        states = [self._start(one) for one in specs]
        orders = [np.random.default_rng(one.seed) for one in specs]
        calling = self._callbacks(spec) if spec.fit.callbacks else None
        losses: list[list[float]] = [[] for _ in specs]
        for epoch in range(spec.fit.epochs):
            if not left() > 0:
                return [None] * len(specs)
            picked = [_order(rows.count, spec.fit.shuffle, one) for one in orders]
            given = (rows.x, rows.y, rows.sample_weight)
            states, found = self._epochs.run(states, given, picked, spec.fit.batch_size)
            for kept, loss in zip(losses, found, strict=True):
                kept.append(loss)
            if calling is not None and self._ended(calling, epoch, spec, states, found[0]):
                break
        if calling is not None:
            self._epochs.put(states[0])
            calling.on_train_end()
            states = [self._epochs.state()]
        ended = zip(specs, states, losses, strict=True)
        return [Trained(one, self._weights(state), tuple(kept)) for one, state, kept in ended]

    def predictions(self, trained: Trained, x: Any) -> Any:
        """Returns predictions of a model that was trained here; see ``Engine``."""
        put_weights(self.model, trained.weights)
        size = fixed_batch(self.model) or CHUNK
        found = self.model.predict(x, batch_size=size, verbose=0)
        unit = trained.specification.unit
        return keras.tree.map_structure(lambda leaf: original(np.asarray(leaf), unit), found)

    def _start(self, spec: Specification) -> Any:
        """Returns the state that a training starts from."""
        self._epochs.put(self._fresh)
        put_weights(self.model, spec.weights)
        for layer in self.model._flatten_layers():
            if getattr(layer, "stateful", False):
                layer.reset_state()
        for seed, value in zip(self._seeds, self._drawn, strict=True):
            shift = np.asarray(spec.seed * STRIDE).astype(value.dtype)
            seed.assign(value + shift * np.eye(1, value.size, dtype=value.dtype)[0])
        if spec.rate is not None:
            self.model.optimizer.learning_rate = spec.rate
        return self._epochs.state()

    def _weights(self, state: Any) -> dict[str, Array]:
        self._epochs.put(state)
        values = (np.array(keras.ops.convert_to_numpy(one.value)) for one in self.model.weights)
        return dict(zip(paths(self.model), values, strict=True))

    def _callbacks(self, spec: Specification) -> Any:
        self.model.stop_training = False
        made = callbacks.made(spec.fit.callbacks)
        called = keras.callbacks.CallbackList(made, model=self.model, epochs=spec.fit.epochs)
        called.on_train_begin()
        return called

    def _ended(
        self, calling: Any, epoch: int, spec: Specification, states: list[Any], loss: float
    ) -> bool:
        """Tells callbacks of an epoch, takes over what they change; says whether that was all."""
        self._epochs.put(states[0])
        logs = {"loss": loss}
        if spec.held is not None:
            held = rows_trained_on(spec, spec.held)
            size = fixed_batch(self.model) or CHUNK
            found = self.model.evaluate(
                held.x, held.y, size, 0, held.sample_weight, return_dict=True
            )
            logs |= {f"val_{name}": value for name, value in found.items()}
        self.model.reset_metrics()
        calling.on_epoch_end(epoch, logs)
        states[0] = self._epochs.state()
        return bool(self.model.stop_training)


def _rows(spec: Specification) -> Rows:
    return rows_trained_on(spec, spec.data.weighted(spec.fit.class_weight))


def rows_trained_on(spec: Specification, rows: Rows) -> Rows:
    """Returns rows with their targets in the unit that they are trained in."""
    if spec.unit is None:
        return rows
    return dataclasses.replace(rows, y=standardized(rows.y, spec.unit))


def _order(count: int, shuffled: bool, generator: np.random.Generator) -> Array:
    return generator.permutation(count) if shuffled else np.arange(count)
