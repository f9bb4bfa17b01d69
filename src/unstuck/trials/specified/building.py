"""From a description to the model that it describes."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.case.serialization import without_loading_tensorflow
from unstuck.trials.specified.describing import paths, weights_of
from unstuck.trials.specified.specification import Specification, Unit

Array = npt.NDArray[Any]


def model_from(architecture: Mapping[str, Any], seed: int) -> Any:
    """Returns a model with weights drawn by a seed, not compiled; nothing but Keras is run.

    Python's random state is moved: Keras draws its seeds from it.
    """
    random.seed(seed)
    with without_loading_tensorflow():
        # Keras takes apart what it reads.
        return keras.saving.deserialize_keras_object(copy.deepcopy(architecture), safe_mode=True)


def drawn(architecture: Mapping[str, Any], seed: int) -> dict[str, tuple[Array, bool]]:
    """Returns weights drawn by a seed, by path, and whether each is trained."""
    model = model_from(architecture, seed)
    trained = [bool(weight.trainable) for weight in model.weights]
    return dict(
        zip(paths(model), zip(weights_of(model).values(), trained, strict=True), strict=True)
    )


def built(spec: Specification) -> Any:
    """Returns the model of a specification, compiled, with the weights that it starts from."""
    model = model_from(spec.architecture, spec.seed)
    put_weights(model, spec.weights)
    compile_as(model, spec)
    return model


def compile_as(model: Any, spec: Specification) -> None:
    """Compiles a model as a specification says."""
    with without_loading_tensorflow():
        given = keras.saving.deserialize_keras_object(copy.deepcopy(spec.compiled))
    model.compile(**given)
    model.optimizer.build(model.trainable_variables)


def put_weights(model: Any, weights: Mapping[str, Array]) -> None:
    """Gives a model weights by their paths."""
    for weight, path in zip(model.weights, paths(model), strict=True):
        weight.assign(weights[path])
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # what it computes with is made of its weights


def finished(spec: Specification, weights: Mapping[str, Array]) -> Any:
    """Returns the trained model, compiled, its predictions in the unit of the user's targets.

    Args:
        spec: What was trained.
        weights: The weights at the end.
    """
    model = built(spec.replaced(weights=weights))
    if spec.unit is None:
        return model
    whole = _rescaled(model, spec.unit)
    compile_as(whole, spec)
    return whole


def _rescaled(model: Any, unit: Unit) -> Any:
    last = keras.layers.Rescaling(_plain(unit.spread), offset=_plain(unit.mean))
    if isinstance(model, keras.Sequential):
        return keras.Sequential([*_inputs(model), *model.layers, last], name=model.name)
    return keras.Model(model.inputs, last(model.outputs[0]), name=model.name)


def _inputs(model: Any) -> list[Any]:
    (tensor,) = model.inputs
    return [keras.Input(batch_shape=tuple(tensor.shape), dtype=tensor.dtype, name=tensor.name)]


def _plain(numbers: tuple[float, ...]) -> float | list[float]:
    return numbers[0] if len(numbers) == 1 else list(numbers)


def standardized(values: Array, unit: Unit | None) -> Array:
    """Returns targets in the unit that they are trained in."""
    if unit is None:
        return values
    return np.asarray((values - np.asarray(unit.mean)) / np.asarray(unit.spread), values.dtype)


def original(values: Array, unit: Unit | None) -> Array:
    """Returns predictions in the unit of the user's targets."""
    return values if unit is None else np.asarray(values * np.asarray(unit.spread) + unit.mean)
