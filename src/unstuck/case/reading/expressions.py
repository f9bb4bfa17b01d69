"""What each kind of expression is known to be."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.applying import evaluate_call
from unstuck.case.reading.arithmetic import BINARY, COMPARE, LENGTH_CAP, UNARY, fold
from unstuck.case.reading.attributes import get_attribute
from unstuck.case.reading.builtins import NAMES
from unstuck.case.reading.growing import Items, is_open
from unstuck.case.reading.iterating import UNROLL_CAP, hashable, iterate, truth
from unstuck.case.reading.objects import Function, Scope, Tensor, choose, tensors
from unstuck.case.reading.values import UNKNOWN, Choice, Reference, Unknown, Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Reader


def _generic(reader: Reader, node: ast.expr, scope: Scope) -> Value:
    # Calls inside f-strings, awaits and the like still happen.
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            reader.evaluate(child, scope)
    return reader.unknown(node)


def _joined_text(reader: Reader, node: Any, scope: Scope) -> Value:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            reader.evaluate(part.value, scope)
    return reader.unknown(node)


def _constant(reader: Reader, node: Any, scope: Scope) -> Value:
    return Value(node.value, node, reader.file)


def _name(reader: Reader, node: Any, scope: Scope) -> Value:
    found = scope.look_up(node.id)
    if found is not None:
        return found
    if node.id in NAMES:
        return Value(Reference(f"builtins.{node.id}"), node, reader.file)
    return reader.unknown(node)


def _attribute(reader: Reader, node: Any, scope: Scope) -> Value:
    return get_attribute(reader, reader.evaluate(node.value, scope), node.attr, node)


def elements(reader: Reader, nodes: list[ast.expr], scope: Scope) -> list[Value]:
    """Evaluates the elements of a list or tuple, starred ones spread out."""
    found: list[Value] = []
    for node in nodes:
        if type(node) is ast.Constant:  # not counted as a step: a table of data may be long
            found.append(Value(node.value, node, reader.file))
        elif isinstance(node, ast.Starred):
            spread = iterate(reader.evaluate(node.value, scope))
            found.extend([reader.unknown(node)] if spread is None else spread)
        else:
            found.append(reader.evaluate(node, scope))
    return found


def _list(reader: Reader, node: Any, scope: Scope) -> Value:
    born = reader.steps
    return Value(Items(elements(reader, node.elts, scope), born), node, reader.file)


def _set(reader: Reader, node: Any, scope: Scope) -> Value:
    born = reader.steps
    items = elements(reader, node.elts, scope)
    # What is in a set once is read as often as it is written.
    return Value(Items(items, born, len(items) > 1), node, reader.file)


def _tuple(reader: Reader, node: Any, scope: Scope) -> Value:
    return Value(tuple(elements(reader, node.elts, scope)), node, reader.file)


def _dict(reader: Reader, node: Any, scope: Scope) -> Value:
    entries: dict[Any, Value] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        value = reader.evaluate(item, scope)
        if key is None:
            entries.update(value.entries or {UNKNOWN: value})
            continue
        entries[hashable(reader.evaluate(key, scope))] = value
    return Value(entries, node, reader.file)


def _binary(reader: Reader, node: Any, scope: Scope) -> Value:
    left, right = reader.evaluate(node.left, scope), reader.evaluate(node.right, scope)
    return binary(reader, node, node.op, left, right)


def binary(reader: Reader, node: ast.AST, op: ast.operator, left: Value, right: Value) -> Value:
    """Returns left op right."""
    if type(left.content) in _NUMBERS and type(right.content) in _NUMBERS:
        return Value(fold(BINARY.get(type(op)), left.content, right.content), node, reader.file)
    if isinstance(left.content, list | tuple) and isinstance(op, ast.Add):
        return _joined(reader, node, left.content, right.content)
    inputs = (*tensors(left), *tensors(right))
    if inputs:
        return Value(Tensor(None, inputs, "arithmetic"), node, reader.file)
    if isinstance(left.content, list) and isinstance(op, ast.Mult):
        times = right.content
        if isinstance(times, int) and len(left.content) * times <= UNROLL_CAP:
            made = Items(left.content * times, reader.steps, is_open(left.content))
            return Value(made, node, reader.file)
        return reader.unknown(node)
    return Value(fold(BINARY.get(type(op)), left.content, right.content), node, reader.file)


_NUMBERS = {int, float}


def _joined(reader: Reader, node: ast.AST, left: Any, right: Any) -> Value:
    lists = isinstance(left, list) and isinstance(right, list)
    if not (lists or (isinstance(left, tuple) and isinstance(right, tuple))):
        return reader.unknown(node)
    if len(left) + len(right) > LENGTH_CAP:
        return reader.unknown(node)
    if not lists:
        return Value(left + right, node, reader.file)
    made = Items(left + right, reader.steps, is_open(left) or is_open(right))
    return Value(made, node, reader.file)


def _unary(reader: Reader, node: Any, scope: Scope) -> Value:
    operand = reader.evaluate(node.operand, scope)
    if isinstance(node.op, ast.Not):
        known = truth(operand)
        return Value(UNKNOWN if known is None else not known, node, reader.file)
    if isinstance(operand.content, Tensor):
        return Value(Tensor(None, (operand.content,), "arithmetic"), node, reader.file)
    return Value(fold(UNARY.get(type(node.op)), operand.content), node, reader.file)


def _boolean(reader: Reader, node: Any, scope: Scope) -> Value:
    decisive = isinstance(node.op, ast.Or)
    seen: list[Value] = []
    for operand in node.values:
        value = reader.evaluate(operand, scope)
        known = truth(value)
        if known is decisive:
            seen.append(value)
            break
        if known is None:
            seen.append(value)
        last = value
    else:
        if last not in seen:
            seen.append(last)
    return choose(seen)


def _compare(reader: Reader, node: Any, scope: Scope) -> Value:
    left = reader.evaluate(node.left, scope)
    result: Any = True
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = reader.evaluate(comparator, scope)
        outcome = _compared(op, left, right)
        if outcome is UNKNOWN:
            result = UNKNOWN
        elif result is not UNKNOWN:
            result = result and outcome
        left = right
    return Value(result, node, reader.file)


def _compared(op: ast.cmpop, left: Value, right: Value) -> Any:
    if isinstance(op, ast.Is | ast.IsNot) and None in (left.content, right.content):
        if isinstance(left.content, Unknown | Choice) or isinstance(
            right.content, Unknown | Choice
        ):
            return UNKNOWN
        return (left.content is right.content) is isinstance(op, ast.Is)
    if isinstance(op, ast.In | ast.NotIn) and right.entries and UNKNOWN not in right.entries:
        return (
            (hashable(left) in right.entries) is isinstance(op, ast.In) if left.known else UNKNOWN
        )
    if not (left.known and right.known):
        return UNKNOWN
    return fold(COMPARE.get(type(op)), left.value, right.value)


def _either(reader: Reader, node: Any, scope: Scope) -> Value:
    known = truth(reader.evaluate(node.test, scope))
    if known is not None:
        return reader.evaluate(node.body if known else node.orelse, scope)
    reader.maybe += 1
    options = [reader.evaluate(node.body, scope), reader.evaluate(node.orelse, scope)]
    reader.maybe -= 1
    return choose(options)


def _subscript(reader: Reader, node: Any, scope: Scope) -> Value:
    base = reader.evaluate(node.value, scope)
    if isinstance(node.slice, ast.Slice):
        bounds = [
            None if part is None else reader.evaluate(part, scope).content
            for part in (node.slice.lower, node.slice.upper, node.slice.step)
        ]
        return _sliced(reader, node, base, bounds)
    return item(reader, node, base, reader.evaluate(node.slice, scope))


def _sliced(reader: Reader, node: ast.AST, base: Value, bounds: list[Any]) -> Value:
    if isinstance(base.content, Tensor):
        return Value(Tensor(None, (base.content,), "index"), node, reader.file)
    plain = all(bound is None or isinstance(bound, int) for bound in bounds)
    plain = plain and not is_open(base.content)
    if plain and isinstance(base.content, list | tuple | str | range) and bounds[2] != 0:
        return Value(base.content[slice(*bounds)], node, reader.file)
    return reader.unknown(node)


def item(reader: Reader, node: ast.AST, base: Value, key: Value) -> Value:
    """Returns base[key]."""
    content = base.content
    if isinstance(content, Tensor):
        return Value(Tensor(None, (content,), "index"), node, reader.file)
    if isinstance(content, Choice):
        return choose([item(reader, node, option, key) for option in content.options])
    if isinstance(content, dict):
        name = hashable(key)
        return content[name] if name in content and name is not UNKNOWN else reader.unknown(node)
    if isinstance(content, list | tuple | str | range) and isinstance(key.content, int):
        if -len(content) <= key.content < len(content):
            found = content[key.content]
            return found if isinstance(found, Value) else Value(found, node, reader.file)
        return reader.unknown(node)
    return reader.unknown(node)


def _lambda(reader: Reader, node: Any, scope: Scope) -> Value:
    return Value(Function("lambda", node, scope), node, reader.file)


def _comprehension(reader: Reader, node: Any, scope: Scope) -> Value:
    from unstuck.case.reading.statements import assign

    inner = Scope(scope)
    generator = node.generators[0]
    source = reader.evaluate(generator.iter, scope)
    rounds = iterate(source)
    simple = len(node.generators) == 1 and not generator.ifs and rounds is not None
    collected: list[tuple[Value, ...]] = []
    for round_ in (rounds if simple and rounds is not None else [reader.unknown(node)])[
        :UNROLL_CAP
    ]:
        assign(reader, generator.target, round_, inner)
        for other in node.generators[1:]:
            assign(reader, other.target, reader.unknown(node), inner)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        collected.append(tuple(reader.evaluate(part, inner) for part in parts))
    if not simple:
        return reader.unknown(node)
    if isinstance(node, ast.DictComp):
        entries = {hashable(key): value for key, value in collected}
        if is_open(source.content):
            entries[UNKNOWN] = reader.unknown(node)
        return Value(entries, node, reader.file)
    open_ended = is_open(source.content) or isinstance(node, ast.SetComp)
    made = Items([element for (element,) in collected], reader.steps, open_ended)
    return Value(made, node, reader.file)


def _named(reader: Reader, node: Any, scope: Scope) -> Value:
    value = reader.evaluate(node.value, scope)
    scope.bind(node.target.id, value)
    return value


Evaluate = Callable[["Reader", Any, Scope], Value]


class _Table(dict[type[ast.expr], Evaluate]):
    def __missing__(self, kind: type[ast.expr]) -> Evaluate:
        return _generic


EXPRESSIONS = _Table(
    {
        ast.Constant: _constant,
        ast.JoinedStr: _joined_text,
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Call: evaluate_call,
        ast.List: _list,
        ast.Set: _set,
        ast.Tuple: _tuple,
        ast.Dict: _dict,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.BoolOp: _boolean,
        ast.Compare: _compare,
        ast.IfExp: _either,
        ast.Subscript: _subscript,
        ast.Lambda: _lambda,
        ast.ListComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _comprehension,
        ast.NamedExpr: _named,
    }
)
"""How each kind of expression is evaluated; those that aren't listed are unknown."""
