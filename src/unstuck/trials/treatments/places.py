"""Places in a script that treatments change: around the layers of a model, in its ``fit``.

The trial that follows shows whether a change does what it should, so a place may be a good guess:
a data expression that is not what it seems fails in its trial and goes no further.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator

from unstuck.case.edits import insert_before, replace_call
from unstuck.case.script import Call, Model, Reference, Script
from unstuck.findings.sites import INPUTS, Edits, keras_name
from unstuck.record import Edit

RECURRENT = ("LSTM", "GRU", "SimpleRNN")


@dataclasses.dataclass(frozen=True)
class Data:
    """What ``fit`` is given, as source that can be repeated; None where it can't.

    Attributes:
        x: The training inputs, without what ``validation_split`` takes off.
        y: Likewise the targets.
    """

    x: str | None
    y: str | None


def trained(script: Script) -> Model | None:
    """Returns the model that the script trains, None where it trains several or none."""
    found = [model for model in script.models if model.fits]
    return found[0] if len(found) == 1 else None


def data(script: Script, model: Model) -> Data:
    """Returns what the first ``fit`` of a model is given."""
    fit = model.fits[0]
    if not isinstance(fit.node, ast.Call):
        return Data(None, None)
    given = [_argument(fit.node, name, index) for index, name in enumerate(("x", "y"))]
    if isinstance(given[0], ast.Call) and given[1] is None:
        # A function of the script, or of a library, that makes batches of arrays.
        given = [*given[0].args, None, None][:2]
    split = _argument(fit.node, "validation_split", 6)
    x, y = (_repeatable(script, node, split) for node in given)
    return Data(x, y)


def _argument(node: ast.Call, name: str, index: int) -> ast.expr | None:
    named = [part.value for part in node.keywords if part.arg == name]
    return named[0] if named else node.args[index] if index < len(node.args) else None


def _repeatable(script: Script, node: ast.expr | None, split: ast.expr | None) -> str | None:
    """Returns the source of names, attributes and items; calls may do more than give a value."""
    allowed = (ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Constant, ast.UnaryOp)
    more = (ast.operator, ast.unaryop, ast.expr_context, ast.BinOp, ast.Tuple)
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return None
    if not all(isinstance(part, (*allowed, *more)) for part in ast.walk(node)):
        return None
    source = ast.get_source_segment(script.text, node)
    if source is None or "\n" in source:
        return None
    share = None if split is None else ast.get_source_segment(script.text, split)
    return source if share is None else f"{source}[: int(len({source}) * (1 - {share}))]"


def section(script: Script, name: str) -> tuple[str, Edits]:
    """Returns what the script calls a section of Keras, and the import that this may need."""
    known = keras_name(script, name)
    if known is not None:
        return known, ()
    line = min((node.lineno for node in _keras_imports(script)), default=1)
    return f"keras.{name}", insert_before(script, line, "import keras")


def _keras_imports(script: Script) -> Iterator[ast.stmt]:
    """Yields imports before which none of Keras may stand: what is set above them decides."""
    for node in script.nodes(ast.ImportFrom):
        if str(node.module).split(".")[0] in ("keras", "tensorflow"):
            yield node


def numpy_name(script: Script) -> str | None:
    """Returns what the script calls NumPy, None if it does not import it."""
    for name, value in script.names.items():
        if isinstance(value.content, Reference) and value.content.path == "numpy":
            return name
    return None


def bound(script: Script, source: str, at: ast.AST, until: ast.AST) -> bool:
    """Whether a source of one place means the same at an earlier one.

    Args:
        script: The script.
        source: An expression.
        at: A node at the earlier place.
        until: A node at its own place, which must be in the same function.
    """
    home = _function(script, at)
    read = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    set_here = (
        node.lineno
        for node in script.nodes(ast.Name)
        if isinstance(node.ctx, ast.Store) and node.id in read and _function(script, node) is home
    )
    return _function(script, until) is home and all(line < _line(at) for line in set_here)


def _function(script: Script, node: ast.AST) -> ast.AST | None:
    """Returns the innermost function around a node, None for the module."""
    found = script.nodes(ast.FunctionDef, ast.AsyncFunctionDef)
    around = [one for one in found if one.lineno <= _line(node) <= (one.end_lineno or 0)]
    return max(around, key=_line, default=None)


def _line(node: ast.AST) -> int:
    return int(node.lineno)  # type: ignore[attr-defined]


def free_name(script: Script, wanted: str) -> str:
    """Returns a name that the script does not use."""
    used = {node.id for node in script.nodes(ast.Name)} | set(script.names)
    while wanted in used:
        wanted += "_"
    return wanted


def in_front(
    script: Script, model: Model, made: str, before: str = "", past: tuple[str, ...] = ()
) -> Edits:
    """Puts a layer between the input of a model and its first layer.

    Args:
        script: The script.
        model: A model with one input.
        made: The layer as an expression.
        before: Lines that are to stand before the statement that makes the model.
        past: Kinds of layers that stay between the input and the new one.
    """
    first = next((layer for layer in model.layers if layer.kind not in (*INPUTS, *past)), None)
    if first is None or first.maybe or not isinstance(first.node, ast.Call):
        return ()
    added = statement(script, first.node)
    lines = insert_before(script, added.lineno, before) if before else ()
    place = _before(script, first.node, added, first, made)
    return (*lines, *place) if place else ()


def _before(script: Script, node: ast.Call, added: ast.stmt, first: Call, made: str) -> Edits:
    if _adds(added):
        return insert_before(script, added.lineno, _add(script, added, made))
    applied = _application(script, node)
    if applied is None:
        return _listed(script, first, made, behind=False)
    given = applied.args[0]
    return _at(script, given, f"{made}({ast.get_source_segment(script.text, given)})")


def behind(script: Script, model: Model, made: str) -> Edits:
    """Puts a layer behind the last one of a model, see ``in_front``."""
    if not model.layers or len(model.heads) != 1:
        return ()
    last = model.layers[-1]
    if last.maybe or not isinstance(last.node, ast.Call):
        return ()
    added = statement(script, last.node)
    if _adds(added):
        indent = " " * added.col_offset
        end = (added.end_lineno or added.lineno) + 1
        return (Edit(end, "", indent + _add(script, added, made)),)
    applied = _application(script, last.node)
    if applied is not None:
        return _at(script, applied, f"{made}({ast.get_source_segment(script.text, applied)})")
    return _listed(script, last, made, behind=True)


def statement(script: Script, node: ast.AST) -> ast.stmt:
    """Returns the innermost statement around an expression."""
    line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
    kinds = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.If, ast.For)
    around = [
        one
        for one in script.nodes(*kinds)
        if (one.lineno, one.col_offset) <= (line, column)
        and (one.end_lineno or 0, one.end_col_offset or 0) > (line, column)
    ]
    return max(around, key=lambda one: (one.lineno, one.col_offset))


def _adds(added: ast.stmt) -> bool:
    """Whether a statement is ``model.add(...)``."""
    call = added.value if isinstance(added, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "add"
    )


def _add(script: Script, added: ast.stmt, made: str) -> str:
    assert isinstance(added, ast.Expr)
    assert isinstance(added.value, ast.Call)
    return f"{ast.get_source_segment(script.text, added.value.func)}({made})"


def _application(script: Script, node: ast.Call) -> ast.Call | None:
    """Returns the call of a layer on tensors, where it is made and called at once."""
    found = (call for call in script.nodes(ast.Call) if call.func is node and call.args)
    return next(found, None)


def _at(script: Script, node: ast.expr, source: str) -> Edits:
    """Replaces an expression on one line."""
    line = script.lines[node.lineno - 1]
    if node.end_lineno != node.lineno or not line.isascii():
        return ()
    new = line[: node.col_offset] + source + line[node.end_col_offset :]
    return (Edit(node.lineno, line, new),)


def _listed(script: Script, layer: Call, made: str, *, behind: bool) -> Edits:
    """Puts an element beside a layer in a list, on a line of its own if the layer has one."""
    if not _in_list(script, layer.node):
        return ()
    source = ast.get_source_segment(script.text, layer.node)
    indent = script.lines[layer.node.lineno - 1][: layer.node.col_offset]
    gap = f",\n{indent}" if not indent.strip() else ", "
    pair = (source, made) if behind else (made, source)
    return replace_call(layer, script, gap.join(map(str, pair)))


def _in_list(script: Script, node: ast.AST) -> bool:
    return any(node in found.elts for found in script.nodes(ast.List))


def recurrent(model: Model) -> Iterator[Call]:
    """Yields the recurrent layers of a model, each place in the source once."""
    seen: set[ast.AST] = set()
    for layer in model.layers:
        if layer.kind in RECURRENT and layer.node not in seen:
            seen.add(layer.node)
            yield layer
