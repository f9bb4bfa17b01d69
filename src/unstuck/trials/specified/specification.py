"""One frozen, serializable description of a training run, which a trial is a function of."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.case.graph import fixed_batch
from unstuck.observe.rehearsals.clock import Clock, aside
from unstuck.trials.holding import EVERY, FEWEST
from unstuck.trials.specified import callbacks
from unstuck.trials.specified.describing import architecture_of, compiled_of, weights_of
from unstuck.trials.specified.errors import SpecificationError
from unstuck.trials.specified.rows import Rows

Array = npt.NDArray[Any]

BATCH = 32
"""Samples a step where ``fit`` is not told."""
TAKEN = (
    *("batch_size", "epochs", "callbacks", "validation_split", "validation_data", "shuffle"),
    *("class_weight", "sample_weight", "verbose", "validation_batch_size"),
)
"""Arguments of ``fit`` that a specification takes; the two last change nothing in it."""


@dataclasses.dataclass(frozen=True)
class Fit:
    """How long and in which order a model is trained.

    Attributes:
        class_weight: By class, None for none.
        callbacks: Names and arguments of Keras's callbacks, see ``callbacks``.
    """

    epochs: int = 1
    batch_size: int = BATCH
    shuffle: bool = True
    class_weight: Mapping[int, float] | None = None
    callbacks: tuple[callbacks.Described, ...] = ()


@dataclasses.dataclass(frozen=True)
class Unit:
    """The unit that targets are trained in: they lose ``mean`` and are divided by ``spread``.

    Attributes:
        mean: Of each column of the targets.
        spread: Likewise.
    """

    mean: tuple[float, ...]
    spread: tuple[float, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Specification:
    """A training run: what it starts from, what it sees, and in which order.

    Attributes:
        architecture: The model as Keras serializes it, not compiled.
        weights: What the training starts from, by the path of the weight.
        compiled: What ``compile`` was given, as Keras serializes it.
        fit: What ``fit`` was given besides data.
        data: The rows that are trained on.
        held: Rows that are not trained on, None where there are none.
        own: Whether these are the user's own validation data, rather than rows held out for want
            of them.
        seed: Of the order of the batches and of dropout.
        unit: What the targets are trained in; None for the unit that they have.
    """

    architecture: Mapping[str, Any]
    weights: Mapping[str, Array]
    compiled: Mapping[str, Any]
    fit: Fit
    data: Rows
    held: Rows | None = None
    own: bool = True
    seed: int = 0
    unit: Unit | None = None

    @classmethod
    def of(cls, model: Any, x: Any, y: Any, **fit_arguments: Any) -> Specification:
        """Describes what ``model.fit(x, y, **fit_arguments)`` would do.

        Args:
            model: A built and compiled model. One that was trained before starts anew: its weights
                of today are the end of a training, not its start.
            x: Inputs as arrays, or a nest of arrays.
            y: Targets likewise.
            **fit_arguments: As ``fit`` takes them, without streams.

        Raises:
            SpecificationError: If something can't be described; the message says what and what
                remains possible.
        """
        unknown = sorted(set(fit_arguments) - set(TAKEN))
        if unknown:
            raise SpecificationError(
                f"Expected arguments among {', '.join(TAKEN)}. Received: {', '.join(unknown)}. "
                "Leave it out: trials go over whole epochs of arrays."
            )
        # Copies draw random numbers and names, which are not to be the user's.
        return aside(lambda: cls._of(model, x, y, fit_arguments), Clock(0))

    @classmethod
    def _of(cls, model: Any, x: Any, y: Any, fit_arguments: Mapping[str, Any]) -> Specification:
        architecture, compiled = architecture_of(model), compiled_of(model)
        rows = Rows.of(x, y, fit_arguments.get("sample_weight"))
        data, held, own = _parted(model, rows, fit_arguments)
        weights, fit = weights_of(model), _fit(fit_arguments)
        described = cls(architecture, weights, compiled, fit, data, held, own)
        return described.started() if _trained(model) else described

    @property
    def rate(self) -> float | None:
        """The learning rate, None where it is a schedule."""
        rate = self.compiled["optimizer"]["config"].get("learning_rate")
        return float(rate) if isinstance(rate, int | float) else None

    @property
    def judged(self) -> Rows:
        """The rows that a trial is judged by."""
        return self.held if self.held is not None else self.data

    def program(self) -> str:
        """Returns what two trainings share that differ in numbers alone: weights, rates, seeds."""
        optimizer = self.compiled["optimizer"]
        config = dict(optimizer["config"])
        if self.rate is not None:
            config["learning_rate"] = None
        compiled = {**self.compiled, "optimizer": {**optimizer, "config": config}}
        shapes = [[one.dtype.str, *one.shape[1:]] for one in self.data.arrays]
        layout = [shapes, self.data.sample_weight is None, not self.fit.class_weight]
        parts = [self.architecture, compiled, self.fit.batch_size, self.data.count, layout]
        return json.dumps(parts, sort_keys=True)

    def replaced(self, **changes: Any) -> Specification:
        """Returns another with some attributes changed."""
        return dataclasses.replace(self, **changes)

    def fitted(self, **changes: Any) -> Specification:
        """Returns another with some options of ``fit`` changed."""
        return self.replaced(fit=dataclasses.replace(self.fit, **changes))

    def optimized(self, **changes: Any) -> Specification:
        """Returns another with some options of the optimizer changed."""
        optimizer = self.compiled["optimizer"]
        config = {**optimizer["config"], **changes}
        return self.replaced(
            compiled={**self.compiled, "optimizer": {**optimizer, "config": config}}
        )

    def rebuilt(self, architecture: Mapping[str, Any], *, anew: bool = False) -> Specification:
        """Returns another with a changed model; weights that still fit it are kept.

        Args:
            architecture: As Keras serializes it.
            anew: Whether all weights that are trained are drawn anew.
        """
        from unstuck.trials.specified.building import drawn

        fresh = drawn(architecture, self.seed)
        kept = {
            path: self.weights[path]
            for path, (value, trained) in fresh.items()
            if path in self.weights
            and self.weights[path].shape == value.shape
            and not (anew and trained)
        }
        weights = {path: kept.get(path, value) for path, (value, _) in fresh.items()}
        return self.replaced(architecture=architecture, weights=weights)

    def started(self, seed: int | None = None) -> Specification:
        """Returns another that starts from weights drawn by a seed, and sees that seed's batches.

        What is not trained keeps its values, but for moving averages, which training makes.
        """
        from unstuck.trials.specified.building import drawn

        seed = self.seed if seed is None else seed
        fresh = drawn(self.architecture, seed)
        weights = {
            path: value if trained or "/moving_" in path else self.weights.get(path, value)
            for path, (value, trained) in fresh.items()
        }
        return self.replaced(weights=weights, seed=seed)


def _fit(given: Mapping[str, Any]) -> Fit:
    weights = given.get("class_weight")
    if weights and given.get("sample_weight") is not None:
        raise SpecificationError("Expected class_weight or sample_weight. Received: both.")
    return Fit(
        epochs=int(given.get("epochs", 1)),
        batch_size=int(given.get("batch_size") or BATCH),
        shuffle=bool(given.get("shuffle", True)),
        class_weight={int(k): float(v) for k, v in weights.items()} if weights else None,
        callbacks=callbacks.described(keras.tree.flatten(given.get("callbacks") or [])),
    )


def _parted(model: Any, rows: Rows, given: Mapping[str, Any]) -> tuple[Rows, Rows | None, bool]:
    """Returns rows to train on, rows that are held out, and whether the user names the latter."""
    validation, share = given.get("validation_data"), float(given.get("validation_split") or 0.0)
    if validation is not None:
        if not isinstance(validation, list | tuple) or len(validation) not in (2, 3):
            raise SpecificationError(
                "Expected validation_data as (x, y) or (x, y, sample_weight) of arrays. "
                f"Received: {type(validation).__name__}."
            )
        return rows, Rows.of(*validation), True
    if share:
        cut = int(np.floor(rows.count * (1 - share)))  # as Keras does
        return rows.take(slice(0, cut)), rows.take(slice(cut, None)), True
    stateful = any(getattr(layer, "stateful", False) for layer in model._flatten_layers())
    if rows.count < FEWEST or stateful or fixed_batch(model) is not None:
        return rows, None, False
    out = np.arange(rows.count) % EVERY == EVERY - 1
    return rows.take(np.flatnonzero(~out)), rows.take(np.flatnonzero(out)), False


def _trained(model: Any) -> bool:
    """Whether a model has made updates already."""
    return int(keras.ops.convert_to_numpy(model.optimizer.iterations)) > 0
