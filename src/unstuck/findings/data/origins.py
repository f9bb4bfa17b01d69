"""Which calls of a script made the inputs and targets that ``fit`` is given."""

from __future__ import annotations

import ast
import dataclasses
import functools
from collections.abc import Iterator
from typing import TypeGuard

from unstuck.case.facts import Place
from unstuck.case.script import Call, Reference, Script
from unstuck.findings.sites import Scripts, call_at

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

    def made_at(self, fit: Call) -> Place | None:
        """Returns where the targets of a call of ``fit`` part from its inputs, or are made."""
        targets, inputs = _given(fit, "y", 1), _given(fit, "x", 0)
        if targets is None:
            return None
        shared = self._behind(inputs, set()) if inputs is not None else set()
        lines = [line for name, line in self._trail(targets, FAR) if name not in shared]
        return self._script.where(lines[-1]) if lines else None

    def _behind(self, node: ast.expr, known: set[str]) -> set[str]:
        """Adds all names that an expression is made from, in whatever way."""
        for inner in ast.walk(node):
            binding = self._bound(inner) if isinstance(inner, ast.Name) else None
            if not isinstance(inner, ast.Name) or binding is None or inner.id in known:
                continue
            known.add(inner.id)
            element = self._element(inner.id, binding) or self._returned(binding)
            self._behind(binding.value if element is None else element, known)
        return known

    def _trail(self, node: ast.expr, far: int) -> Iterator[tuple[str, int]]:
        """Yields the names that lead back from an expression, and the lines that bind them."""
        if far == 0:
            return
        while _part(node):
            node = node.value
        if isinstance(node, ast.Call):
            for argument in self._through(node):
                yield from self._trail(argument, far - 1)
        binding = self._bound(node) if isinstance(node, ast.Name) else None
        if not isinstance(node, ast.Name) or binding is None:
            return
        element = self._element(node.id, binding) or self._returned(binding)
        yield node.id, binding.line if element is None else element.lineno
        # Where targets are appended one by one, windows are cut, and there the way ends.
        if element is not None and not isinstance(binding.value, ast.List):
            yield from self._trail(element, far - 1)

    def _element(self, name: str, binding: Binding) -> ast.expr | None:
        """Returns what a name holds: its value, its part of a tuple, or what is appended to it."""
        value = binding.value
        if isinstance(value, ast.List) and not value.elts:
            return next(iter(self._appended.get(name, [])), None)
        if binding.index is None:
            return value
        if isinstance(value, ast.Call) and _method(value) == "train_test_split":
            return next(iter(value.args[binding.index // 2 : binding.index // 2 + 1]), None)
        return None

    def _returned(self, binding: Binding) -> ast.expr | None:
        """Returns what a name gets of the tuple that a function of the script ends with."""
        call, index = binding.value, binding.index
        if index is None or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            return None
        for definition in self._script.nodes(ast.FunctionDef):
            last = definition.body[-1]
            if definition.name == call.func.id and isinstance(last, ast.Return):
                entries = last.value.elts if isinstance(last.value, ast.Tuple) else []
                return next(iter(entries[index : index + 1]), None)
        return None

    def _bound(self, node: ast.Name) -> Binding | None:
        before = [b for b in self._bindings.get(node.id, []) if b.line < node.lineno]
        return max(before, key=lambda b: b.line, default=None)

    def _of(self, fit: Call, name: str, position: int) -> list[ast.Call]:
        given = _given(fit, name, position)
        return [] if given is None else list(self._makers(given, FAR))

    def _makers(self, node: ast.expr, far: int) -> Iterator[ast.Call]:
        if far == 0:
            return
        if _part(node):
            yield from self._makers(node.value, far - 1)
        elif isinstance(node, ast.Name):
            binding = self._bound(node)
            element = None if binding is None else self._element(node.id, binding)
            if element is not None:
                yield from self._makers(element, far - 1)
        elif isinstance(node, ast.Call):
            yield node
            for argument in self._through(node):
                yield from self._makers(argument, far - 1)

    def _through(self, call: ast.Call) -> Iterator[ast.expr]:
        """Yields what a function is given whose values it keeps, a method or a function."""
        if _method(call) not in KEEPING:
            return
        # The x of x.reshape(-1), or else that of np.reshape(x, -1).
        if isinstance(call.func, ast.Attribute) and not self._is_module(call.func.value):
            yield call.func.value
        elif call.args:
            yield call.args[0]

    def _is_module(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        known = self._script.names.get(node.id) if isinstance(node, ast.Name) else None
        return known is not None and isinstance(known.content, Reference)


def _part(node: ast.expr) -> TypeGuard[ast.Subscript | ast.Attribute]:
    """Whether an expression is a part of another value, or the same in another form."""
    return isinstance(node, ast.Subscript) or getattr(node, "attr", "") in ("values", "T")


def _given(fit: Call, name: str, position: int) -> ast.expr | None:
    if not isinstance(fit.node, ast.Call):
        return None
    named = [keyword.value for keyword in fit.node.keywords if keyword.arg == name]
    return next(iter([*named, *fit.node.args[position : position + 1]]), None)


def targets_made_at(place: Place | None, scripts: Scripts) -> Place | None:
    """Returns where the targets of the ``fit`` at a place are made, else that place."""
    call = call_at(place, "fit", scripts)
    found = Origins(scripts[call.file]).made_at(call) if call is not None else None
    return found or place


def _method(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
