"""Keras calls: layers, models, and the methods of a model."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.functions import hold, initialize, run_call
from unstuck.case.reading.models import Model
from unstuck.case.reading.objects import Arguments, Class, Tensor, layer_calls, producers, tensors
from unstuck.case.reading.signatures import SIGNATURES
from unstuck.case.reading.values import Call, Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Reader

_COMPILES = {"optimizer", "loss", "metrics"}
_FITS = {"epochs", "batch_size", "validation_data", "validation_split", "steps_per_epoch"}
"""Keywords that make a method of an unknown object Keras's: sklearn's ``fit`` has none of them."""


def bind(path: str, arguments: Arguments) -> dict[str, Value]:
    """Returns the arguments by Keras's parameter names."""
    names = SIGNATURES.get(path, ())
    by_position = {
        names[index] if index < len(names) else str(index): value
        for index, value in enumerate(arguments.positional)
    }
    return by_position | arguments.keywords


def call_keras(reader: Reader, path: str, arguments: Arguments, node: ast.Call) -> Value:
    """Records a call of Keras and returns what it gives."""
    kind = path.rpartition(".")[2]
    call = Call(kind, path, node, reader.file, bind(path, arguments), open=arguments.open)
    reader.record(call)
    if path in _MODELS:
        return _make_model(reader, call, _MODELS[path])
    if path == "keras.Input":
        return Value(Tensor(call), node, reader.file)
    inputs = tuple(tensor for value in arguments.everything() for tensor in tensors(value))
    if inputs:
        return output(reader, call, inputs, node)
    if call.layer:
        hold(call, (layer for value in arguments.everything() for layer in layer_calls(value)))
    return Value(call, node, reader.file)


def output(reader: Reader, layer: Call, inputs: tuple[Tensor, ...], node: ast.AST) -> Value:
    """Returns the tensor that a layer makes of its inputs."""
    for tensor in inputs:
        for producer in producers(tensor):
            if producer not in layer.inputs and producer is not layer:
                layer.inputs = (*layer.inputs, producer)
    return Value(Tensor(layer, inputs), node, reader.file)


def initial_states(arguments: Arguments) -> tuple[Call, ...]:
    """Returns the layers whose output a recurrent layer is given as its initial state."""
    given = arguments.keywords.get("initial_state")
    if given is None and len(arguments.positional) > 1:
        given = arguments.positional[1]
    found = tensors(given) if given is not None else ()
    return tuple(producer for tensor in found for producer in producers(tensor))


_MODELS = {
    "keras.Sequential": "sequential",
    "keras.Model": "functional",
    "keras.models.load_model": "loaded",
    "keras.saving.load_model": "loaded",
    "keras.models.model_from_json": "loaded",
}


def _make_model(reader: Reader, call: Call, kind: str) -> Value:
    model = Model(kind, call)
    call.model = model
    reader.models.append(model)
    if kind == "sequential":
        add_layers(model, call.get("layers"))
    elif kind == "functional":
        model.inputs, model.outputs = call.get("inputs"), call.get("outputs")
    return Value(model, call.node, reader.file)


def fill_model(model: Model, arguments: Arguments) -> None:
    """Gives a subclass what it passes to Keras's own ``__init__``."""
    if model.kind == "sequential":
        add_layers(model, bind("keras.Sequential", arguments).get("layers", Value(None)))
        return
    given = bind("keras.Model", arguments)
    if any(tensors(given.get("outputs", Value(None)))):
        model.inputs, model.outputs = given.get("inputs"), given["outputs"]


def make_subclassed(reader: Reader, cls: Class, call: Call, arguments: Arguments) -> Value:
    """Makes a model of a class of the script, and follows its ``call`` once."""
    sequential = cls.keras_base == "keras.Sequential"
    model = Model("sequential" if sequential else "subclassed", call, origin=cls)
    call.model = model
    reader.models.append(model)
    made = cls.instance = Value(model, call.node, reader.file)
    initialize(reader, made, arguments)
    for value in model.attributes.values():
        model.created.extend(layer for layer in layer_calls(value) if layer not in model.created)
    returned = run_call(reader, made)
    if returned is not None:
        model.outputs = returned
    if isinstance(call.node, ast.Call):
        reader.record(call)
    return made


def add_layers(model: Model, layers: Value) -> None:
    """Appends layers to a Sequential model; what isn't known takes a place as well."""
    for layer in _stacked(layers):
        if model.stack and layer not in model.stack:
            layer.inputs = (*layer.inputs, model.stack[-1])
        model.stack.append(layer)
        if layer.model is not None:
            layer.model.nested = True


def _stacked(value: Value) -> Iterator[Call]:
    if isinstance(value.content, list | tuple):
        for item in value.content:
            yield from _stacked(item)
    elif value.content is not None:
        known = list(layer_calls(value))
        other = value.call or Call("unknown", "unknown", _NOWHERE, value.file, {}, open=True)
        yield from known or [other]


_NOWHERE = ast.Call(ast.Name("unknown"), [], [], lineno=0, col_offset=0, end_lineno=0)


def call_method(
    reader: Reader,
    model: Model,
    receiver: Value,
    name: str,
    arguments: Arguments,
    node: ast.Call,
) -> Value:
    """Records a method call on a model, and does to the model what it does."""
    path = f"keras.Model.{name}"
    bound = bind(path, arguments)
    call = Call(name, path, node, reader.file, bound, receiver=receiver, open=arguments.open)
    reader.record(call)
    if name == "add":
        add_layers(model, call.get("layer"))
    elif name == "pop" and model.stack:
        model.stack.pop()
    elif name == "compile":
        model.compiles.append(call)
    elif name in _KEPT:
        kept: list[Call] = getattr(model, _KEPT[name])
        if all(other.node is not node for other in kept):
            kept.append(call)
    elif name == "get_layer":
        return _get_layer(reader, model, call)
    return reader.unknown(node)


_KEPT = {
    "fit": "fits",
    "fit_generator": "fits",
    "evaluate": "evaluates",
    "predict": "predicts",
}


def _get_layer(reader: Reader, model: Model, call: Call) -> Value:
    layers = model.own_layers()
    index, name = call.get("index").content, call.get("name").content
    if isinstance(index, int) and -len(layers) <= index < len(layers):
        return Value(layers[index], layers[index].node, reader.file)
    for layer in layers:
        if isinstance(name, str) and layer.get("name").content == name:
            return Value(layer, layer.node, reader.file)
    return reader.unknown(call.node)


def call_unknown_method(
    reader: Reader, receiver: Value, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    """A method of an object that isn't known: Keras's, if its keywords say so.

    The object is then taken for a model from here on.
    """
    told = arguments.keywords.keys()
    if (name == "compile" and told & _COMPILES) or (name == "fit" and told & _FITS):
        model = Model("unknown", Call("Model", "keras.Model", node, reader.file, {}))
        reader.models.append(model)
        receiver.content = model
        return call_method(reader, model, receiver, name, arguments, node)
    inputs: tuple[Any, ...] = tuple(
        tensor for value in arguments.everything() for tensor in tensors(value)
    )
    if inputs:
        return Value(Tensor(None, inputs, "arithmetic"), node, reader.file)
    return reader.unknown(node)
