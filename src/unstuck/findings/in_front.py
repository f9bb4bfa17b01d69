"""The edit that puts layers in front of another one, in each way in which models are written."""

from __future__ import annotations

import ast

from unstuck.case.edits import insert_before, replace_call
from unstuck.case.script import Call, Script
from unstuck.findings.sites import Edits


def in_front(call: Call, script: Script, *layers: str) -> Edits:
    """Returns the edits that let data pass through layers before they reach another one.

    Args:
        call: The call that makes that layer.
        script: The script.
        layers: The expressions that make the new ones, in the order of the data.

    Returns:
        Empty where the layer stands in no list, no ``add`` and is not called on one tensor, or
        says itself what shape the input has.
    """
    shaped = {"input_shape", "batch_input_shape"} & call.arguments.keys()
    if shaped or not isinstance(call.node, ast.Call):
        return ()
    return (
        _in_list(call, script, layers)
        or _by_add(call, script, layers)
        or _by_call(call, script, layers)
    )


def _in_list(call: Call, script: Script, layers: tuple[str, ...]) -> Edits:
    listed = any(call.node in node.elts for node in script.nodes(ast.List))
    written = ast.get_source_segment(script.text, call.node)
    if not listed or written is None:
        return ()
    return replace_call(call, script, ", ".join([*layers, written]))


def _by_add(call: Call, script: Script, layers: tuple[str, ...]) -> Edits:
    for node in script.nodes(ast.Expr):
        added = node.value
        if not isinstance(added, ast.Call) or not isinstance(added.func, ast.Attribute):
            continue
        if added.func.attr == "add" and call.node in added.args:
            model = ast.unparse(added.func.value)
            lines = [f"{model}.add({layer})" for layer in layers]
            return insert_before(script, node.lineno, "\n".join(lines))
    return ()


def _by_call(call: Call, script: Script, layers: tuple[str, ...]) -> Edits:
    """Edits ``LSTM(8)(x)``, which becomes ``LSTM(8)(Permute((2, 1))(x))``."""
    for node in script.nodes(ast.Call):
        if node.func is not call.node or len(node.args) != 1:
            continue
        tensor = ast.get_source_segment(script.text, node.args[0])
        layer = ast.get_source_segment(script.text, call.node)
        if tensor is None or layer is None:
            return ()
        for made in layers:
            tensor = f"{made}({tensor})"
        more = [ast.get_source_segment(script.text, part.value) for part in node.keywords]
        named = [f"{part.arg}={text}" for part, text in zip(node.keywords, more, strict=True)]
        applied = Call(call.kind, call.path, node, call.file, {})
        return replace_call(applied, script, f"{layer}({', '.join([tensor, *named])})")
    return ()
