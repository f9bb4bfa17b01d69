"""Where a script gives arrays three axes by ``reshape``, and where that cuts series to pieces."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from typing import Literal

from unstuck.case.edits import replace_call
from unstuck.case.facts import Place
from unstuck.case.script import Call, Reference, Script
from unstuck.findings.sites import Edits

STACKS = ("array", "asarray", "stack", "vstack")
"""Functions that put a list of series on the first axis, unless they are given another."""
MAKERS = {
    *("zeros", "ones", "empty", "full", "normal", "standard_normal", "uniform", "random"),
    *("rand", "randn", "integers", "randint", "random_sample"),
}
"""Functions whose first tuple, or whose ``size``, is the shape of what they make."""


@dataclasses.dataclass(frozen=True)
class Reshape:
    """One call that gives an array three axes.

    Attributes:
        array: What is reshaped.
        axes: The axes as they are written.
        module: As what the library is written, for ``np.reshape(x, …)``; None for a method.
    """

    script: Script
    node: ast.Call
    array: ast.expr
    axes: tuple[ast.expr, ...]
    module: str | None

    @property
    def place(self) -> Place:
        """Where it is written."""
        return Place(self.script.path, self.node.lineno)

    def transposed(self) -> Edits:
        """Returns the edit that moves the axes instead, and leaves every value where it belongs."""
        array = self._source(self.array)
        if array is None:
            return ()
        written = f"{self.module}.transpose({array}, (0, 2, 1))"
        return self._replaced(written if self.module else f"{array}.transpose(0, 2, 1)")

    def regrouped(self) -> Edits:
        """Returns the edit for memory that holds the features one after the other.

        They are read so, and then moved to the last axis.
        """
        parts = [self._source(axis) for axis in self.axes]
        array = self._source(self.array)
        if array is None or None in parts or self.module in ("tf", "ops", "keras.ops"):
            return ()
        first, steps, features = parts
        shape = f"{first}, {features}, {steps}"
        inner = f"{self.module}.reshape({array}, ({shape}))" if self.module else ""
        inner = inner or f"{array}.reshape({shape})"
        return self._replaced(f"{inner}.transpose(0, 2, 1)")

    def _replaced(self, source: str) -> Edits:
        return replace_call(_call(self.node, self.script), self.script, source)

    def _source(self, node: ast.expr) -> str | None:
        text = ast.get_source_segment(self.script.text, node)
        return None if text is None or "\n" in text else text


@dataclasses.dataclass(frozen=True)
class Torn:
    """A reshaping that is wrong whatever the values are.

    Attributes:
        how: "turned" gives an array its own axes in another order; "stacked" takes the number of
            series in a list for the length of the last axis.
    """

    how: Literal["turned", "stacked"]
    reshape: Reshape
    edits: Edits


def reshapes(script: Script) -> Iterator[Reshape]:
    """Yields every call that gives an array three axes, in the order of the source."""
    found = [_reshape(node, script) for node in script.nodes(ast.Call)]
    yield from sorted((one for one in found if one is not None), key=lambda one: one.node.lineno)


def torn(script: Script) -> Iterator[Torn]:
    """Yields reshapings that put values of a series into other places than its own steps."""
    for one in reshapes(script):
        if _turned(one):
            yield Torn("turned", one, one.transposed())
        elif (stack := _stacked(one)) is not None:
            yield Torn("stacked", one, _on_last_axis(stack, script))


def _reshape(node: ast.Call, script: Script) -> Reshape | None:
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr != "reshape" or not node.args:
        return None
    module = ast.unparse(func.value) if _is_module(func.value, script) else None
    array, given = (node.args[0], node.args[1:]) if module else (func.value, node.args)
    if len(given) == 1 and isinstance(given[0], ast.Tuple | ast.List):
        given = given[0].elts
    starred = any(isinstance(axis, ast.Starred) for axis in given)
    if len(given) != 3 or starred or node.keywords:
        return None
    return Reshape(script, node, array, tuple(given), module)


def _is_module(node: ast.expr, script: Script) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    known = script.names.get(node.id) if isinstance(node, ast.Name) else None
    return known is not None and isinstance(known.content, Reference)


def _turned(one: Reshape) -> bool:
    """Whether the last two axes are the array's own, the other way round."""
    return [_own_axis(axis, one) for axis in one.axes[1:]] == [2, 1]


def _own_axis(axis: ast.expr, one: Reshape) -> int | None:
    """Returns which axis of the array is written, None where that isn't known."""
    if isinstance(axis, ast.Subscript) and ast.dump(axis.value) == _shape_of(one.array):
        return {"1": 1, "2": 2, "-1": 2, "-2": 1}.get(ast.unparse(axis.slice))
    sizes = _sizes(one)
    same = [at for at, size in enumerate(sizes) if ast.dump(size) == ast.dump(axis)]
    return same[0] if len(same) == 1 else None


def _sizes(one: Reshape) -> list[ast.expr]:
    """Returns the axes of the array as the script writes them elsewhere, if they are three."""
    bindings = _bindings(one.script)
    for name, values in bindings.items():
        if len(values) != 1 or not isinstance(name, tuple) or len(name) != 3:
            continue
        shape = values[0]
        if isinstance(shape, ast.Attribute) and ast.dump(shape) == _shape_of(one.array):
            return [ast.Name(part, ast.Load()) for part in name]
    made = bindings.get(one.array.id, []) if isinstance(one.array, ast.Name) else [one.array]
    made = [value for value in made if not _is_reshape_of(value, one)]
    return _made_with(made[0]) if len(made) == 1 else []


def _shape_of(array: ast.expr) -> str:
    return ast.dump(ast.Attribute(array, "shape", ast.Load()))


def _is_reshape_of(value: ast.expr, one: Reshape) -> bool:
    return any(node is one.node for node in ast.walk(value))


def _made_with(value: ast.expr) -> list[ast.expr]:
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return []
    if value.func.attr == "astype":
        return _made_with(value.func.value)
    if value.func.attr not in MAKERS:
        return []
    given = [part.value for part in value.keywords if part.arg in ("size", "shape")]
    tuples = [part for part in [*given, *value.args] if isinstance(part, ast.Tuple)]
    sizes = tuples[0].elts if tuples else []
    return list(sizes) if len(sizes) == 3 else []


def _bindings(script: Script) -> dict[str | tuple[str, ...], list[ast.expr]]:
    """Returns what is assigned, by the name or by the names of a tuple."""
    found: dict[str | tuple[str, ...], list[ast.expr]] = {}
    for node in script.nodes(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(node.value)
            elif isinstance(target, ast.Tuple):
                names = tuple(getattr(part, "id", "") for part in target.elts)
                found.setdefault(names, []).append(node.value)
    return found


def _stacked(one: Reshape) -> ast.Call | None:
    """Returns the call that puts as many series on the first axis as the last one shall have."""
    array = one.array
    if isinstance(array, ast.Name):
        values = [v for v in _bindings(one.script).get(array.id, []) if not _is_reshape_of(v, one)]
        if len(values) != 1:
            return None
        array = values[0]
    listed = _listed(array)
    last = one.axes[2]
    known = one.script.names.get(last.id) if isinstance(last, ast.Name) else None
    size = last.value if isinstance(last, ast.Constant) else known and known.value
    return array if listed >= 2 and size == listed and isinstance(array, ast.Call) else None


def _listed(node: ast.expr) -> int:
    """Returns how many series a call puts on the first axis, 0 where it does something else."""
    name = node.func.attr if isinstance(node, ast.Call) and hasattr(node.func, "attr") else ""
    if not isinstance(node, ast.Call) or name not in STACKS or len(node.args) != 1:
        return 0
    axis = [part.value for part in node.keywords if part.arg == "axis"]
    if axis and not (isinstance(axis[0], ast.Constant) and axis[0].value == 0):
        return 0
    series = node.args[0].elts if isinstance(node.args[0], ast.List | ast.Tuple) else []
    named = all(isinstance(part, ast.Name | ast.Attribute | ast.Subscript) for part in series)
    return len(series) if named else 0


def _on_last_axis(stack: ast.Call, script: Script) -> Edits:
    """Returns the edit that puts the series on the last axis, where ``reshape`` expects them."""
    listed = ast.get_source_segment(script.text, stack.args[0])
    module = ast.unparse(stack.func.value) if isinstance(stack.func, ast.Attribute) else ""
    if listed is None or "\n" in listed or len(stack.keywords) > 1:
        return ()
    return replace_call(_call(stack, script), script, f"{module}.stack({listed}, axis=-1)")


def _call(node: ast.Call, script: Script) -> Call:
    return Call("reshape", "reshape", node, script.path, {})
