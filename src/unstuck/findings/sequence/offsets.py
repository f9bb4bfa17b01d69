"""Where a script takes the target of a window from: the offset that its indices give."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator, Mapping

from unstuck.case.facts import Place
from unstuck.case.script import Script
from unstuck.record import Edit

Linear = dict[str, int]
"""A sum of terms with whole factors, by the source of each term; the constant under ""."""


@dataclasses.dataclass(frozen=True)
class Shift:
    """One target that is taken from inside its own window.

    Attributes:
        place: Where the target is indexed.
        back: Steps from the last one of the window back to the target, None where only that it is
            the window's first is known.
        edits: What takes the value after the window instead, where that is known to exist.
    """

    place: Place
    back: int | None
    edits: tuple[Edit, ...] = ()


@dataclasses.dataclass(frozen=True)
class _Cut:
    """One slice or index of an array: its base, bounds and columns as they are written."""

    node: ast.Subscript
    base: str
    first: ast.expr | None
    last: ast.expr | None
    columns: str | None
    loop: ast.For | ast.comprehension | None


def inside_targets(script: Script) -> Iterator[Shift]:
    """Yields targets that the source indexes inside the windows of the same array."""
    yield from _from_datasets(script)
    for scope in _scopes(script):
        known: Mapping[str, ast.expr] | None = None
        for cuts in _by_base(scope):
            known = _known(scope) if known is None else known
            for window in cuts:
                yield from _taken_inside(window, cuts, known, script)


def _taken_inside(
    window: _Cut, cuts: list[_Cut], known: Mapping[str, ast.expr], script: Script
) -> Iterator[Shift]:
    """Yields what is taken from inside a window, if nothing else may be its target."""
    end = None if window.last is None else _linear(window.last, known)
    start = {} if window.first is None else _linear(window.first, known)
    if end is None or start is None or _constant(_minus(end, start)) in (0, 1):
        return
    found = []
    for cut in cuts:
        at = None if cut.first is None else _linear(cut.first, known)
        if cut is window or at is None or _variable(cut) != _variable(window):
            continue
        ahead, into = _constant(_minus(at, end)), _constant(_minus(at, start))
        if into is None if ahead is None else ahead >= 0:
            return  # a target after the window; the rest is a decoder's input or a baseline
        # A slice that moves with the window's start is a target for every step.
        if not _same_columns(window, cut) or (cut.last is not None and into is not None):
            continue
        place = Place(script.path, cut.node.lineno)
        if ahead is not None and ahead < 0:
            found.append(Shift(place, -ahead - 1, _after(window, cut, end, known, script)))
        elif into == 0:
            found.append(Shift(place, None))
    yield from found


def _same_columns(window: _Cut, target: _Cut) -> bool:
    """Whether the window holds the column of the target."""
    return window.columns is None or window.columns == target.columns


def _variable(cut: _Cut) -> str:
    return ast.dump(cut.loop.target) if cut.loop is not None else ""


def _scopes(script: Script) -> Iterator[ast.AST]:
    yield script.tree
    yield from script.nodes(ast.FunctionDef, ast.AsyncFunctionDef)


def _by_base(scope: ast.AST) -> list[list[_Cut]]:
    """Returns the cuts of the same array, where there are several."""
    found: dict[str, list[_Cut]] = {}
    for cut in _cuts(scope):
        found.setdefault(cut.base, []).append(cut)
    return [cuts for cuts in found.values() if len(cuts) > 1]


_COMPUTED = (ast.BinOp, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.IfExp, ast.Lambda)
"""What makes something else of a value: a difference of two values is no value of the window."""
_ELSEWHERE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_PASSED_BY = (ast.expr_context, ast.Constant, ast.Name, *_COMPUTED, *_ELSEWHERE)
"""Beside these, leaves, which are most nodes."""


def _cuts(scope: ast.AST) -> Iterator[_Cut]:
    """Yields what the loops and comprehensions of a scope take out of arrays, as it is."""
    work: list[tuple[ast.AST, ast.For | ast.comprehension | None]] = [(scope, None)]
    while work:
        node, loop = work.pop()
        if isinstance(node, ast.For):
            loop = node
        elif isinstance(node, ast.ListComp | ast.GeneratorExp):
            loop = node.generators[0]
        elif isinstance(node, ast.Subscript):
            if loop is not None and isinstance(node.ctx, ast.Load):
                yield _cut(node, loop)
            continue
        test = node.test if isinstance(node, ast.If | ast.While) else None
        inside = (child for child in ast.iter_child_nodes(node) if child is not test)
        work += [(child, loop) for child in inside if not isinstance(child, _PASSED_BY)]


def _cut(node: ast.Subscript, loop: ast.For | ast.comprehension | None) -> _Cut:
    index, columns = node.slice, None
    if isinstance(index, ast.Tuple) and index.elts:
        rest = [ast.dump(part) for part in index.elts[1:] if not _everything(part)]
        columns = "; ".join(rest) or None
        index = index.elts[0]
    if isinstance(index, ast.Slice):
        return _Cut(node, ast.dump(node.value), index.lower, index.upper, columns, loop)
    return _Cut(node, ast.dump(node.value), index, None, columns, loop)


def _everything(node: ast.expr) -> bool:
    bounds = (node.lower, node.upper, node.step) if isinstance(node, ast.Slice) else (node,)
    return all(bound is None for bound in bounds)


def _known(scope: ast.AST) -> dict[str, ast.expr]:
    """Returns names that the scope gives one sum of other names, as ``end = i + steps``."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    sums = {name: values[0] for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in sums.items() if isinstance(value, ast.BinOp)}


def _linear(node: ast.expr, known: Mapping[str, ast.expr], depth: int = 4) -> Linear | None:
    """Reads a sum; what is no sum is a term of its own. None for other arithmetic."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return {"": node.value}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _linear(node.operand, known, depth)
        return None if inner is None else _minus({}, inner)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        left, right = _linear(node.left, known, depth), _linear(node.right, known, depth)
        if left is None or right is None:
            return None
        return _minus(left, _minus({}, right) if isinstance(node.op, ast.Add) else right)
    if isinstance(node, ast.Name) and node.id in known and depth:
        return _linear(known[node.id], known, depth - 1)
    return None if isinstance(node, ast.BinOp) else {ast.dump(node): 1}


def _minus(one: Linear, other: Linear) -> Linear:
    terms = {key: one.get(key, 0) - other.get(key, 0) for key in {*one, *other}}
    return {key: factor for key, factor in terms.items() if factor}


def _constant(sum_: Linear) -> int | None:
    return sum_.get("", 0) if not sum_.keys() - {""} else None


def _after(
    window: _Cut, target: _Cut, end: Linear, known: Mapping[str, ast.expr], script: Script
) -> tuple[Edit, ...]:
    """Returns the edit that takes the value after the window, if the loop leaves room for it."""
    first, last, loop = target.first, window.last, window.loop
    if first is None or last is None or loop is None or not _room(window, loop, end, known):
        return ()
    line = script.lines[first.lineno - 1]
    wanted = ast.get_source_segment(script.text, last)
    if not line.isascii() or first.end_lineno != first.lineno or wanted is None or "\n" in wanted:
        return ()
    new = line[: first.col_offset] + wanted + line[first.end_col_offset :]
    return (Edit(first.lineno, line, new),)


def _room(
    window: _Cut, loop: ast.For | ast.comprehension, end: Linear, known: Mapping[str, ast.expr]
) -> bool:
    """Whether the value at a window's end exists for every window: range(len(series) - steps)."""
    call = loop.iter
    if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "range":
        return False
    stop = _linear(call.args[min(1, len(call.args) - 1)], known)
    counted = ast.Call(ast.Name("len", ast.Load()), [window.node.value], [])
    if stop is None:
        return False
    beyond = _minus(end, {ast.dump(loop.target).replace("Store()", "Load()"): 1})
    left = _constant(_minus(_minus({ast.dump(counted): 1}, beyond), stop))
    return left is not None and left >= 0


def _from_datasets(script: Script) -> Iterator[Shift]:
    """Yields calls of ``timeseries_dataset_from_array`` whose targets start with the windows."""
    for node in script.nodes(ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = name or getattr(node.func, "id", "")
        if name != "timeseries_dataset_from_array":
            continue
        given = dict(zip(("data", "targets", "sequence_length"), node.args, strict=False))
        given |= {part.arg: part.value for part in node.keywords if part.arg}
        data, targets, length = (given.get(n) for n in ("data", "targets", "sequence_length"))
        single = isinstance(length, ast.Constant) and length.value == 1
        if data is not None and targets is not None and not single and _start_alike(data, targets):
            yield Shift(Place(script.path, targets.lineno), None)


def _start_alike(data: ast.expr, targets: ast.expr) -> bool:
    """Whether both are the same array from its first row on, with the target's column in it."""
    cuts = [
        _cut(node, None)
        if isinstance(node, ast.Subscript)
        else _Cut(
            ast.Subscript(node, ast.Slice(), ast.Load()), ast.dump(node), None, None, None, None
        )
        for node in (data, targets)
    ]
    window, target = cuts
    begins = [cut.first is None or ast.dump(cut.first) == ast.dump(ast.Constant(0)) for cut in cuts]
    return window.base == target.base and all(begins) and _same_columns(window, target)
