"""Where a script writes the length of its windows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from unstuck.case.facts import FitFacts, ModelFacts, Place
from unstuck.case.script import Script
from unstuck.findings.sites import Edits, Scripts, input_shape, together
from unstuck.record import Edit

NAMES = re.compile(r"window|look|back|step|seq|hist|lag|past|len|context|win|tau", re.IGNORECASE)
"""What people call the number of steps in a window."""


def window_edits(
    window: int, wanted: int, model: ModelFacts, fit: FitFacts, scripts: Scripts
) -> tuple[Edits, Place | None]:
    """Returns the edits that cut longer windows, and where their length is written.

    Empty where the script does not write that number once, under a name that says what it is;
    a number in the shape of the input is changed along.
    """
    places = (model.place, fit.place, *(layer.place for layer in model.layers))
    for path in dict.fromkeys(place.file for place in places if place is not None):
        script = scripts.get(path)
        written = [] if script is None else list(_named(window, script.tree))
        if script is not None and len(written) == 1:
            changes = [
                _changed(node, wanted, script) for node in (*written, *_shape(window, script))
            ]
            return together(*changes), Place(path, written[0].lineno)
    return (), None


def _named(value: int, tree: ast.AST) -> Iterator[ast.Constant]:
    """Yields the constants of a value that are given a name that a window may have."""
    for node in ast.walk(tree):
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            pairs = [(target.id, node.value) for target in targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.arguments):
            names = [argument.arg for argument in (*node.posonlyargs, *node.args)]
            pairs = list(zip(reversed(names), reversed(node.defaults), strict=False))
        for name, given in pairs:
            if isinstance(given, ast.Constant) and given.value == value and NAMES.search(name):
                yield given


def _shape(window: int, script: Script) -> Iterator[ast.Constant]:
    """Yields the number of steps where it is written into the shape of an input."""
    named = list(_named(window, script.tree))
    for model in script.models:
        steps = next(iter(input_shape(model)), None)
        node = steps.node if steps is not None and steps.value == window else None
        if isinstance(node, ast.Constant) and node not in named:
            yield node


def _changed(node: ast.Constant, value: int, script: Script) -> Edits:
    line = script.lines[node.lineno - 1]
    # Columns of the syntax tree count bytes.
    if not line.isascii() or node.end_lineno != node.lineno:
        return ()
    new = f"{line[: node.col_offset]}{value}{line[node.end_col_offset :]}"
    return (Edit(node.lineno, line, new),)
