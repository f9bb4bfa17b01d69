"""Where in the user's source something was made, and the edits that change it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from unstuck.case.edits import remove_argument, set_argument
from unstuck.case.facts import LayerFacts, Place
from unstuck.case.script import Call, Model, Reference, Script, Value
from unstuck.record import Edit

Scripts = Mapping[str, Script]
Edits = tuple[Edit, ...]

PLAIN = (str, int, float, bool)
"""Options of a layer that read the same in its source and in its configuration."""

INPUTS = ("Input", "InputLayer")


def call_at(place: Place | None, kind: str | None, scripts: Scripts) -> Call | None:
    """Returns the call that was running at a place, None where the source doesn't show it."""
    script = scripts.get(place.file) if place is not None else None
    return None if script is None or place is None else script.call_at(place.line, kind)


def layer_call(layer: LayerFacts, scripts: Scripts) -> Call | None:
    """Returns the call that made a layer, None where a line could have made it or another."""
    place = layer.place
    script = scripts.get(place.file) if place is not None else None
    if script is None or place is None:
        return None
    made: dict[ast.AST, Call] = {
        call.node: call
        for call in script.calls
        if call.kind == layer.kind and call.line <= place.line <= call.end_line
    }
    alike = [(_agreement(call, layer.config), call) for call in made.values()]
    best = max((count for count, _ in alike if count is not None), default=None)
    closest = [call for count, call in alike if count is not None and count == best]
    return closest[0] if len(closest) == 1 else None


def option_edit(layer: LayerFacts, scripts: Scripts, name: str, source: str) -> Edits:
    """Returns the edit that sets an option of a layer."""
    call = layer_call(layer, scripts)
    if call is None or layer.place is None:
        return ()
    return set_argument(call, scripts[layer.place.file], name, source)


def option_place(layer: LayerFacts, scripts: Scripts, name: str) -> Place | None:
    """Returns where an option of a layer is written: for ``rate = 0.9; Dropout(rate)`` the 0.9.

    Of an option that is made by a call, as ``L2(0.1)`` is, it is where its first number is written;
    where the source doesn't show any of that, the place of the layer.
    """
    call = layer_call(layer, scripts)
    value = None if call is None else call.arguments.get(name)
    if value is not None and value.call is not None:
        numbers = (v for v in value.call.arguments.values() if isinstance(v.value, float | int))
        value = next(numbers, value)
    return (value.place if value is not None else None) or layer.place


def flag_edit(layer: LayerFacts, scripts: Scripts, name: str, value: bool) -> Edits:
    """Returns the edit that sets an option of a layer; False is left out, as it is the default."""
    if value:
        return option_edit(layer, scripts, name, "True")
    call = layer_call(layer, scripts)
    if call is None or layer.place is None:
        return ()
    return remove_argument(call, scripts[layer.place.file], name)


def argument_edit(call: Call, script: Script, name: str, source: str) -> Edits:
    """Returns the edit that gives an argument a new value where that value is written.

    For ``rate = 0.5`` and ``Adam(rate)`` that is the ``0.5``, unless something else uses the
    name as well; then it is the argument.
    """
    at_origin = constant_edit(call.get(name), script, source)
    return at_origin or set_argument(call, script, name, source)


def constant_edit(value: Value, script: Script, source: str) -> Edits:
    """Returns the edit that replaces a constant where it is written, if nothing else uses it."""
    node = value.node
    if not isinstance(node, ast.Constant) or type(node.value) not in PLAIN:
        return ()
    line = script.lines[node.lineno - 1]
    # Columns of the syntax tree count bytes.
    if not line.isascii() or node.end_lineno != node.lineno or shared(script, node):
        return ()
    written = line[node.col_offset : node.end_col_offset]
    if not _reads(written, node.value):
        return ()
    if written.startswith("'") and "'" not in source:
        source = source.replace('"', "'")
    new = line[: node.col_offset] + source + line[node.end_col_offset :]
    return (Edit(node.lineno, line, new),) if new != line else ()


def together(*parts: Edits) -> Edits:
    """Joins edits that need each other: all of them, or none where two change the same line."""
    edits = tuple(edit for part in parts for edit in part)
    lines = [edit.line for edit in edits]
    return edits if all(parts) and len(set(lines)) == len(lines) else ()


def only(script: Script, *calls: Call | None) -> bool:
    """Whether an edit of these calls changes nothing else.

    Each must be there, must not depend on a condition, and its place in the source must
    make no other call, as that in a function that builds several models does.
    """
    return all(
        call is not None
        and not call.maybe
        and sum(1 for other in script.calls if other.node is call.node) == 1
        for call in calls
    )


def written(value: Value | None) -> Place | None:
    """Returns the place of the call that makes a value, else of its own expression."""
    if value is None:
        return None
    return value.call.place if value.call is not None else value.place


def input_shape(model: Model) -> tuple[Value, ...]:
    """Returns the axes of a model's only input after the batch; empty where they aren't known."""
    shapes = [shape for layer in model.layers for shape in _shapes(layer)]
    return shapes[0] if len(shapes) == 1 else ()


def _shapes(layer: Call) -> Iterator[tuple[Value, ...]]:
    """Yields the shape that a layer gives to the input in front of it."""
    for name, first in (
        ("shape", 0),
        ("input_shape", 0),
        ("batch_shape", 1),
        ("batch_input_shape", 1),
    ):
        # Reshape and others have a shape of their own.
        if name in layer.arguments and (first or name == "input_shape" or layer.kind in INPUTS):
            yield layer.arguments[name].items[first:]


def keras_name(script: Script, section: str) -> str | None:
    """Returns what a script calls a section of Keras, for example "tf.keras.optimizers".

    None where it has imported nothing that leads there.
    """
    for path, rest in ((f"keras.{section}", ""), ("keras", f".{section}")):
        for name, value in script.names.items():
            if isinstance(value.content, Reference) and value.content.path == path:
                return name + rest
    for name, value in script.names.items():
        if isinstance(value.content, Reference) and value.content.path == "tensorflow":
            return f"{name}.keras.{section}"
    return None


def _agreement(call: Call, config: Mapping[str, Any]) -> int | None:
    """Returns how many options a call gives as a layer has them, None if it gives another."""
    given = {name: value.value for name, value in call.arguments.items()}
    told = {n: v for n, v in given.items() if n in config and isinstance(v, PLAIN)}
    return len(told) if all(config[name] == value for name, value in told.items()) else None


def shared(script: Script, node: ast.AST) -> bool:
    """Whether an expression is the value of a name that the script reads more than once."""
    for statement in script.nodes(ast.Assign):
        if statement.value is node:
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            return len(names) > 1 or sum(1 for _ in _uses(script, names)) > 1
    return False


def _uses(script: Script, names: list[str]) -> Iterator[ast.Name]:
    for node in script.nodes(ast.Name):
        if node.id in names and isinstance(node.ctx, ast.Load):
            yield node


def _reads(text: str, value: Any) -> bool:
    try:
        return bool(ast.literal_eval(text) == value)
    except (SyntaxError, ValueError):
        return False
