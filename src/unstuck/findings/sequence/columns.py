"""Tables in the source of a script, and where their columns are made steps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from unstuck.case.facts import Place
from unstuck.case.script import Call, Script
from unstuck.findings.sequence.reshapes import reshapes

LOADERS = {
    *("load_iris", "load_wine", "load_breast_cancer", "load_diabetes", "load_linnerud"),
    *("fetch_california_housing", "fetch_covtype", "make_classification", "make_regression"),
    *("load_boston", "make_friedman1", "make_friedman2", "make_friedman3"),
}
"""Functions of scikit-learn that return a table of unordered columns."""
WINDOWING = {
    *("sliding_window_view", "timeseries_dataset_from_array", "TimeseriesGenerator", "shift"),
    *("append", "as_strided", "pad_sequences", "rolling", "roll"),
}
"""Functions that make windows of a series, or sequences of another kind."""
FEWEST = 3
"""Columns with names of their own from which a selection is a table."""
FAR = 200
"""Nodes behind an input beyond which the way isn't followed."""
_NUMBERED = re.compile(r"[\d_\-+ ]+")


def table_of(fit: Call, script: Script) -> Place | None:
    """Returns where the columns of a table become the steps of the inputs, None if none do.

    The inputs of a call of ``fit`` must come from columns that are selected by names, or from a
    loader of tables, without any window in between.
    """
    nodes = list(_behind(fit, script))
    if any(_windows(node) for node in nodes) or not any(_table(n, script) for n in nodes):
        return None
    return column_steps(script)


def column_steps(script: Script) -> Place | None:
    """Returns the first line that gives an array a last axis of one: each column is then a step."""
    lines = [one.node.lineno for one in reshapes(script) if _one(one.axes[2])]
    for node in script.nodes(ast.Call):
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if name == "expand_dims" and _last(node):
            lines.append(node.lineno)
    for subscript in script.nodes(ast.Subscript):
        index = subscript.slice
        parts = index.elts if isinstance(index, ast.Tuple) else []
        if parts and _none(parts[-1]) and not any(_none(part) for part in parts[:-1]):
            lines.append(subscript.lineno)
    return Place(script.path, min(lines)) if lines else None


def _behind(fit: Call, script: Script) -> Iterator[ast.AST]:
    """Yields the expressions that the inputs of a call of ``fit`` are made of."""
    if not isinstance(fit.node, ast.Call):
        return
    named = [keyword.value for keyword in fit.node.keywords if keyword.arg == "x"]
    work: list[ast.AST] = [*named, *fit.node.args[:1]]
    assigned = _assigned(script)
    seen: set[str] = set()
    count = 0
    while work and count < FAR:
        node = work.pop()
        for inner in ast.walk(node):
            count += 1
            yield inner
            if isinstance(inner, ast.Name) and inner.id not in seen:
                seen.add(inner.id)
                work += assigned.get(inner.id, [])


def _assigned(script: Script) -> dict[str, list[ast.AST]]:
    found: dict[str, list[ast.AST]] = {}
    for node in script.nodes(ast.Assign):
        for target in node.targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name):
                    found.setdefault(part.id, []).append(node.value)
    return found


def _windows(node: ast.AST) -> bool:
    """Whether an expression makes windows, or fills a list in some way of its own."""
    if isinstance(node, ast.Call):
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        return name in WINDOWING
    return isinstance(node, ast.ListComp | ast.GeneratorExp) or (
        isinstance(node, ast.List) and not node.elts
    )


def _table(node: ast.AST, script: Script) -> bool:
    if isinstance(node, ast.Call):
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        return name in LOADERS
    if not isinstance(node, ast.Subscript):
        return False
    names: ast.AST = node.slice
    if isinstance(names, ast.Name):
        known = script.names.get(names.id)
        names = known.node if known is not None and known.node is not None else names
    return isinstance(names, ast.List) and _apart([_text(part) for part in names.elts])


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _apart(names: list[str]) -> bool:
    """Whether columns have names of their own, not numbers: lag_1, lag_2 are steps in time."""
    stems = {_NUMBERED.sub("", name) for name in names}
    return len(names) >= FEWEST and "" not in stems and len(stems) == len(names)


def _one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _none(node: ast.expr) -> bool:
    newaxis = isinstance(node, ast.Attribute) and node.attr == "newaxis"
    return newaxis or (isinstance(node, ast.Constant) and node.value is None)


def _last(node: ast.Call) -> bool:
    """Whether ``expand_dims`` adds the last axis of an array of two."""
    given = [*node.args[1:2], *(part.value for part in node.keywords if part.arg == "axis")]
    return any(ast.unparse(part) in ("-1", "2") for part in given)
