"""Logarithms, roots and divisions in a loss that nothing keeps away from zero."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator, Sequence

from unstuck.findings.output.gradient_flow import called
from unstuck.findings.output.own_loss import OwnLoss
from unstuck.findings.sites import Edits
from unstuck.record import Edit

LOGARITHMS = frozenset({"log", "log2", "log10"})
ROOTS = frozenset({"sqrt", "rsqrt", "reciprocal"})
QUOTIENTS = frozenset({"divide", "true_divide"})
GUARDS = frozenset(
    {"maximum", "clip", "clip_by_value", "max", "clamp", "where", "softplus", "exp", "epsilon"}
    | {"logaddexp", "logsumexp", "cosh", "shape", "size", "len", "cast_shape", "count_nonzero"}
)
"""Calls that keep a value from zero, or give one that cannot be zero."""
POSITIVE = frozenset({"square", "abs", "absolute", "sum", "mean", "norm", "sqrt", "exp", "std"})
"""Calls whose result is not negative, so that adding a constant guards it."""
_REDUCTIONS = frozenset({"mean", "sum", "reduce_mean", "reduce_sum"})
SMALL = "1e-7"
"""Keras's own fuzz factor, ``keras.config.epsilon()``."""


@dataclasses.dataclass(frozen=True)
class Unguarded:
    """One expression that is not finite at an edge.

    Attributes:
        node: The logarithm, root or division.
        edge: What must not be zero.
        repair: What to do, in words.
    """

    node: ast.expr
    edge: ast.expr
    repair: str


def unguarded(loss: OwnLoss) -> Iterator[Unguarded]:
    """Yields the unguarded expressions of a loss in the order of its lines."""
    names = {loss.targets, loss.predictions}
    guarded: set[str] = set()
    for statement in loss.body:
        for node in _in_order(statement):
            edge = _edge(node)
            if edge is not None and _depends(edge, names) and not _kept(edge, guarded):
                yield Unguarded(node, edge, _repair(node, edge))
        _note(statement, names, guarded)


def _in_order(statement: ast.stmt) -> list[ast.expr]:
    found = [node for node in ast.walk(statement) if isinstance(node, ast.expr)]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _note(statement: ast.stmt, names: set[str], guarded: set[str]) -> None:
    """Learns from assignments which names hold data, and which of them are kept from zero."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.Assign) or not _depends(node.value, names):
            continue
        targets = {
            leaf.id for t in node.targets for leaf in ast.walk(t) if isinstance(leaf, ast.Name)
        }
        names |= targets
        if _kept(node.value, guarded):
            guarded |= targets
        else:
            guarded -= targets


def _edge(node: ast.expr) -> ast.expr | None:
    """Returns what must not be zero for an expression to be finite, None if all is well."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return node.right
    if not isinstance(node, ast.Call) or not node.args:
        return None
    if called(node) in LOGARITHMS or (called(node) in ROOTS and not reduced(node.args[0])):
        return node.args[0]
    return node.args[1] if called(node) in QUOTIENTS and len(node.args) > 1 else None


def _depends(node: ast.expr, names: set[str]) -> bool:
    return any(isinstance(leaf, ast.Name) and leaf.id in names for leaf in ast.walk(node))


def _kept(node: ast.expr, guarded: set[str]) -> bool:
    """Whether something keeps an expression from zero: a guard, or a constant that is added."""
    if isinstance(node, ast.Name):
        return node.id in guarded
    if isinstance(node, ast.Attribute):
        return node.attr in GUARDS
    if isinstance(node, ast.Call):
        return called(node) in GUARDS or any(_kept(part, guarded) for part in node.args[:1])
    if isinstance(node, ast.BinOp):
        return _sum_kept(node, guarded)
    if isinstance(node, ast.Subscript):
        return _kept(node.value, guarded)
    return isinstance(node, ast.Constant) and node.value != 0


def _sum_kept(node: ast.BinOp, guarded: set[str]) -> bool:
    sides = [node.left, node.right]
    if isinstance(node.op, ast.Add):
        # Whatever the user adds on purpose (1e-7, 1.0, K.epsilon(), eps) is a guard.
        return any(_constant(side) or _kept(side, guarded) for side in sides)
    if isinstance(node.op, ast.Sub):
        # 1 - p is kept from zero where p was clipped, and not otherwise.
        return any(_kept(side, guarded) for side in sides if not _constant(side))
    return all(_constant(side) or _kept(side, guarded) for side in sides)


def _constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return called(node) == "epsilon"
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.Name | ast.Attribute)
        and "eps" in (node.id if isinstance(node, ast.Name) else node.attr).lower()
    )


def _repair(node: ast.expr, edge: ast.expr) -> str:
    text = ast.unparse(edge)
    if isinstance(node, ast.Call) and called(node) in LOGARITHMS:
        return f"Keep the logarithm from 0: `{ast.unparse(node.func)}({text} + {SMALL})`."
    if isinstance(node, ast.Call) and called(node) in ROOTS:
        return f"Keep the root from 0: `{ast.unparse(node.func)}({text} + {SMALL})`."
    return (
        f"Don't divide by what can be 0: add a typical size to `{text}`, for example 1.0, or drop "
        "the division."
    )


def guards(loss: OwnLoss, found: Sequence[Unguarded]) -> Edits:
    """Returns the edits that guard all of them, nothing where one can't be guarded in place."""
    changed: dict[int, str] = {}
    for fault in sorted(found, key=lambda fault: fault.edge.col_offset, reverse=True):
        line = fault.edge.lineno
        text = changed.get(line, loss.script.lines[line - 1])
        new = _guarded(text, fault)
        if new is None:
            return ()
        changed[line] = new
    return tuple(Edit(n, loss.script.lines[n - 1], new) for n, new in sorted(changed.items()))


def _guarded(line: str, fault: Unguarded) -> str | None:
    """Returns the line with a guard added from the right, None where lines or letters forbid it."""
    edge = fault.edge
    if edge.end_lineno != edge.lineno or edge.end_col_offset is None or not line.isascii():
        return None
    start, end = edge.col_offset, edge.end_col_offset
    division = isinstance(fault.node, ast.BinOp)
    guard = f"{line[start:end]} + {'1.0' if division else SMALL}"
    new = f"({guard})" if division and line[start - 1] != "(" else guard
    return line[:start] + new + line[end:]


def reduced(node: ast.expr) -> bool:
    """Whether an expression is a mean or sum over entries, zero only where all of them are."""
    return any(isinstance(p, ast.Call) and called(p) in _REDUCTIONS for p in ast.walk(node))
