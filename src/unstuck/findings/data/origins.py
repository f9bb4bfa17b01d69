"""Which calls of a script made the inputs and targets that ``fit`` is given."""

from __future__ import annotations

import ast
import dataclasses
import functools
from collections.abc import Iterator

from unstuck.case.script import Call, Reference, Script

KEEPING = {
    *("array", "asarray", "astype", "reshape", "squeeze", "ravel", "flatten", "copy", "tolist"),
    *("to_numpy", "expand_dims", "concatenate", "vstack", "hstack", "stack", "float", "int"),
    *("float32", "int32", "int64", "tensor", "convert_to_tensor", "constant", "cast", "to_frame"),
}
"""Functions that keep the values of what they are given."""
FAR = 12
"""Assignments between a call and ``fit`` beyond which the way isn't followed."""


@dataclasses.dataclass(frozen=True)
class Binding:
    """One assignment to a name: the line, the value, and its place in a tuple if it is unpacked."""

    line: int
    value: ast.expr
    index: int | None = None


Bindings = dict[str, list[Binding]]


@functools.lru_cache(maxsize=1)
def _written(script: Script) -> tuple[Bindings, dict[str, list[ast.expr]]]:
    """Returns what a script assigns and appends by name; every rule asks, and for every fit."""
    bindings: Bindings = {}
    appended: dict[str, list[ast.expr]] = {}
    for node in script.nodes(ast.Assign):
        for target in node.targets:
            _bind(bindings, target, node.value, node.lineno)
    for call in script.nodes(ast.Call):
        if _method(call) == "append" and call.args:
            assert isinstance(call.func, ast.Attribute)
            if isinstance(call.func.value, ast.Name):
                appended.setdefault(call.func.value.id, []).append(call.args[0])
    return bindings, appended


def _bind(bindings: Bindings, target: ast.expr, value: ast.expr, line: int) -> None:
    if isinstance(target, ast.Name):
        bindings.setdefault(target.id, []).append(Binding(line, value))
    if not isinstance(target, ast.Tuple | ast.List):
        return
    for index, part in enumerate(target.elts):
        if not isinstance(part, ast.Name):
            continue
        if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
            _bind(bindings, part, value.elts[index], line)
        else:
            bindings.setdefault(part.id, []).append(Binding(line, value, index))


class Origins:
    """Follows names back through assignments, slices, splits and changes of shape.

    Args:
        script: The script.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._bindings, self._appended = _written(script)

    def of_targets(self, fit: Call) -> list[ast.Call]:
        """Returns the calls behind the targets of a call of ``fit``, the last one first."""
        return self._of(fit, "y", 1)

    def of_inputs(self, fit: Call) -> list[ast.Call]:
        """Returns the calls behind its inputs, the last one first."""
        return self._of(fit, "x", 0)

    def _of(self, fit: Call, name: str, position: int) -> list[ast.Call]:
        if not isinstance(fit.node, ast.Call):
            return []
        named = [keyword.value for keyword in fit.node.keywords if keyword.arg == name]
        given = [*named, *fit.node.args[position : position + 1]]
        return list(self._makers(given[0], FAR)) if given else []

    def _makers(self, node: ast.expr, far: int) -> Iterator[ast.Call]:
        if far == 0:
            return
        if isinstance(node, ast.Subscript) or getattr(node, "attr", "") in ("values", "T"):
            assert isinstance(node, ast.Subscript | ast.Attribute)
            yield from self._makers(node.value, far - 1)
        elif isinstance(node, ast.Name):
            yield from self._behind_name(node, far)
        elif isinstance(node, ast.Call):
            yield node
            yield from self._through(node, far)

    def _behind_name(self, node: ast.Name, far: int) -> Iterator[ast.Call]:
        before = [b for b in self._bindings.get(node.id, []) if b.line < node.lineno]
        if not before:
            return
        binding = max(before, key=lambda b: b.line)
        if isinstance(binding.value, ast.List) and not binding.value.elts:
            # Filled in a loop, as windows are: what is appended is what it holds.
            for element in self._appended.get(node.id, [])[:1]:
                yield from self._makers(element, far - 1)
        elif binding.index is None:
            yield from self._makers(binding.value, far - 1)
        elif isinstance(binding.value, ast.Call) and _method(binding.value) == "train_test_split":
            source = binding.value.args[binding.index // 2 : binding.index // 2 + 1]
            for argument in source:
                yield from self._makers(argument, far - 1)

    def _through(self, call: ast.Call, far: int) -> Iterator[ast.Call]:
        """Yields what is behind a function that keeps the values, a method or a function."""
        if _method(call) not in KEEPING:
            return
        # The x of x.reshape(-1), or else that of np.reshape(x, -1).
        if isinstance(call.func, ast.Attribute) and not self._is_module(call.func.value):
            yield from self._makers(call.func.value, far - 1)
        elif call.args:
            yield from self._makers(call.args[0], far - 1)

    def _is_module(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        known = self._script.names.get(node.id) if isinstance(node, ast.Name) else None
        return known is not None and isinstance(known.content, Reference)


def _method(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
