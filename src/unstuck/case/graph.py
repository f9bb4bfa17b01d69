"""The calls of layers and operations that lead from a model's inputs to its outputs.

A built functional or sequential model keeps this graph; for a model with its own
``call`` the graph is drawn by running ``call`` on symbolic tensors (``symbolic.py``).
Read here are ``Node`` and ``KerasTensor``, which have not changed since Keras 3.0.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from unstuck.case.facts import Shape


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of a layer or operation.

    Attributes:
        layer: The layer or operation itself.
        inputs: Symbolic tensors that it reads, masks left out.
        outputs: Symbolic tensors that it makes.
        arguments: Keyword arguments of the call.
    """

    layer: Any
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    arguments: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Graph:
    """Calls in the order of the data, and the outputs by name."""

    calls: tuple[Call, ...]
    outputs: dict[str, Any]

    def producer(self, tensor: Any) -> Call | None:
        """Returns the call that makes a tensor, None for inputs."""
        for call in self.calls:
            if any(made is tensor for made in call.outputs):
                return call
        return None


def kind_of(model: Any) -> str:
    """Returns "sequential", "functional" or "subclassed".

    A subclass of a functional model that brings its own ``call`` counts as subclassed.
    """
    if not type(model).call.__module__.startswith("keras."):
        return "subclassed"
    if isinstance(model, keras.Sequential):
        return "sequential"
    return "functional" if hasattr(model, "_run_through_graph") else "subclassed"


def kept_graph(model: Any) -> Graph | None:
    """Returns the graph that a functional or sequential model keeps, else None.

    A sequential model that isn't built yet has one too, with tensors of unknown shape.
    """
    kind = kind_of(model)
    if kind == "subclassed":
        return None
    function = getattr(model, "_functional", None) if kind == "sequential" else model
    if function is None:
        return _chain(model.layers)
    return Graph(tuple(calls_to(function.outputs)), dict(_named_outputs(model, function)))


def input_names(model: Any) -> list[str]:
    """Returns the names of a model's inputs, ["input"] where they aren't known."""
    if kind_of(model) == "subclassed":
        return ["input"]
    try:
        tensors = model.inputs
    except AttributeError:  # a sequential model that isn't built yet
        return ["input"]
    return [str(tensor._keras_history.operation.name) for tensor in tensors]


def fixed_batch(model: Any) -> int | None:
    """Returns the batch size that a model fixes, None if it takes any."""
    try:
        shapes = [tuple(tensor.shape) for tensor in model.inputs or []]
    except AttributeError:  # a subclassed model has no inputs
        return None
    return next((int(shape[0]) for shape in shapes if shape and shape[0]), None)


def calls_to(tensors: Sequence[Any]) -> Iterator[Call]:
    """Yields the calls that tensors depend on, each after the calls that it reads."""
    done: set[int] = set()
    waiting = [(node, False) for node in reversed([_maker(tensor) for tensor in tensors])]
    while waiting:
        node, ready = waiting.pop()
        if node is None or id(node) in done:
            continue
        if ready:
            done.add(id(node))
            yield _call(node)
            continue
        waiting.append((node, True))
        waiting.extend((_maker(tensor), False) for tensor in reversed(_read(node)))


def names_of(structure: Any) -> list[str] | None:
    """Returns the keys of a flat dict of tensors in Keras's flattening order, else None."""
    if isinstance(structure, dict) and structure:
        return [str(key) for key in sorted(structure)]
    return None


class _Unshaped:
    """Stands for a tensor between two layers that haven't been called yet."""

    shape = None


def _chain(layers: Sequence[Any]) -> Graph | None:
    tensors = [_Unshaped() for _ in range(len(layers) + 1)]
    steps = zip(layers, tensors, tensors[1:], strict=False)
    calls = tuple(Call(layer, (read,), (made,), {}) for layer, read, made in steps)
    return Graph(calls, {str(layers[-1].name): tensors[-1]}) if layers else None


def _named_outputs(model: Any, function: Any) -> Iterator[tuple[str, Any]]:
    names = names_of(getattr(function, "_outputs_struct", None)) or list(function.output_names)
    for index, (name, tensor) in enumerate(zip(names, function.outputs, strict=False)):
        # Outputs of one layer, as the states of an LSTM, bear one name.
        before = names[:index].count(name)
        yield (f"{name}_{before}" if before else name), tensor


def _maker(tensor: Any) -> Any:
    history = getattr(tensor, "_keras_history", None)
    if history is None or history.operation is None:
        return None
    return history.operation._inbound_nodes[history.node_index]


def _read(node: Any) -> list[Any]:
    masks = {id(mask) for mask in keras.tree.flatten(node.arguments.kwargs.get("mask"))}
    return [tensor for tensor in node.input_tensors if id(tensor) not in masks]


def _call(node: Any) -> Call:
    return Call(
        node.operation, tuple(_read(node)), tuple(node.output_tensors), node.arguments.kwargs
    )


def shape_of(tensors: Sequence[Any]) -> Shape | None:
    """Returns the shape of the first tensor with a free batch axis, None where it is unknown."""
    shape = getattr(tensors[0], "shape", None) if tensors else None
    if shape is None:
        return None
    # JAX traces free sizes as symbols; torch runs with some size, so the batch's tells nothing.
    sizes = [size if size is None or isinstance(size, int) else None for size in tuple(shape)]
    return (None, *sizes[1:]) if sizes else ()
