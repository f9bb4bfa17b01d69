"""Loops of a script that predict, put the prediction where inputs come from, and predict again."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator

from unstuck.case.facts import Place
from unstuck.case.script import Model, Script

PREDICTS = ("predict", "predict_on_batch")
GROWS = ("append", "extend", "insert", "appendleft")


@dataclasses.dataclass(frozen=True)
class Rollout:
    """One loop.

    Attributes:
        place: Where it predicts.
        steps: How often it does so, None where that isn't known.
    """

    place: Place
    steps: int | None


def rollouts(script: Script) -> Iterator[Rollout]:
    """Yields the loops that feed predictions back."""
    loops: Iterator[ast.For | ast.While] = script.nodes(ast.For, ast.While)
    for loop in loops:
        calls = [node for node in ast.walk(loop) if isinstance(node, ast.Call)]
        predictions = [call for call in calls if _predicts(call, script)]
        if not predictions or _inside_inner(loop, predictions):
            continue
        fed = _fed(loop, script)
        for call in predictions:
            if any(_names(part) & fed for part in (*call.args, *call.keywords)):
                yield Rollout(Place(script.path, call.lineno), _steps(loop, script))
                break


def _inside_inner(loop: ast.For | ast.While, predictions: list[ast.Call]) -> bool:
    """Whether a loop within this one makes the predictions; that one is asked for itself."""
    inner = [n for n in ast.walk(loop) if n is not loop and isinstance(n, ast.For | ast.While)]
    return any(call in ast.walk(one) for one in inner for call in predictions)


def _predicts(node: ast.AST, script: Script) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr in PREDICTS
    known = script.names.get(node.func.id) if isinstance(node.func, ast.Name) else None
    return known is not None and isinstance(known.content, Model)


def _fed(loop: ast.For | ast.While, script: Script) -> set[str]:
    """Returns the names that hold something of a prediction made in the loop."""
    flows = list(_flows(loop))
    fed: set[str] = set()
    while True:
        more = {
            name
            for name, value in flows
            if name not in fed
            and (_names(value) & fed or any(_predicts(node, script) for node in ast.walk(value)))
        }
        if not more:
            return fed
        fed |= more


def _flows(loop: ast.For | ast.While) -> Iterator[tuple[str, ast.expr]]:
    """Yields what goes into which name: by assignment, also of a part, or by a list that grows."""
    for node in ast.walk(loop):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for name in _bases(target):
                    yield name, node.value
        elif (grown := _grown(node)) is not None:
            for name in _bases(grown.value):
                yield from ((name, argument) for argument in getattr(node, "args", ()))


def _grown(node: ast.AST) -> ast.Attribute | None:
    """Returns the method of a list that a call makes grow, None for other nodes."""
    func = node.func if isinstance(node, ast.Call) else None
    return func if isinstance(func, ast.Attribute) and func.attr in GROWS else None


def _bases(target: ast.expr) -> Iterator[str]:
    """Yields the names that an assignment to a target changes."""
    if isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _bases(part)
    while isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _steps(loop: ast.For | ast.While, script: Script) -> int | None:
    """Returns how often a loop over ``range(n)`` runs, None for others."""
    call = loop.iter if isinstance(loop, ast.For) else None
    if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "range":
        return None
    if len(call.args) != 1:
        return None
    end = call.args[0]
    known = script.names.get(end.id) if isinstance(end, ast.Name) else None
    value = end.value if isinstance(end, ast.Constant) else known and known.value
    return value if isinstance(value, int) else None
