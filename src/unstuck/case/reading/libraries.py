"""Calls of other libraries: recorded by name, and the few whose result says something evaluated."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from unstuck.case.reading.objects import Arguments, Instance, Partial, Tensor, tensors
from unstuck.case.reading.values import UNKNOWN, Call, Unknown, Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Reader


def call_foreign(reader: Reader, path: str, arguments: Arguments, node: ast.Call) -> Value:
    """Records a call of another library; its result is known only as that call."""
    special = _FUNCTIONS.get(path)
    if special is not None:
        return special(reader, arguments, node)
    call = Call(path.rpartition(".")[2], path, node, reader.file, by_position(arguments))
    call.open = arguments.open
    reader.record(call)
    inputs = tuple(tensor for value in arguments.everything() for tensor in tensors(value))
    if inputs:
        return Value(Tensor(call, inputs), node, reader.file)
    return Value(call, node, reader.file)


def by_position(arguments: Arguments) -> dict[str, Value]:
    """Returns the arguments, positional ones by their number as text."""
    numbered = {str(index): value for index, value in enumerate(arguments.positional)}
    return numbered | arguments.keywords


def call_foreign_method(
    reader: Reader, receiver: Value, name: str, arguments: Arguments, node: ast.Call
) -> Value | None:
    """Records a method of another library's object; None if it may be a Keras model's."""
    made: Call = receiver.content
    if name == "add_argument":
        _add_argument(made, arguments)
    if name in ("parse_args", "parse_known_args"):
        return _parsed(reader, made, name, node)
    if name in ("compile", "fit"):
        return None
    call = Call(name, f"{made.path}.{name}", node, reader.file, by_position(arguments))
    call.receiver = receiver
    reader.record(call)
    return Value(call, node, reader.file)


def _add_argument(parser: Call, arguments: Arguments) -> None:
    flags = [flag.content for flag in arguments.positional if isinstance(flag.content, str)]
    named = arguments.keywords.get("dest")
    if named is not None and isinstance(named.content, str):
        target = named.content
    else:
        longest = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
        target = longest.lstrip("-").replace("-", "_")
    parser.attributes[target] = _default(arguments)


def _default(arguments: Arguments) -> Value:
    if "default" in arguments.keywords:
        return arguments.keywords["default"]
    action = arguments.keywords.get("action", Value(None)).content
    if action == "store_true":
        return Value(False)
    return Value(True if action == "store_false" else UNKNOWN)


def _parsed(reader: Reader, parser: Call, name: str, node: ast.Call) -> Value:
    namespace = Value(Instance(None, parser.attributes), node, reader.file)
    if name == "parse_args":
        return namespace
    return Value((namespace, reader.unknown(node)), node, reader.file)


def _namespace(reader: Reader, arguments: Arguments, node: ast.Call) -> Value:
    return Value(Instance(None, dict(arguments.keywords)), node, reader.file)


def _partial(reader: Reader, arguments: Arguments, node: ast.Call) -> Value:
    if not arguments.positional:
        return reader.unknown(node)
    rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.open)
    return Value(Partial(arguments.positional[0], rest), node, reader.file)


def _environment(reader: Reader, arguments: Arguments, node: ast.Call) -> Value:
    # What a script reads from the environment is usually unset, and then the default holds.
    return arguments.at(1, "default")


def _field(reader: Reader, arguments: Arguments, node: ast.Call) -> Value:
    default = arguments.keywords.get("default")
    if default is not None:
        return default
    from unstuck.case.reading.applying import apply

    factory = arguments.keywords.get("default_factory")
    if factory is None or isinstance(factory.content, Unknown):
        return reader.unknown(node)
    return apply(reader, factory, Arguments([], {}), node)


_FUNCTIONS: dict[str, Callable[[Reader, Arguments, ast.Call], Value]] = {
    "argparse.Namespace": _namespace,
    "types.SimpleNamespace": _namespace,
    "functools.partial": _partial,
    "os.environ.get": _environment,
    "os.getenv": _environment,
    "dataclasses.field": _field,
}
