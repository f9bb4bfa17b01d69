"""Draws the graph of a model or layer that brings its own ``call``, and leaves no trace.

``call`` runs once on symbolic tensors, so that every layer and every ``keras.ops``
function in it becomes a node. Where it uses functions of the backend itself, it runs in
the backend's own tracer instead, and the calls of its layers are watched. What either
leaves behind in layers, names and random generators is put back.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from unstuck.case.graph import Call, Graph, calls_to, kept_graph, kind_of, names_of

DTYPES = ("float32", "int32")
"""Kinds of inputs that are tried: shapes are kept by Keras, dtypes are not."""


def graph_of(model: Any) -> Graph | None:
    """Returns a model's graph: the one that it keeps, or one drawn by a symbolic call."""
    return kept_graph(model) or (drawn_graph(model) if kind_of(model) == "subclassed" else None)


def drawn_graph(layer: Any) -> Graph | None:
    """Returns the graph inside a built layer or model, None if it can't be found out."""
    shapes = getattr(layer, "_build_shapes_dict", None)
    if not shapes or not layer.built:
        return None
    for dtype in DTYPES:
        for draw in (_by_nodes, _by_watching):
            try:
                with undisturbed(layer):
                    return draw(layer, _symbolic_arguments(layer, shapes, dtype))
            except Exception:  # the user's code may do anything with a tensor without values
                continue
    return None


def numbered(count: int) -> list[str]:
    """Names outputs that have no name of their own."""
    return ["output"] if count == 1 else [f"output_{index}" for index in range(count)]


def _by_nodes(layer: Any, arguments: list[Any]) -> Graph:
    outputs = layer.call(*arguments)
    return Graph(tuple(calls_to(keras.tree.flatten(outputs))), _by_name(outputs))


def _by_watching(layer: Any, arguments: list[Any]) -> Graph:
    from keras.src.backend import compute_output_spec

    calls: list[Call] = []
    last: list[Any] = []
    for part in layer._flatten_layers(include_self=False, recursive=False):
        vars(part)["call"] = _watched(part, part.call, calls)

    def run(*tensors: Any) -> Any:
        calls.clear()  # torch runs it twice, to learn which sizes vary
        last[:] = [layer.call(*tensors)]
        return last[0]

    compute_output_spec(run, *arguments)
    return Graph(tuple(calls), _by_name(last[0]))


def _watched(part: Any, call: Callable[..., Any], calls: list[Call]) -> Callable[..., Any]:
    @functools.wraps(call)
    def watched(*args: Any, **kwargs: Any) -> Any:
        made = call(*args, **kwargs)
        read = tuple(item for item in keras.tree.flatten(args) if hasattr(item, "shape"))
        calls.append(Call(part, read, tuple(keras.tree.flatten(made)), kwargs))
        return made

    return watched


def _by_name(outputs: Any) -> dict[str, Any]:
    flat = keras.tree.flatten(outputs)
    return dict(zip(names_of(outputs) or numbered(len(flat)), flat, strict=True))


@contextlib.contextmanager
def undisturbed(layer: Any) -> Iterator[None]:
    """Puts back what a symbolic call changes: nodes, attributes, names, random states."""
    parts = list(layer._flatten_layers())
    nodes = [(part, len(part._inbound_nodes), len(part._outbound_nodes)) for part in parts]
    attributes = [(part, dict(vars(part)), set(part._loss_ids)) for part in parts]
    names, states = _name_counts(), (random.getstate(), np.random.get_state())
    before = None if names is None else dict(names)
    for part in parts:
        if not part.built:
            vars(part)["_maybe_build"] = _refuse
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


def _refuse(call_spec: Any) -> None:
    raise RuntimeError("Expected layers that are built: building them is the training's work.")


def _restore(attributes: dict[str, Any], held: dict[str, Any]) -> None:
    for name in [name for name in attributes if name not in held]:
        del attributes[name]
    for name, value in held.items():
        if name not in attributes or attributes[name] is not value:
            attributes[name] = value


def _name_counts() -> Any:
    from keras.src.backend.common import global_state

    return global_state.get_global_attribute("object_name_uids")


def _symbolic_arguments(layer: Any, shapes: dict[str, Any], dtype: str) -> list[Any]:
    parameters = inspect.signature(layer.call).parameters
    for name in shapes:
        if name != "input_shape" and name.removesuffix("_shape") not in parameters:
            raise ValueError(f"Expected {name} to belong to an argument of call().")
    return [_symbolic(shape, dtype) for shape in shapes.values()]


def _symbolic(shape: Any, dtype: str) -> Any:
    if isinstance(shape, dict):
        return {key: _symbolic(item, dtype) for key, item in shape.items()}
    if any(isinstance(item, list | tuple | dict) for item in shape):
        return type(shape)(_symbolic(item, dtype) for item in shape)
    return keras.KerasTensor((None, *shape[1:]), dtype=dtype)
