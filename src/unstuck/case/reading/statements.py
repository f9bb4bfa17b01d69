"""What each kind of statement does to the names of a script."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.attributes import set_attribute
from unstuck.case.reading.expressions import binary
from unstuck.case.reading.functions import defaults
from unstuck.case.reading.growing import counted, perhaps, repeated
from unstuck.case.reading.iterating import hashable, iterate, truth
from unstuck.case.reading.names import canonical, starred
from unstuck.case.reading.objects import Class, Function, Scope, Tensor, choose, decorators
from unstuck.case.reading.values import Reference, Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Left, Reader


def assign(reader: Reader, target: ast.expr, value: Value, scope: Scope) -> None:
    """Binds a value to a name, an attribute, an item, or a pattern of them."""
    if isinstance(target, ast.Name):
        scope.bind(target.id, value)
    elif isinstance(target, ast.Attribute):
        set_attribute(reader.evaluate(target.value, scope), target.attr, value)
    elif isinstance(target, ast.Subscript):
        _assign_item(reader, target, value, scope)
    elif isinstance(target, ast.Tuple | ast.List):
        for part, item in zip(target.elts, _unpacked(reader, target, value), strict=True):
            assign(reader, part, item, scope)
    elif isinstance(target, ast.Starred):
        assign(reader, target.value, value, scope)


def _unpacked(reader: Reader, target: ast.Tuple | ast.List, value: Value) -> list[Value]:
    count = len(target.elts)
    parts = iterate(value)
    starred_at = next(
        (index for index, part in enumerate(target.elts) if isinstance(part, ast.Starred)), None
    )
    if parts is not None and starred_at is not None and len(parts) >= count - 1:
        end = len(parts) - (count - starred_at - 1)
        middle = Value(parts[starred_at:end], value.node, reader.file)
        return [*parts[:starred_at], middle, *parts[end:]]
    if parts is not None and len(parts) == count:
        return parts
    if isinstance(value.content, Tensor):
        return [value] * count
    return [reader.unknown(target) for _ in range(count)]


def _assign_item(reader: Reader, target: ast.Subscript, value: Value, scope: Scope) -> None:
    base = reader.evaluate(target.value, scope)
    if isinstance(target.slice, ast.Slice):
        return
    key = reader.evaluate(target.slice, scope)
    if isinstance(base.content, dict):
        base.content[hashable(key)] = value
    elif isinstance(base.content, list) and key.content in range(len(base.content)):
        base.content[key.content] = value


def _assign(reader: Reader, node: Any, scope: Scope) -> Left:
    value = reader.evaluate(node.value, scope)
    for target in node.targets:
        if reader.before and isinstance(target, ast.Name) and _leads_to(node.value, target):
            value = counted(reader, target.id, scope.look_up(target.id), value)
        assign(reader, target, value, scope)
    return None


def _leads_to(value: ast.expr, target: ast.Name) -> bool:
    """Whether a name gets what an operation makes of its own value, as in ``n = n + 1``."""
    sides = (value.left, value.right) if isinstance(value, ast.BinOp) else ()
    return any(isinstance(side, ast.Name) and side.id == target.id for side in sides)


def _annotated(reader: Reader, node: Any, scope: Scope) -> Left:
    if node.value is not None:
        assign(reader, node.target, reader.evaluate(node.value, scope), scope)
    return None


def _augmented(reader: Reader, node: Any, scope: Scope) -> Left:
    if not isinstance(node.target, ast.Name | ast.Attribute | ast.Subscript):
        return None
    old = reader.evaluate(node.target, scope)
    added = reader.evaluate(node.value, scope)
    name = node.target.id if isinstance(node.target, ast.Name) else None
    new = counted(reader, name, old, binary(reader, node, node.op, old, added))
    assign(reader, node.target, new, scope)
    return None


def _expression(reader: Reader, node: Any, scope: Scope) -> Left:
    reader.evaluate(node.value, scope)
    return None


def _return(reader: Reader, node: Any, scope: Scope) -> Left:
    value = Value(None, node, reader.file)
    scope.returns.append(value if node.value is None else reader.evaluate(node.value, scope))
    return "return"


def _raise(reader: Reader, node: Any, scope: Scope) -> Left:
    return "return"


def _break(reader: Reader, node: Any, scope: Scope) -> Left:
    return "break" if isinstance(node, ast.Break) else "continue"


def _if(reader: Reader, node: Any, scope: Scope) -> Left:
    known = truth(reader.evaluate(node.test, scope))
    if known is not None:
        return reader.execute(node.body if known else node.orelse, scope)
    return _fork(reader, [node.body, node.orelse], scope)


def _fork(reader: Reader, bodies: list[list[ast.stmt]], scope: Scope) -> Left:
    """Runs every body on the same names, and keeps what each of them may have left."""
    before, ends, lefts = dict(scope.names), [], []
    reader.maybe += 1
    for body in bodies:
        scope.names = dict(before)
        with perhaps(reader):
            left = reader.execute(body, scope)
        lefts.append(left)
        if left is None:
            ends.append(scope.names)
    reader.maybe -= 1
    scope.names = _merged(ends) if ends else dict(before)
    return None if ends else lefts[0]


def _merged(ends: list[dict[str, Value]]) -> dict[str, Value]:
    merged = dict(ends[0])
    for names in ends[1:]:
        for name, value in names.items():
            other = merged.get(name)
            if other is None:
                merged[name] = value
            elif other is not value:
                merged[name] = choose([other, value])
    return merged


def _for(reader: Reader, node: Any, scope: Scope) -> Left:
    source = reader.evaluate(node.iter, scope)
    rounds = iterate(source)
    reader.loops = [*reader.loops, node]
    for item in [reader.unknown(node.target)] if rounds is None else rounds:
        assign(reader, node.target, item, scope)
        with repeated(reader, scope) if rounds is None else contextlib.nullcontext():
            left = reader.execute(node.body, scope)
        if left == "break" or left == "return":
            break
    else:
        left = None
    reader.loops = reader.loops[:-1]
    if left == "return" and rounds is not None:
        return left
    return reader.execute(node.orelse, scope)


def _while(reader: Reader, node: Any, scope: Scope) -> Left:
    reader.evaluate(node.test, scope)
    reader.loops = [*reader.loops, node]
    with repeated(reader, scope):
        reader.execute(node.body, scope)
    reader.loops = reader.loops[:-1]
    return reader.execute(node.orelse, scope)


def _with(reader: Reader, node: Any, scope: Scope) -> Left:
    for item in node.items:
        value = reader.evaluate(item.context_expr, scope)
        if item.optional_vars is not None:
            assign(reader, item.optional_vars, value, scope)
    return reader.execute(node.body, scope)


def _try(reader: Reader, node: Any, scope: Scope) -> Left:
    before = dict(scope.names)
    left = reader.execute(node.body, scope)
    if left is None:
        left = reader.execute(node.orelse, scope)
    after = scope.names
    reader.maybe += 1
    for handler in node.handlers:
        # What the body bound stands; a handler only adds names, as in a fallback import.
        scope.names = dict(before)
        with perhaps(reader):
            reader.execute(handler.body, scope)
        for name, value in scope.names.items():
            after.setdefault(name, value)
    reader.maybe -= 1
    scope.names = after
    return reader.execute(node.finalbody, scope) or left


def _match(reader: Reader, node: Any, scope: Scope) -> Left:
    reader.evaluate(node.subject, scope)
    return _fork(reader, [*(case.body for case in node.cases), []], scope)


def _function(reader: Reader, node: Any, scope: Scope) -> Left:
    made = Function(node.name, node, scope, defaults(reader, node.args, scope))
    reader.functions.append(made)
    scope.bind(node.name, Value(made, node, reader.file))
    return None


def _class(reader: Reader, node: Any, scope: Scope) -> Left:
    inner = Scope(scope)
    bases = tuple(reader.evaluate(base, scope) for base in node.bases)
    made = Class(node.name, node, inner, bases)
    reader.execute(node.body, inner)
    # Methods don't see the names of the class body.
    for value in inner.names.values():
        if isinstance(value.content, Function) and value.content.scope is inner:
            value.content.scope, value.content.owner = scope, made
    inner.parent = None
    if decorators(node) & {"dataclass", "define", "frozen"} or _is_named_tuple(bases):
        made.fields = tuple(
            statement.target.id
            for statement in node.body
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
        )
    reader.classes.append(made)
    scope.bind(node.name, Value(made, node, reader.file))
    return None


def _is_named_tuple(bases: tuple[Value, ...]) -> bool:
    return any(base.name == "NamedTuple" for base in bases)


def _import(reader: Reader, node: Any, scope: Scope) -> Left:
    for alias in node.names:
        path = alias.name if alias.asname else alias.name.partition(".")[0]
        name = alias.asname or path
        scope.bind(name, Value(Reference(canonical(path)), node, reader.file))
    return None


def _import_from(reader: Reader, node: Any, scope: Scope) -> Left:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        names = starred(module) if alias.name == "*" else (alias.name,)
        for name in names:
            value = Value(Reference(canonical(f"{module}.{name}")), node, reader.file)
            scope.bind(alias.asname or name, value)
    return None


def _shared(reader: Reader, node: Any, scope: Scope) -> Left:
    scope.shared.update(node.names)
    return None


def _nothing(reader: Reader, node: Any, scope: Scope) -> Left:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            reader.evaluate(child, scope)
    return None


Execute = Callable[["Reader", Any, Scope], "Left"]


class _Table(dict[type[ast.stmt], Execute]):
    def __missing__(self, kind: type[ast.stmt]) -> Execute:
        return _nothing


STATEMENTS = _Table(
    {
        ast.Assign: _assign,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augmented,
        ast.Expr: _expression,
        ast.Return: _return,
        ast.Raise: _raise,
        ast.Break: _break,
        ast.Continue: _break,
        ast.If: _if,
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.While: _while,
        ast.With: _with,
        ast.AsyncWith: _with,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.Match: _match,
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.ClassDef: _class,
        ast.Import: _import,
        ast.ImportFrom: _import_from,
        ast.Global: _shared,
        ast.Nonlocal: _shared,
    }
)
"""How each kind of statement is run; those that aren't listed only evaluate their expressions."""
