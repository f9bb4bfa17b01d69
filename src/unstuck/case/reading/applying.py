"""What a call gives: a layer, a tensor, a model, or what a function of the script returns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.attributes import get_attribute
from unstuck.case.reading.builtins import call_builtin, call_container
from unstuck.case.reading.functions import call_function, construct
from unstuck.case.reading.iterating import iterate
from unstuck.case.reading.libraries import call_foreign, call_foreign_method
from unstuck.case.reading.making import (
    call_keras,
    call_method,
    call_unknown_method,
    fill_model,
    initial_states,
    output,
)
from unstuck.case.reading.models import Model
from unstuck.case.reading.objects import (
    Arguments,
    Class,
    Function,
    Instance,
    Method,
    Partial,
    Scope,
    Tensor,
    choose,
    tensors,
)
from unstuck.case.reading.values import Call, Choice, Reference, Unknown, Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Reader


def evaluate_call(reader: Reader, node: Any, scope: Scope) -> Value:
    """Evaluates callee and arguments, then applies one to the other."""
    function = node.func
    if isinstance(function, ast.Name) and function.id == "super":
        return _super(reader, node, scope)
    if not isinstance(function, ast.Attribute):
        callee = reader.evaluate(function, scope)
        return apply(reader, callee, _arguments(reader, node, scope), node)
    receiver = reader.evaluate(function.value, scope)
    arguments = _arguments(reader, node, scope)
    return _on_receiver(reader, receiver, function.attr, arguments, node)


def _arguments(reader: Reader, node: ast.Call, scope: Scope) -> Arguments:
    found = Arguments([], {})
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            spread = iterate(reader.evaluate(argument.value, scope))
            found.positional.extend(spread or ())
            found.open = found.open or spread is None
        else:
            found.positional.append(reader.evaluate(argument, scope))
    for keyword in node.keywords:
        value = reader.evaluate(keyword.value, scope)
        if keyword.arg is not None:
            found.keywords[keyword.arg] = value
        elif isinstance(value.content, dict):
            named = {key: item for key, item in value.content.items() if isinstance(key, str)}
            found.keywords.update(named)
            found.open = found.open or len(named) < len(value.content)
        else:
            found.open = True
    return found


def _super(reader: Reader, node: ast.Call, scope: Scope) -> Value:
    around: Scope | None = scope
    while around is not None and around.method_of is None:
        around = around.parent
    if around is None or around.method_of is None or around.instance is None:
        return reader.unknown(node)
    bases = [base.content for base in around.method_of.bases]
    parent = next((base for base in bases if isinstance(base, Class)), None)
    return Value(_Super(around.instance, parent), node, reader.file)


class _Super(Instance):
    """The object of a method, its members looked up from the parent class on."""

    def __init__(self, instance: Value, parent: Class | None) -> None:
        super().__init__(parent)
        self.instance = instance


def _on_receiver(
    reader: Reader, receiver: Value, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    content = receiver.content
    if isinstance(content, Choice):
        reader.maybe += 1
        results = [
            _on_receiver(reader, option, name, arguments, node) for option in content.options
        ]
        reader.maybe -= 1
        return choose(results)
    if isinstance(content, _Super):
        member = content.origin.member(name) if content.origin else None
        if member is not None and isinstance(member.content, Function):
            return call_function(reader, member.content, arguments, content.instance)
        if name == "__init__" and isinstance(content.instance.content, Model):
            fill_model(content.instance.content, arguments)
        return reader.unknown(node)
    if isinstance(content, list | dict | str | tuple):
        return call_container(reader, receiver, name, arguments, node)
    return _on_object(reader, receiver, name, arguments, node)


def _on_object(
    reader: Reader, receiver: Value, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    content = receiver.content
    if isinstance(content, Model) and not _defines(content, name):
        return call_method(reader, content, receiver, name, arguments, node)
    if isinstance(content, Call) and not content.keras:
        found = call_foreign_method(reader, receiver, name, arguments, node)
        return found or call_unknown_method(reader, receiver, name, arguments, node)
    if isinstance(content, Tensor) and not _defines(content, name):
        return Value(Tensor(None, (content,), "arithmetic"), node, reader.file)
    callee = get_attribute(reader, receiver, name, node.func)
    if not isinstance(callee.content, Unknown):
        return apply(reader, callee, arguments, node)
    return call_unknown_method(reader, receiver, name, arguments, node)


def _defines(content: Model | Tensor, name: str) -> bool:
    if name in content.attributes:
        return True
    return content.origin is not None and content.origin.member(name) is not None


def apply(reader: Reader, callee: Value, arguments: Arguments, node: ast.Call | Any) -> Value:
    """Returns what calling the callee gives."""
    content = callee.content
    if isinstance(content, Class):
        return construct(reader, content, arguments, node)
    if isinstance(content, Function):
        return call_function(reader, content, arguments, None)
    if isinstance(content, Method):
        return call_function(reader, content.function, arguments, content.receiver)
    if isinstance(content, Partial):
        return apply(reader, content.callee, _merged(content.arguments, arguments), node)
    if isinstance(content, Choice):
        return choose([apply(reader, option, arguments, node) for option in content.options])
    if isinstance(content, Reference):
        return _apply_reference(reader, content.path, arguments, node)
    return _apply_object(reader, callee, arguments, node)


def _merged(first: Arguments, then: Arguments) -> Arguments:
    return Arguments(
        first.positional + then.positional,
        {**first.keywords, **then.keywords},
        first.open or then.open,
    )


def _apply_reference(reader: Reader, path: str, arguments: Arguments, node: ast.Call) -> Value:
    if path.startswith("keras."):
        return call_keras(reader, path, arguments, node)
    if path.startswith("builtins."):
        return call_builtin(reader, path[len("builtins.") :], arguments, node)
    return call_foreign(reader, path, arguments, node)


def _apply_object(reader: Reader, callee: Value, arguments: Arguments, node: ast.Call) -> Value:
    content = callee.content
    inputs = tuple(tensor for value in arguments.everything() for tensor in tensors(value))
    if isinstance(content, Model):
        content.nested = content.nested or bool(inputs) or bool(reader.stack)
        return output(reader, content.constructor, inputs, node)
    if isinstance(content, Call) and content.layer:
        content.states += initial_states(arguments)
        return output(reader, content, inputs, node)
    if isinstance(content, Instance) and content.origin is not None:
        member = content.origin.member("__call__")
        if member is not None and isinstance(member.content, Function):
            return call_function(reader, member.content, arguments, callee)
    if inputs:
        return Value(Tensor(None, inputs, "arithmetic"), node, reader.file)
    return reader.unknown(node)
