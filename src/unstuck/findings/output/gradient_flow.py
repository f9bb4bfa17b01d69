"""Follows the predictions through the source of a loss: where does their gradient end?"""

from __future__ import annotations

import ast

from unstuck.findings.output.own_loss import OwnLoss

STEPS = frozenset(
    {"round", "rint", "floor", "ceil", "trunc", "sign", "argmax", "argmin", "argsort", "top_k"}
    | {"in_top_k", "one_hot", "bincount", "count_nonzero", "searchsorted", "digitize"}
)
"""Functions that are flat between their jumps: their derivative is zero or undefined."""
COMPARISONS = frozenset(
    {"equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "isclose"}
    | {"logical_and", "logical_or", "logical_not", "logical_xor", "isnan", "isfinite"}
)
DETACHING = frozenset({"stop_gradient", "numpy", "convert_to_numpy", "detach", "asarray", "item"})
SHAPES = frozenset({"shape", "ndim", "size", "zeros_like", "ones_like", "len", "dtype"})
"""What depends on the form of the predictions and not on their values."""
ENDING = STEPS | COMPARISONS | DETACHING | SHAPES
WHOLE = frozenset({"int", "bool", "uint", "int8", "int16", "int32", "int64", "uint8", "uint32"})
"""Types to which a cast cuts the gradient."""


class GradientFlow:
    """The names that carry a gradient from the predictions, statement by statement.

    Attributes:
        cut: The first expression that ended a gradient, None if none did.
        returns: Whether a return statement has a gradient; None if nothing is returned.
    """

    def __init__(self, loss: OwnLoss) -> None:
        self.cut: ast.expr | None = None
        self.returns: bool | None = None
        self._carrying = {loss.predictions}
        self._follow(loss.body)

    def _follow(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, ast.Return):
                if statement.value is not None:
                    self.returns = self._carries(statement.value) or bool(self.returns)
            elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
                self._assign(statement)
            else:
                for name in ("body", "orelse", "finalbody"):
                    self._follow(getattr(statement, name, []))

    def _assign(self, statement: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        carries = statement.value is not None and self._carries(statement.value)
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names = {node.id for t in targets for node in ast.walk(t) if isinstance(node, ast.Name)}
        if carries:
            self._carrying |= names
        elif not isinstance(statement, ast.AugAssign):
            self._carrying -= names

    def _carries(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._carrying
        if isinstance(node, ast.Call):
            return self._call_carries(node)
        if isinstance(node, ast.Lambda):
            return False
        inside = any(self._carries(part) for part in _parts(node))
        ends = isinstance(node, ast.Compare | ast.BoolOp) or (
            isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)
        )
        if isinstance(node, ast.Attribute) and node.attr in SHAPES:
            return False
        return self._ended(node) if inside and ends else inside

    def _call_carries(self, node: ast.Call) -> bool:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        name = called(node)
        if name == "where" and given:
            # The condition chooses; only what is chosen has a derivative.
            return any([self._carries(part) for part in given[1:]])
        if isinstance(node.func, ast.Attribute):
            given.append(node.func.value)
        inside = any([self._carries(part) for part in given])
        if not inside:
            return False
        if name in SHAPES:
            return False
        cast = name in ("cast", "astype") and any(_whole(part) for part in given)
        return self._ended(node) if name in ENDING or cast else True

    def _ended(self, node: ast.expr) -> bool:
        if self.cut is None:
            self.cut = node
        return False


def called(node: ast.Call) -> str:
    """Returns the last name of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _parts(node: ast.expr) -> list[ast.expr]:
    return [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]


def _whole(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in WHOLE
    return isinstance(node, ast.Attribute) and node.attr in WHOLE
