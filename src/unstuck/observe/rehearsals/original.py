"""What copies of the user's model are made from, kept when its training has ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.backends import settled_values
from unstuck.case.compiled import output_names
from unstuck.case.facts import ModelFacts
from unstuck.case.graph import fixed_batch
from unstuck.case.serialization import without_loading_tensorflow
from unstuck.observe.losses import OutputLoss, output_losses
from unstuck.observe.outcomes import Sample
from unstuck.observe.rehearsals.rows import Rows, rows_of, split

Array = npt.NDArray[Any]

FEWEST = 8
"""Rows below which no short training says anything."""
MOST_WEIGHTS = 5_000_000
"""Weights beyond which no copy is made: its optimizer alone would take 60 MB more."""


@dataclasses.dataclass(frozen=True)
class Original:
    """The user's model as it was when its training ended; nothing in it is the user's own.

    Attributes:
        model: A copy of the model, not compiled, with new initial weights but for what is not
            trained.
        weights: The final weights, in the order of ``model.weights``.
        loss: What ``compile`` was given as loss.
        output_loss: The same as a function of arrays.
        optimizer: Class of the optimizer.
        config: Its configuration, without the learning rate.
        rate: Its learning rate at the end.
        state: Its variables at the end but for the rate, by their path.
        batch: Samples a step.
        train: Rows to train copies on.
        held: Rows to hold out, None where there are too few.
        activation: Activation of the head, None where it isn't known.
    """

    model: Any
    weights: list[Array]
    loss: Any
    output_loss: OutputLoss
    optimizer: type[Any]
    config: Mapping[str, Any]
    rate: float
    state: Mapping[str, Array]
    batch: int
    train: Rows
    held: Rows | None
    activation: str | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a prediction, without the samples."""
        steps = np.shape(keras.tree.flatten(self.train.x)[0])[1:2]
        shape = tuple(self.model.output_shape[1:])
        return tuple(steps[0] if size is None else size for size in shape)

    @property
    def finite(self) -> bool:
        """Whether the final weights are numbers."""
        return all(np.isfinite(w).all() for w in self.weights if w.dtype.kind == "f")


def original(
    model: Any, facts: ModelFacts, samples: list[Sample], batch: int | None
) -> Original | None:
    """Copies a model with stock layers and one output; None where that can't be done.

    To be called aside, see ``clock``: making layers draws random numbers and names.
    """
    if not copyable(model):
        return None
    ((name, _),) = ((loss.output, loss) for loss in output_losses(model))
    parts = {one.split: rows_of(one, name) for one in samples if name in one.targets}
    if "train" not in parts or parts["train"].count < FEWEST:
        return None
    train, held = split(parts["train"], parts.get("validation"))
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    with without_loading_tensorflow():
        config = optimizer.get_config()
    rate = float(f"{float(keras.ops.convert_to_numpy(optimizer.learning_rate)):.6g}")
    weights = settled_values(model, model.weights)
    return Original(
        model=copy_of(model),
        weights=weights,
        loss=_given(model, name),
        output_loss=output_losses(model)[0],
        optimizer=type(optimizer),
        config={key: value for key, value in config.items() if key != "learning_rate"},
        rate=rate,
        state={
            one.path: np.array(keras.ops.convert_to_numpy(one))
            for one in optimizer.variables
            if "learning_rate" not in one.path
        },
        batch=min(batch or 32, train.count),
        train=train,
        held=held,
        activation=facts.heads[0].activation if facts.heads else None,
    )


def copyable(model: Any) -> bool:
    """Whether a copy made from its configuration would train as the model does."""
    # A class of the user's may do more in its steps than its configuration tells.
    layers = list(model._flatten_layers())
    stock = all(type(layer).__module__.startswith("keras.") for layer in layers)
    if not (stock and model.built and type(model.optimizer).__module__.startswith("keras.")):
        return False
    return (
        len(output_losses(model)) == 1
        and len(output_names(model)) == 1
        and (fixed_batch(model) is None or isinstance(model, keras.Sequential))
        and not any(getattr(layer, "stateful", False) for layer in layers)
        and model.count_params() <= MOST_WEIGHTS
    )


def copy_of(model: Any) -> Any:
    """Returns a model of the same configuration with new weights.

    What is not trained keeps its values, but for moving averages, which training makes.
    """
    with without_loading_tensorflow():
        copy = keras.models.clone_model(model, input_tensors=_free_input(model))
    flat = (list(one._flatten_layers(include_self=False)) for one in (model, copy))
    for own, new in zip(*flat, strict=True):
        if isinstance(own, keras.layers.BatchNormalization):
            continue
        for kept, fresh in zip(own.weights, new.weights, strict=True):
            if not kept.trainable:
                # A copy: JAX gives the arrays of what is trained away, and these are the user's.
                fresh.assign(np.array(keras.ops.convert_to_numpy(kept.value)))
        if isinstance(new, keras.layers.Normalization):
            new.finalize_state()  # what it computes with is made of its weights
    return copy


def _free_input(model: Any) -> Any:
    """Returns an input without a batch size for a model that got one from its first batch."""
    if fixed_batch(model) is None:
        return None
    (tensor,) = model.inputs
    return keras.Input(tuple(tensor.shape)[1:], dtype=tensor.dtype, name=tensor.name)


def _given(model: Any, name: str) -> Any:
    given = model._compile_loss._user_loss
    if isinstance(given, Mapping):
        return given[name]
    return given[0] if isinstance(given, list | tuple) else given
