"""The edit that pools over all steps instead of handing on the last state."""

from __future__ import annotations

import ast

from unstuck.case.edits import replace_call
from unstuck.case.facts import LayerFacts
from unstuck.case.script import Call, Script
from unstuck.findings.sites import Edits, Scripts, keras_name, layer_call


def pooling_edits(layer: LayerFacts, scripts: Scripts) -> Edits:
    """Returns the edit that makes a layer of a list hand on every step and averages them.

    Empty where the layer is not one of a list of layers, or says itself what it returns.
    """
    call = layer_call(layer, scripts)
    if call is None or layer.place is None:
        return ()
    script = scripts[layer.place.file]
    section = keras_name(script, "layers")
    if section is None or "return_sequences" in call.arguments or not _listed(call, script):
        return ()
    written = ast.get_source_segment(script.text, call.node)
    if written is None or "\n" in written:
        return ()
    inside = written[:-1].rstrip().removesuffix(",")
    comma = "" if inside.endswith("(") else ", "
    return replace_call(
        call,
        script,
        f"{inside}{comma}return_sequences=True), {section}.GlobalAveragePooling1D()",
    )


def _listed(call: Call, script: Script) -> bool:
    """Whether a call is an element of a list that is written out."""
    lists = (node for node in ast.walk(script.tree) if isinstance(node, ast.List))
    return any(element is call.node for node in lists for element in node.elts)
