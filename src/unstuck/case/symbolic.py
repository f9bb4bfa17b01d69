"""Draws the graph of a model or layer that brings its own ``call``, and leaves no trace.

``call`` runs once on symbolic tensors, so that every layer and every ``keras.ops``
function in it becomes a node. What that leaves behind in the layers, in Keras's
counters of names and in the random generators is put back.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import random
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from unstuck.case.graph import Graph, calls_to, names_of


def drawn_graph(layer: Any) -> Graph | None:
    """Returns the graph inside a built layer, None if ``call`` can't run symbolically."""
    shapes = getattr(layer, "_build_shapes_dict", None)
    if not shapes or not all(part.built for part in layer._flatten_layers()):
        return None
    try:
        with undisturbed(layer):
            outputs = layer.call(*_symbolic_arguments(layer, shapes))
            flat = keras.tree.flatten(outputs)
            names = names_of(outputs) or numbered(len(flat))
            return Graph(tuple(calls_to(flat)), dict(zip(names, flat, strict=True)))
    except Exception:  # the user's code may do anything with a tensor that has no values
        return None


def numbered(count: int) -> list[str]:
    """Names outputs that have no name of their own."""
    return ["output"] if count == 1 else [f"output_{index}" for index in range(count)]


@contextlib.contextmanager
def undisturbed(layer: Any) -> Iterator[None]:
    """Puts back what a symbolic call changes: nodes, attributes, names, random states."""
    parts = list(layer._flatten_layers())
    nodes = [(part, len(part._inbound_nodes), len(part._outbound_nodes)) for part in parts]
    attributes = [(part, dict(vars(part)), set(part._loss_ids)) for part in parts]
    names, states = _name_counts(), (random.getstate(), np.random.get_state())
    before = None if names is None else dict(names)
    try:
        with keras.StatelessScope(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with contextlib.redirect_stdout(io.StringIO()):
                yield
    finally:
        for part, held, losses in attributes:
            _restore(vars(part), held)
            part._loss_ids.intersection_update(losses)
        for part, inbound, outbound in nodes:
            del part._inbound_nodes[inbound:], part._outbound_nodes[outbound:]
        if names is not None and before is not None:
            names.clear()
            names.update(before)
        random.setstate(states[0])
        np.random.set_state(states[1])


def _restore(attributes: dict[str, Any], held: dict[str, Any]) -> None:
    for name in [name for name in attributes if name not in held]:
        del attributes[name]
    for name, value in held.items():
        if name not in attributes or attributes[name] is not value:
            attributes[name] = value


def _name_counts() -> Any:
    from keras.src.backend.common import global_state

    return global_state.get_global_attribute("object_name_uids")


def _symbolic_arguments(layer: Any, shapes: dict[str, Any]) -> list[Any]:
    parameters = inspect.signature(layer.call).parameters
    arguments = []
    for name, shape in shapes.items():
        if name not in ("input_shape", "inputs_shape") and name.removesuffix("_shape") not in (
            parameters
        ):
            raise ValueError(f"Expected {name} to belong to an argument of call().")
        arguments.append(_symbolic(shape))
    return arguments


def _symbolic(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {key: _symbolic(item) for key, item in shape.items()}
    if any(isinstance(item, list | tuple | dict) for item in shape):
        return type(shape)(_symbolic(item) for item in shape)
    return keras.KerasTensor((None, *shape[1:]), dtype=keras.config.floatx())
