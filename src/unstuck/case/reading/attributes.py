"""Attributes of what a name is bound to: modules, objects, layers, models."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from unstuck.case.reading.models import Model
from unstuck.case.reading.names import canonical
from unstuck.case.reading.objects import (
    Arguments,
    Class,
    Function,
    Instance,
    Method,
    Tensor,
    choose,
)
from unstuck.case.reading.values import Call, Choice, Reference, Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Reader


def get_attribute(reader: Reader, base: Value, name: str, node: ast.AST) -> Value:
    """Returns base.name."""
    content = base.content
    if isinstance(content, Class):
        return content.member(name) or reader.unknown(node)
    if isinstance(content, Reference) and not isinstance(content, Function):
        return Value(Reference(canonical(f"{content.path}.{name}")), node, reader.file)
    if isinstance(content, Choice):
        return choose([get_attribute(reader, option, name, node) for option in content.options])
    if isinstance(content, Instance | Call | Model | Tensor):
        return _of_object(reader, base, name, node)
    return reader.unknown(node)


def _of_object(reader: Reader, base: Value, name: str, node: ast.AST) -> Value:
    content = base.content
    if name in content.attributes:
        found: Value = content.attributes[name]
        return found
    member = content.origin.member(name) if content.origin is not None else None
    if member is not None:
        return _bound(reader, base, member, node)
    if isinstance(content, Model):
        return _of_model(reader, content, name, node)
    if isinstance(content, Call) and name in content.arguments:
        return content.arguments[name]
    return reader.unknown(node)


def _bound(reader: Reader, base: Value, member: Value, node: ast.AST) -> Value:
    if not isinstance(member.content, Function):
        return member
    kinds = member.content.decorators
    if "staticmethod" in kinds:
        return member
    method = Value(Method(member.content, base), node, reader.file)
    if kinds & {"property", "cached_property"}:
        from unstuck.case.reading.applying import apply

        return apply(reader, method, Arguments([], {}), node)
    return method


def _of_model(reader: Reader, model: Model, name: str, node: ast.AST) -> Value:
    if name == "layers":
        layers = [Value(call, call.node, reader.file) for call in model.own_layers()]
        return Value(layers, node, reader.file)
    if name in ("output", "outputs", "input", "inputs"):
        found = model.ends(name.rstrip("s"))
        if found is not None:
            return Value(found, node, reader.file)
    if name == "optimizer" and model.compile is not None:
        return model.compile.get("optimizer")
    return reader.unknown(node)


def set_attribute(base: Value, name: str, value: Value) -> None:
    """Sets base.name in every object that the base may be."""
    for option in base.alternatives:
        if isinstance(option.content, Instance | Call | Model):
            option.content.attributes[name] = value
        elif isinstance(option.content, Class):
            option.content.scope.names[name] = value
