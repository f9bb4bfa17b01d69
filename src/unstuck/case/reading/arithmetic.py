"""Arithmetic on constants, bounded so that no script can make reading it slow."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from unstuck.case.reading.values import UNKNOWN

MAGNITUDE_CAP = 1e100
"""No layer, rate or step count is larger; powers beyond it cost time and memory."""

LENGTH_CAP = 10_000
"""Longest text or range that repetition may build."""

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
}


def fold(function: Callable[..., Any] | None, *operands: Any) -> Any:
    """Returns the function's value on constants, UNKNOWN if it has none or is too large."""
    if function is None or not all(isinstance(operand, _CONSTANT) for operand in operands):
        return UNKNOWN
    allowed = _GUARDS.get(function)
    if allowed is not None and not allowed(*operands):
        return UNKNOWN
    try:
        return function(*operands)
    except (ArithmeticError, TypeError, ValueError, AttributeError):
        return UNKNOWN


_CONSTANT = (int, float, complex, str, bytes, list, tuple, dict, type(None), range)


def _small_power(base: Any, exponent: Any) -> bool:
    if not (isinstance(base, int | float) and isinstance(exponent, int | float)):
        return False
    if abs(base) <= 1:
        return True
    return abs(exponent) <= 1000 and abs(base) <= MAGNITUDE_CAP ** (1 / max(abs(exponent), 1))


def _short_repetition(left: Any, right: Any) -> bool:
    for text, times in ((left, right), (right, left)):
        if isinstance(text, str | bytes | list | tuple) and isinstance(times, int):
            return len(text) * times <= LENGTH_CAP
    return all(
        abs(side) <= MAGNITUDE_CAP for side in (left, right) if isinstance(side, int | float)
    )


def _short_sum(left: Any, right: Any) -> bool:
    texts = (str, bytes, list, tuple)
    if isinstance(left, texts) and isinstance(right, texts):
        return len(left) + len(right) <= LENGTH_CAP
    return True


def _is_number(left: Any, right: Any) -> bool:
    # "%999999999d" % 1 is a remainder too.
    return isinstance(left, int | float) and isinstance(right, int | float)


_GUARDS: dict[Callable[..., Any], Callable[[Any, Any], bool]] = {
    operator.pow: _small_power,
    operator.mul: _short_repetition,
    operator.add: _short_sum,
    operator.mod: _is_number,
}
