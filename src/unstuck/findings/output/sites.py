"""Where in the user's source losses, metrics and heads are made, and the edits that change them."""

from __future__ import annotations

import ast

from unstuck.case.edits import remove_argument, replace_call, set_argument
from unstuck.case.facts import HeadFacts, Place
from unstuck.case.script import Head, Script, Value
from unstuck.findings.evidence import Output
from unstuck.findings.sites import Edits, Scripts, call_at, written


def loss_place(output: Output, scripts: Scripts) -> Place | None:
    """Returns where the loss is written; the call of ``compile`` where that isn't known."""
    return written(_argument(output, "loss", scripts)) or output.loss.place


def metrics_place(output: Output, scripts: Scripts) -> Place | None:
    """Returns where the metrics are written; the call of ``compile`` where that isn't known."""
    return written(_argument(output, "metrics", scripts)) or output.loss.place


def loss_edit(output: Output, scripts: Scripts, name: str) -> Edits:
    """Returns the edit that names another loss for the only output; nothing for several."""
    place = output.loss.place
    call = call_at(place, "compile", scripts)
    if call is None or place is None or call.get("loss").entries or call.get("loss").items:
        return ()
    return set_argument(call, scripts[place.file], "loss", f'"{name}"')


def source_head(head: HeadFacts, scripts: Scripts) -> tuple[Script, Head] | None:
    """Returns a head as the source has it, None where the source doesn't show it."""
    call = call_at(head.place, head.kind, scripts)
    if call is None or head.place is None:
        return None
    script = scripts[head.place.file]
    ends = [end for model in script.models for end in model.heads if end.layer is call]
    return (script, ends[0]) if ends else (script, Head(call, head.activation, call))


def activation_edit(head: HeadFacts, scripts: Scripts, activation: str) -> Edits:
    """Returns the edit that gives a head another last activation."""
    found = source_head(head, scripts)
    if found is None:
        return ()
    script, end = found
    by = end.activated_by or end.layer
    if by is None:
        return ()
    if by is end.layer and activation == "linear":
        return remove_argument(by, script, "activation")
    # A layer of its own that ends the model, such as ReLU(), has nothing to rename.
    if by is not end.layer and by.path != "keras.layers.Activation":
        return ()
    return set_argument(by, script, "activation", f'"{activation}"')


def head_edit(head: HeadFacts, scripts: Scripts, units: int, activation: str) -> Edits:
    """Returns the edit that gives a Dense head other units and another activation at once."""
    found = source_head(head, scripts)
    if found is None or found[1].layer is None or found[1].layer.kind != "Dense":
        return ()
    script, call = found[0], found[1].layer
    if found[1].activated_by not in (None, call) or not isinstance(call.node, ast.Call):
        return ()
    kept = [k for k in call.node.keywords if k.arg not in ("units", "activation")]
    given = [str(units), f'activation="{activation}"', *(ast.unparse(k) for k in kept)]
    return replace_call(call, script, f"{ast.unparse(call.node.func)}({', '.join(given)})")


def _argument(output: Output, name: str, scripts: Scripts) -> Value | None:
    call = call_at(output.loss.place, "compile", scripts)
    if call is None or name not in call.arguments:
        return None
    value = call.arguments[name]
    return value.entries.get(output.name, value)
