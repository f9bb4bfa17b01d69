"""Functions and classes of the script itself, evaluated where they are called."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.objects import (
    Arguments,
    Class,
    Function,
    Instance,
    Scope,
    Tensor,
    choose,
    layer_calls,
)
from unstuck.case.reading.values import Call, Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Reader

CALLS_CAP = 12
"""A function called from more places than this is a tool for the data, not one for the model."""

DEPTH_CAP = 12
"""Calls inside calls; a training script nests three or four."""


def call_function(
    reader: Reader, function: Function, arguments: Arguments, receiver: Value | None
) -> Value:
    """Evaluates the body with the arguments bound, and returns what it may return."""
    definition: Any = function.definition
    function.calls += 1
    if (
        function.calls > CALLS_CAP
        or len(reader.stack) >= DEPTH_CAP
        or any(running is definition for running in reader.stack)
    ):
        return reader.unknown(definition)
    scope = Scope(function.scope)
    if receiver is not None and "staticmethod" not in function.decorators:
        scope.method_of, scope.instance = function.owner, receiver
        arguments = Arguments([receiver, *arguments.positional], arguments.keywords, arguments.open)
    _bind_parameters(reader, function, arguments, scope)
    return _run(reader, definition, scope)


def _run(reader: Reader, definition: Any, scope: Scope) -> Value:
    maybe, loops = reader.maybe, reader.loops
    reader.stack.append(definition)
    try:
        if isinstance(definition, ast.Lambda):
            return reader.evaluate(definition.body, scope)
        left = reader.execute(definition.body, scope)
    finally:
        reader.stack.pop()
        reader.maybe, reader.loops = maybe, loops
    if left is None and not scope.returns:
        return Value(None, definition, reader.file)
    return choose(scope.returns)


def _bind_parameters(
    reader: Reader, function: Function, arguments: Arguments, scope: Scope
) -> None:
    parameters = getattr(function.definition, "args", None)
    if not isinstance(parameters, ast.arguments):
        return
    names = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
    given = dict(zip(names, arguments.positional, strict=False))
    keywords = dict(arguments.keywords)
    for parameter in (*names, *(parameter.arg for parameter in parameters.kwonlyargs)):
        value = given.get(parameter) or keywords.pop(parameter, None)
        if value is None:
            value = function.defaults.get(parameter) or reader.unknown(parameters)
        scope.names[parameter] = value
    if parameters.vararg is not None:
        scope.names[parameters.vararg.arg] = Value(tuple(arguments.positional[len(names) :]))
    if parameters.kwarg is not None:
        rest = reader.unknown() if arguments.open else Value(dict(keywords))
        scope.names[parameters.kwarg.arg] = rest


def defaults(reader: Reader, parameters: ast.arguments, scope: Scope) -> dict[str, Value]:
    """Evaluates the default values of parameters, as Python does at the definition."""
    positional = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
    first = len(positional) - len(parameters.defaults)
    found = {
        name: reader.evaluate(node, scope)
        for name, node in zip(positional[first:], parameters.defaults, strict=True)
    }
    for parameter, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
        if default is not None:
            found[parameter.arg] = reader.evaluate(default, scope)
    return found


def construct(reader: Reader, cls: Class, arguments: Arguments, node: Any) -> Value:
    """Makes an object of a class of the script: a model, a Keras object, or a plain one."""
    cls.used = True
    base = cls.keras_base
    if base is None:
        made = cls.instance = Value(Instance(cls), node, reader.file)
        initialize(reader, made, arguments)
        return made
    from unstuck.case.reading.making import make_subclassed

    call = Call(
        cls.kind, cls.path, node, reader.file, _named(cls, arguments), cls.definition, origin=cls
    )
    call.open = arguments.open
    if base in ("keras.Model", "keras.Sequential"):
        return make_subclassed(reader, cls, call, arguments)
    made = cls.instance = Value(call, node, reader.file)
    initialize(reader, made, arguments)
    if call.layer:
        hold(call, (inner for value in call.attributes.values() for inner in layer_calls(value)))
    if isinstance(node, ast.Call):
        reader.record(call)
    return made


def hold(holder: Call, layers: Any) -> None:
    """Notes which layers a wrapper, layer or model holds."""
    for layer in layers:
        if layer is not holder and layer not in holder.holds:
            holder.holds = (*holder.holds, layer)
            layer.inside = layer.inside or holder


def initialize(reader: Reader, made: Value, arguments: Arguments) -> None:
    """Runs the object's own ``__init__``, or fills the fields of a dataclass."""
    cls: Class = made.content.origin
    member = cls.member("__init__")
    if member is not None and isinstance(member.content, Function):
        call_function(reader, member.content, arguments, made)
        return
    given = dict(zip(cls.fields, arguments.positional, strict=False)) | arguments.keywords
    made.content.attributes.update(given)


def _named(cls: Class, arguments: Arguments) -> dict[str, Value]:
    """Returns the arguments by the names that the class's own __init__ gives them."""
    member = cls.member("__init__")
    definition = member.content.definition if member is not None else None
    names: list[str] = []
    if isinstance(definition, ast.FunctionDef):
        names = [parameter.arg for parameter in definition.args.args[1:]]
    by_position = {
        names[index] if index < len(names) else str(index): value
        for index, value in enumerate(arguments.positional)
    }
    return by_position | arguments.keywords


def run_call(reader: Reader, made: Value) -> Value | None:
    """Evaluates the object's own ``call`` on an unknown input; None if it has none."""
    member = made.content.origin.member("call")
    if member is None or not isinstance(member.content, Function):
        return None
    definition = member.content.definition
    count = len(definition.args.args) - 1 if isinstance(definition, ast.FunctionDef) else 1
    first = Value(Tensor(), definition, reader.file)
    return call_function(reader, member.content, Arguments([first][:count], {}), made)
