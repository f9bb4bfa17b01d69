"""What a decoder of a script is fed with while it trains."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstuck.case.facts import Place
from unstuck.case.script import Call, Model, Script

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional")
CONSTANTS = ("zeros", "zeros_like", "ones", "ones_like", "full", "full_like", "empty")
"""Functions that make an array of one value."""


def decodes(model: Model) -> bool:
    """Whether a recurrent layer of a model starts from the states of another one."""
    return any(layer.states for layer in model.layers if layer.kind in RECURRENT)


def constant_inputs(fit: Call, script: Script) -> Iterator[Place]:
    """Yields where inputs are made that hold one value throughout."""
    for part in _inputs(fit):
        made = _last_value(part, fit, script)
        name = _name(made.func) if isinstance(made, ast.Call) else ""
        if made is not None and name in CONSTANTS and not _filled(part, script):
            yield Place(script.path, made.lineno)


def own_targets(fit: Call, script: Script) -> Iterator[Place]:
    """Yields where inputs are given that are the targets themselves."""
    if not isinstance(fit.node, ast.Call):
        return
    named = [part.value for part in fit.node.keywords if part.arg == "y"]
    targets = [*named, *fit.node.args[1:2]]
    for part in _inputs(fit):
        if targets and ast.dump(part) == ast.dump(targets[0]):
            yield Place(script.path, part.lineno)


def _inputs(fit: Call) -> list[ast.expr]:
    """Returns the inputs of a call of ``fit`` where there are several."""
    if not isinstance(fit.node, ast.Call):
        return []
    named = [part.value for part in fit.node.keywords if part.arg == "x"]
    given = [*named, *fit.node.args[:1]]
    if given and isinstance(given[0], ast.List | ast.Tuple) and len(given[0].elts) > 1:
        return list(given[0].elts)
    if given and isinstance(given[0], ast.Dict):
        return list(given[0].values)
    return []


def _last_value(node: ast.expr, fit: Call, script: Script) -> ast.expr | None:
    """Returns what a name, or the array that a slice is taken of, is assigned last."""
    name = _array(node)
    if name is None:
        return node
    values = [
        statement.value
        for statement in script.nodes(ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id == name and statement.lineno <= fit.line
    ]
    return max(values, key=lambda value: value.lineno, default=None)


def _filled(node: ast.expr, script: Script) -> bool:
    """Whether the script writes into an array, or gives it to something that may."""
    name = _array(node)
    return any(
        isinstance(target, ast.Subscript) and _array(target) == name
        for statement in script.nodes(ast.Assign)
        for target in statement.targets
    )


def _array(node: ast.expr) -> str | None:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
