"""What Keras's objects are, in dicts that JSON holds; and what can't be described so."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.case.compiled import compile_facts
from unstuck.case.serialization import without_loading_tensorflow
from unstuck.trials.specified.errors import SpecificationError

Array = npt.NDArray[Any]

INSTEAD = (
    "What remains: 'unstuck fix SCRIPT' runs the script itself and needs no description of the "
    "model, and unstuck.Monitor() says what is wrong."
)


def architecture_of(model: Any) -> dict[str, Any]:
    """Returns a built model as Keras serializes it, without what ``compile`` was given.

    Raises:
        SpecificationError: If it isn't built, or a copy of it can't be made from that.
    """
    if not getattr(model, "built", False):
        raise SpecificationError(
            "Expected a built model. Received: one whose input shape is not known yet. Give it a "
            "keras.Input, or call it on a batch first."
        )
    try:
        with warnings.catch_warnings(), without_loading_tensorflow():
            warnings.simplefilter("ignore")
            described = keras.saving.serialize_keras_object(model)
            described.pop("compile_config", None)
            architecture: dict[str, Any] = json.loads(json.dumps(described))
            # Keras takes apart what it reads.
            again = copy.deepcopy(architecture)
            made = keras.saving.deserialize_keras_object(again, safe_mode=True)
    except Exception as error:  # whatever a user's get_config or call may raise
        raise SpecificationError(_undescribed(model, str(error))) from error
    if [w.shape for w in made.weights] != [w.shape for w in model.weights]:
        raise SpecificationError(_undescribed(model, "a copy has other weights"))
    return architecture


def _undescribed(model: Any, reason: str) -> str:
    return (
        "Expected a model that Keras can make again from its configuration. Received: "
        f"{type(model).__name__} ({(reason.strip().splitlines() or ['no reason'])[0]}). Give "
        "classes of your own a get_config and @keras.saving.register_keras_serializable(), and "
        f"put layers in the place of lambdas. {INSTEAD}"
    )


def compiled_of(model: Any) -> dict[str, Any]:
    """Returns what ``compile`` was given.

    Metrics of the user's own are left out: they change nothing in a training.

    Raises:
        SpecificationError: If the model isn't compiled, or optimizer or loss are the user's own.
    """
    if not getattr(model, "compiled", False) or model.optimizer is None:
        raise SpecificationError("Expected a compiled model. Received: one without an optimizer.")
    for loss in compile_facts(model).losses:
        if loss.custom:
            raise SpecificationError(
                f"Expected a loss of Keras. Received: {loss.name}, which is your own, and whose "
                f"code is no part of a description. {INSTEAD}"
            )
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not type(optimizer).__module__.startswith("keras."):
        raise SpecificationError(
            f"Expected an optimizer of Keras. Received: {type(optimizer).__name__}. {INSTEAD}"
        )
    try:
        with without_loading_tensorflow():
            given = model.get_compile_config()
            made = keras.optimizers.serialize(optimizer)
            losses = {key: given.get(key) for key in ("loss", "loss_weights")}
            described = {"optimizer": made, **losses, **_metrics(given), **_options(model)}
            found: dict[str, Any] = json.loads(json.dumps(described))
    except Exception as error:  # a rate as a function of the user's, for example
        raise SpecificationError(
            f"Expected what compile takes to be Keras's own. Received: {error}. {INSTEAD}"
        ) from error
    rate = getattr(optimizer, "_learning_rate", None)
    if not isinstance(found["optimizer"]["config"].get("learning_rate"), int | float | dict):
        raise SpecificationError(
            f"Expected a number or a schedule of Keras as learning rate. Received: {rate!r}."
        )
    return found


def _metrics(given: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for key in ("metrics", "weighted_metrics"):
        try:
            found[key] = json.loads(json.dumps(given.get(key)))
            keras.saving.deserialize_keras_object(copy.deepcopy(found[key]))
        except Exception:  # the user's own
            found[key] = None
    return found


def _options(model: Any) -> dict[str, Any]:
    return {"jit_compile": bool(model.jit_compile), "run_eagerly": bool(model.run_eagerly)}


def weights_of(model: Any) -> dict[str, Array]:
    """Returns copies of a model's weights by their paths, which the architecture decides."""
    values = (np.array(keras.ops.convert_to_numpy(one.value)) for one in model.weights)
    return dict(zip(paths(model), values, strict=True))


def paths(model: Any) -> list[str]:
    """Returns a path for each weight, numbered where several bear the same.

    It leads over the names of layers, which are part of the configuration. Keras's own path hangs
    on whether a layer was built alone or with its model.
    """
    known = dict(reversed(list(_owned(model, ""))))  # the first way counts
    found: list[str] = []
    for weight in model.weights:
        path = known.get(id(weight), str(weight.path))
        same = sum(one == path or one.startswith(f"{path}#") for one in found)
        found.append(f"{path}#{same}" if same else path)
    return found


def _owned(layer: Any, prefix: str) -> Iterator[tuple[int, str]]:
    """Yields the identity and the path of each weight below a layer, for every way to it."""
    for part in layer._layers:
        yield from _owned(part, f"{prefix}{part.name}/")
    for weight in (*layer._trainable_variables, *layer._non_trainable_variables):
        yield id(weight), f"{prefix}{weight.name}"
