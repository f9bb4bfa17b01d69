"""The edit that gives each category values of its own: an Embedding in front of the cell."""

from __future__ import annotations

import ast

from unstuck.case.edits import insert_before, replace_call
from unstuck.case.facts import ArrayFacts, LayerFacts
from unstuck.case.script import Call, Script
from unstuck.findings.sites import Edits, Scripts, keras_name, layer_call

DIMENSIONS = 8
"""Values of each category: room for more kinds of effect than 500 samples show."""


def embedding_edits(layer: LayerFacts, array: ArrayFacts, scripts: Scripts) -> Edits:
    """Returns the edits that look the only feature of an input up in a table.

    Args:
        layer: The recurrent layer that reads the input.
        array: The input.

    Returns:
        Empty where the feature is no code from zero up, or the layer stands in no list and no
        ``add``.
    """
    call = layer_call(layer, scripts)
    single = len(array.shape) == 3 and array.shape[2] == 1 and array.shape == _read(layer, array)
    if call is None or layer.place is None or not single or not array.integral:
        return ()
    script = scripts[layer.place.file]
    section = keras_name(script, "layers")
    shaped = {"input_shape", "batch_input_shape"} & call.arguments.keys()
    if section is None or shaped or array.minimum is None or array.minimum < 0:
        return ()
    kinds = int(array.maximum or 0) + 1
    table = f"{section}.Embedding({kinds}, {DIMENSIONS})"
    shape = f"{section}.Reshape(({array.shape[1]}, {DIMENSIONS}))"
    return _in_list(call, script, table, shape) or _by_add(call, script, table, shape)


def _read(layer: LayerFacts, array: ArrayFacts) -> tuple[int | None, ...]:
    """Returns the shape that a layer reads, with the number of samples of the array."""
    return (array.shape[0], *(layer.input_shape or ())[1:])


def _in_list(call: Call, script: Script, *layers: str) -> Edits:
    listed = any(call.node in node.elts for node in script.nodes(ast.List))
    written = ast.get_source_segment(script.text, call.node)
    if not listed or written is None or "\n" in written:
        return ()
    return replace_call(call, script, ", ".join([*layers, written]))


def _by_add(call: Call, script: Script, *layers: str) -> Edits:
    for node in script.nodes(ast.Expr):
        added = node.value
        if not isinstance(added, ast.Call) or not isinstance(added.func, ast.Attribute):
            continue
        if added.func.attr == "add" and call.node in added.args:
            model = ast.unparse(added.func.value)
            lines = [f"{model}.add({layer})" for layer in layers]
            return insert_before(script, node.lineno, "\n".join(lines))
    return ()
