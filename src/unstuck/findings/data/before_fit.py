"""Lines that repair the arrays of a call of ``fit`` before it is made."""

from __future__ import annotations

import ast
import dataclasses

from unstuck.case.edits import insert_before
from unstuck.case.script import Call, Reference, Script
from unstuck.findings.sites import Edits


@dataclasses.dataclass(frozen=True)
class Given:
    """Names of the arrays that a call of ``fit`` is given, None where they have none.

    Attributes:
        x: Of the inputs; of a slice, the array that it is cut from.
        y: Of the targets.
        held_x: Of the validation inputs.
        held_y: Of the validation targets.
    """

    x: str | None
    y: str | None
    held_x: str | None
    held_y: str | None


def given(fit: Call) -> Given:
    """Returns the names of what ``fit`` is given."""
    node = fit.node
    if not isinstance(node, ast.Call):
        return Given(None, None, None, None)
    named = {part.arg: part.value for part in node.keywords}
    held = named.get("validation_data")
    parts = held.elts if isinstance(held, ast.Tuple | ast.List) else []
    x, y = (named.get(name) for name in ("x", "y"))
    return Given(
        _name(x or next(iter(node.args[:1]), None)),
        _name(y or next(iter(node.args[1:2]), None)),
        _name(next(iter(parts[:1]), None)),
        _name(next(iter(parts[1:2]), None)),
    )


def inserted(fit: Call, script: Script, lines: list[str]) -> Edits:
    """Returns the edit that puts lines in front of the statement that calls ``fit``."""
    statements = [
        node
        for node in script.nodes(ast.Expr, ast.Assign, ast.Return)
        if node.lineno <= fit.line <= (node.end_lineno or node.lineno)
    ]
    if not lines or not statements:
        return ()
    line = min(node.lineno for node in statements)
    # Of a statement that shares its line with another, the line is no place to insert at.
    alone = script.lines[line - 1][: min(n.col_offset for n in statements)].strip() == ""
    return insert_before(script, line, "\n".join(lines)) if alone else ()


def numpy_name(script: Script) -> str | None:
    """Returns what a script calls NumPy, None if it does not import it."""
    return next(
        (
            name
            for name, value in script.names.items()
            if isinstance(value.content, Reference) and value.content.path == "numpy"
        ),
        None,
    )


def _name(node: ast.expr | None) -> str | None:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
