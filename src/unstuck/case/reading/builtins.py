"""Python's built-in functions, and the methods of lists, dicts and texts, on what is known."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.arithmetic import LENGTH_CAP
from unstuck.case.reading.growing import GROWING, Items, grow, is_open
from unstuck.case.reading.iterating import hashable, iterate
from unstuck.case.reading.objects import Arguments, Tensor, choose, tensors
from unstuck.case.reading.values import UNKNOWN, Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Reader

_PURE: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "bool": bool,
    "float": float,
    "int": int,
    "max": max,
    "min": min,
    "round": round,
    "str": str,
    "sum": sum,
}
_SEQUENCES = {"list", "tuple", "set", "sorted", "reversed", "enumerate", "zip"}
NAMES = {*_PURE, *_SEQUENCES, "dict", "getattr", "isinstance", "len", "print", "range", "type"}
"""The built-ins that are followed; any other is unknown."""


def call_builtin(reader: Reader, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """Returns the built-in's value where its arguments are known."""
    if name in _PURE:
        return Value(_pure(_PURE[name], arguments), node, reader.file)
    if name in _SEQUENCES:
        return _sequence(reader, name, arguments, node)
    if name == "dict":
        return _dict(reader, arguments, node)
    if name == "len":
        return Value(_length(arguments.at(0, "obj")), node, reader.file)
    if name == "range":
        return Value(_range(arguments), node, reader.file)
    if name == "getattr":
        return _getattr(reader, arguments, node)
    return reader.unknown(node)


def _pure(function: Callable[..., Any], arguments: Arguments) -> Any:
    if arguments.keywords or arguments.open:
        return UNKNOWN
    if not all(value.known for value in arguments.positional):
        return UNKNOWN
    plain = [value.value for value in arguments.positional]
    if not all(isinstance(item, int | float | str | list | tuple | None) for item in plain):
        return UNKNOWN
    try:
        result = function(*plain)
    except (ArithmeticError, TypeError, ValueError, AttributeError):
        return UNKNOWN
    # Containers hold Values, so what comes out of sum() or max() must not be one.
    return result if isinstance(result, int | float | str) else UNKNOWN


def _sequence(reader: Reader, name: str, arguments: Arguments, node: ast.Call) -> Value:
    parts = [iterate(value) for value in arguments.positional]
    open_ended = any(is_open(value.content) for value in arguments.positional)
    if any(part is None for part in parts) or arguments.open:
        return reader.unknown(node)
    known: list[list[Value]] = [part for part in parts if part is not None]
    if name == "zip":
        rows = [Value(row) for row in zip(*known, strict=False)]
        return Value(Items(rows, reader.steps, open_ended), node, reader.file)
    items = known[0] if known else []
    if name == "enumerate":
        items = [Value((Value(index), item)) for index, item in enumerate(items)]
    elif name == "reversed":
        items = items[::-1]
    elif name == "sorted":
        return reader.unknown(node)
    if name == "tuple" and not open_ended:
        return Value(tuple(items), node, reader.file)
    # What is in a set once is read as often as it is written.
    open_ended = open_ended or (name == "set" and len(items) > 1)
    return Value(Items(items, reader.steps, open_ended), node, reader.file)


def _dict(reader: Reader, arguments: Arguments, node: ast.Call) -> Value:
    entries: dict[Any, Value] = {}
    for value in arguments.positional:
        entries.update(value.entries or {UNKNOWN: value})
    entries.update(arguments.keywords)
    if arguments.open:
        entries[UNKNOWN] = reader.unknown(node)
    return Value(entries, node, reader.file)


def _length(value: Value) -> Any:
    content = value.content
    if (isinstance(content, dict) and UNKNOWN in content) or is_open(content):
        return UNKNOWN
    return len(content) if isinstance(content, list | tuple | dict | str | range) else UNKNOWN


def _range(arguments: Arguments) -> Any:
    bounds = [value.content for value in arguments.positional]
    if not bounds or not all(isinstance(bound, int) for bound in bounds) or bounds[2:] == [0]:
        return UNKNOWN
    if any(abs(bound) > LENGTH_CAP for bound in bounds):
        return UNKNOWN
    return range(*bounds[:3])


def _getattr(reader: Reader, arguments: Arguments, node: ast.Call) -> Value:
    from unstuck.case.reading.attributes import get_attribute

    name = arguments.at(1, "name").content
    if not isinstance(name, str):
        return reader.unknown(node)
    return get_attribute(reader, arguments.at(0, "object"), name, node)


def call_container(
    reader: Reader, receiver: Value, name: str, arguments: Arguments, node: ast.Call
) -> Value:
    """Returns what a method of a list, dict, tuple or text gives, and does what it does."""
    content = receiver.content
    inputs = tuple(tensor for value in arguments.everything() for tensor in tensors(value))
    if isinstance(content, list):
        if name in GROWING:
            grow(reader, receiver)
        return _of_list(reader, receiver.content, name, arguments, node)
    if isinstance(content, dict):
        return _of_dict(reader, content, name, arguments, node)
    if isinstance(content, str) and name in ("lower", "upper", "strip", "title"):
        return Value(getattr(content, name)(), node, reader.file)
    if inputs:
        return Value(Tensor(None, inputs, "arithmetic"), node, reader.file)
    return reader.unknown(node)


def _of_list(
    reader: Reader, content: list[Value], name: str, arguments: Arguments, node: ast.Call
) -> Value:
    first = arguments.at(0, "object")
    if name in ("append", "add"):
        content.append(first)
    elif name == "extend":
        content.extend(iterate(first) or [reader.unknown(node)])
    elif name == "insert" and isinstance(first.content, int):
        content.insert(first.content, arguments.at(1, "object"))
    elif name == "pop" and content:
        return content.pop()
    elif name == "copy":
        return Value(Items(content, reader.steps, is_open(content)), node, reader.file)
    return reader.unknown(node)


def _of_dict(
    reader: Reader, content: dict[Any, Value], name: str, arguments: Arguments, node: ast.Call
) -> Value:
    if name in ("get", "pop", "setdefault"):
        key = hashable(arguments.at(0, "key"))
        if key in content:
            return content[key]
        default = arguments.positional[1] if len(arguments.positional) > 1 else Value(None)
        open_ended = UNKNOWN in content or key is UNKNOWN
        return choose([reader.unknown(node), default]) if open_ended else default
    if name == "update":
        for value in arguments.positional:
            content.update(value.entries or {UNKNOWN: value})
        content.update(arguments.keywords)
    if UNKNOWN in content:
        return reader.unknown(node)
    views = {
        "items": [Value((Value(key), value)) for key, value in content.items()],
        "keys": [Value(key) for key in content],
        "values": list(content.values()),
        "copy": dict(content),
    }
    return Value(views[name], node, reader.file) if name in views else reader.unknown(node)
