"""Labels that the source puts in blocks: all of one class, then all of the next."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstuck.case.facts import Place
from unstuck.case.script import Call, Script
from unstuck.findings.data.origins import Origins

JOINING = ("concatenate", "hstack", "r_", "append", "concat", "vstack")
"""Functions that put arrays one after the other."""
FILLING = ("zeros", "ones", "full", "zeros_like", "ones_like", "full_like")
"""Functions that make an array of one value."""
MIXING = ("shuffle", "permutation", "permuted", "train_test_split", "sample", "choice", "resample")
"""Functions by which a script mixes its rows."""
PARTS = 2
"""Blocks that make an order."""


def block_labels(fit: Call, script: Script) -> Place | None:
    """Returns where the targets of a call of ``fit`` are made in blocks or sorted.

    None where they are not, or where the script mixes any rows at all.
    """
    if any(_name(call.func) in MIXING for call in script.nodes(ast.Call)):
        return None
    for node in Origins(script).of_targets(fit):
        if _blocks(node) or _name(node.func) in ("repeat", "sort"):
            return Place(script.path, node.lineno)
    names = set(_target_names(fit))
    return next(
        (Place(script.path, line) for line, name in _ordered(script) if name in names), None
    )


def _blocks(node: ast.Call) -> bool:
    """Whether a call joins arrays of one value each, as ``concatenate([zeros(n), ones(m)])``."""
    parts = node.args[:1]
    if _name(node.func) not in JOINING or not parts:
        return False
    joined = parts[0].elts if isinstance(parts[0], ast.List | ast.Tuple) else node.args
    return len(joined) >= PARTS and all(_one_value(part) for part in joined)


def _one_value(node: ast.expr) -> bool:
    """Whether an expression is an array of one value: zeros(n), [1] * n, 2 * ones(n)."""
    if isinstance(node, ast.BinOp):
        return _one_value(node.left) or _one_value(node.right)
    if isinstance(node, ast.List):
        return len(node.elts) == 1
    return isinstance(node, ast.Call) and _name(node.func) in FILLING


def _ordered(script: Script) -> Iterator[tuple[int, str]]:
    """Yields line and name of assignments ``y = y[order]`` whose order is an argsort."""
    sorts = {
        target.id
        for node in script.nodes(ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
        and isinstance(node.value, ast.Call)
        and _name(node.value.func) == "argsort"
    }
    for node in script.nodes(ast.Assign):
        for target in node.targets:
            for name, value in _pairs(target, node.value):
                if isinstance(value, ast.Subscript) and _sorted(value.slice, sorts):
                    yield node.lineno, name


def _sorted(index: ast.expr, sorts: set[str]) -> bool:
    if isinstance(index, ast.Name):
        return index.id in sorts
    return isinstance(index, ast.Call) and _name(index.func) == "argsort"


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, other in zip(target.elts, value.elts, strict=False):
            yield from _pairs(one, other)


def _target_names(fit: Call) -> Iterator[str]:
    if not isinstance(fit.node, ast.Call):
        return
    named = [keyword.value for keyword in fit.node.keywords if keyword.arg == "y"]
    for node in [*named, *fit.node.args[1:2]]:
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                yield part.id


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
