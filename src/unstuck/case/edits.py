"""Smallest edits of a script: set or remove an argument, replace a call, insert a line.

An edit is a line before and after. An empty ``old`` inserts a line, an empty
``new`` removes one. Everything that isn't named stays as it is, to the letter.
Where no safe edit exists the functions return none at all.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
from collections.abc import Iterable

from unstuck.case.script import Call, Script
from unstuck.record import Edit

_ENDS = re.compile(r"\r\n|\r|\n")
_LAST_END = re.compile(r"(\r\n|\r|\n)\Z")


def set_argument(call: Call, script: Script, name: str, source: str) -> tuple[Edit, ...]:
    """Gives an argument of a call a new value.

    Replaces the value where the argument is written, by keyword or position, else adds the
    keyword. Returns nothing where the argument may come from ``*args`` or ``**kwargs``.

    Args:
        call: A call of the script.
        script: The script.
        name: Keras's name of the parameter.
        source: The new value as Python source of one line.
    """
    if not _readable(script, call):
        return ()
    node = _written(call, name)
    if node is not None:
        return _replace(
            script, _start(script, node), _end(script, node), _quoted(script, node, source)
        )
    assert isinstance(call.node, ast.Call)
    if call.open or name in call.arguments or _spread(call.node):
        return ()
    return _add_keyword(script, call.node, f"{name}={source}")


def remove_argument(call: Call, script: Script, name: str) -> tuple[Edit, ...]:
    """Takes an argument out of a call; nothing if others would change their meaning by it."""
    if not _readable(script, call):
        return ()
    node = call.node
    assert isinstance(node, ast.Call)
    parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    parts.sort(key=lambda part: (part.lineno, part.col_offset))
    value = _written(call, name)
    index = next(
        (i for i, part in enumerate(parts) if value in (part, getattr(part, "value", None))), None
    )
    if value is None or index is None:
        return ()
    if parts[index] is value and any(not isinstance(p, ast.keyword) for p in parts[index + 1 :]):
        return ()
    return _take_out(script, node, parts, index)


def replace_call(call: Call, script: Script, source: str) -> tuple[Edit, ...]:
    """Puts an expression in the place of a whole call."""
    if not _readable(script, call):
        return ()
    return _replace(script, _start(script, call.node), _end(script, call.node), source)


def insert_before(script: Script, line: int, text: str) -> tuple[Edit, ...]:
    """Inserts lines before a line, indented like it.

    Args:
        script: The script.
        line: Line of the text, counted from 1; one past the end appends.
        text: One or more lines without their indentation.
    """
    old = script.lines[line - 1] if line <= len(script.lines) else ""
    indent = old[: len(old) - len(old.lstrip())]
    return tuple(Edit(line, "", indent + added) for added in text.split("\n"))


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Returns the text after some edits, which name lines of the text before any of them.

    Raises:
        ValueError: If a line isn't what an edit says it was.
    """
    lines = list(io.StringIO(text, newline=""))
    ending = _ENDS.search(text)
    new_line = ending[0] if ending else "\n"
    inserted: dict[int, list[str]] = {}
    for edit in edits:
        if not edit.old:
            inserted.setdefault(edit.line, []).append(edit.new + new_line)
            continue
        old = lines[edit.line - 1].rstrip("\r\n") if edit.line <= len(lines) else None
        if old != edit.old:
            raise ValueError(
                f"Expected line {edit.line} to be {edit.old!r}. Received: {old!r}. "
                "The script has changed since it was read: read it again."
            )
        ending_of = lines[edit.line - 1][len(old) :]
        lines[edit.line - 1] = edit.new + ending_of if edit.new else ""
    made = _assembled(lines, inserted, new_line)
    # A text without a newline at its end stays one.
    return made if text.endswith(("\n", "\r")) else _LAST_END.sub("", made)


def _assembled(lines: list[str], inserted: dict[int, list[str]], new_line: str) -> str:
    made: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        added = inserted.get(number, [])
        if added and made and made[-1] and not made[-1].endswith(("\n", "\r")):
            made[-1] += new_line
        made.extend([*added, line])
    return "".join(made)


def _readable(script: Script, call: Call) -> bool:
    """Whether the call stands where its node says; inside f-strings Python 3.11 misplaces it."""
    if not isinstance(call.node, ast.Call):
        return False
    start, end = _start(script, call.node), _end(script, call.node)
    try:
        read = ast.parse(f"({_between(script, start, end)}\n)", mode="eval").body
    except SyntaxError:
        return False
    return ast.dump(read) == ast.dump(call.node)


def _written(call: Call, name: str) -> ast.expr | None:
    """Returns the expression in the call itself that gives an argument."""
    assert isinstance(call.node, ast.Call)
    for part in call.node.keywords:
        if part.arg == name:
            return part.value
    position = _position(call, name)
    if position is None or position >= len(call.node.args):
        return None
    if any(isinstance(part, ast.Starred) for part in call.node.args[: position + 1]):
        return None
    return call.node.args[position]


def _position(call: Call, name: str) -> int | None:
    names = list(call.arguments)
    return names.index(name) if name in names else None


def _quoted(script: Script, node: ast.expr, source: str) -> str:
    """Returns the source with the quotes of the text that it replaces, if both are texts."""
    line, column = _start(script, node)
    simple = re.fullmatch(r'"([^"\'\\]*)"', source)
    return f"'{simple[1]}'" if simple and script.lines[line][column] == "'" else source


def _spread(node: ast.Call) -> bool:
    starred = any(isinstance(part, ast.Starred | ast.GeneratorExp) for part in node.args)
    return starred or any(part.arg is None for part in node.keywords)


def _offset(script: Script, line: int, column: int) -> tuple[int, int]:
    """Returns line index and character column for ast's line number and UTF-8 byte column."""
    text = script.lines[line - 1]
    if text.isascii():
        return line - 1, column
    return line - 1, len(text.encode()[:column].decode())


Point = tuple[int, int]


def _start(script: Script, node: ast.expr | ast.stmt | ast.keyword) -> Point:
    return _offset(script, node.lineno, node.col_offset)


def _end(script: Script, node: ast.expr | ast.stmt | ast.keyword) -> Point:
    return _offset(script, node.end_lineno or node.lineno, node.end_col_offset or 0)


def _replace(script: Script, start: Point, end: Point, source: str) -> tuple[Edit, ...]:
    """Returns the edits that put a source in the place of what is between two points."""
    old = list(script.lines[start[0] : end[0] + 1])
    text = old[0][: start[1]] + source + old[-1][end[1] :]
    new = text.split("\n")
    first = start[0] + 1
    while old and new and old[0] == new[0]:
        old, new, first = old[1:], new[1:], first + 1
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    pairs = itertools.zip_longest(enumerate(old, first), new)
    last = first + len(old)
    found = []
    for place, after in pairs:
        line, before = place if place is not None else (last, "")
        if before != (after or ""):
            found.append(Edit(line, before, after or ""))
    return tuple(edit for edit in found if edit.old or edit.new)


def _after(script: Script, node: ast.Call, part: ast.expr | ast.keyword) -> tuple[Point, Point]:
    """Returns the points after an argument with its parentheses, and after its comma.

    Where no comma follows, both are the same.
    """
    line, column = _end(script, part)
    last = _end(script, node)
    closing = (line, column)
    while (line, column) < (last[0], last[1] - 1):
        text = script.lines[line]
        if column >= len(text) or text[column] == "#":
            line, column = line + 1, 0
            continue
        if text[column] == ",":
            return closing, (line, column + 1)
        column += 1
        if text[column - 1] == ")":
            closing = (line, column)
    return closing, closing


def _add_keyword(script: Script, node: ast.Call, added: str) -> tuple[Edit, ...]:
    parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    if not parts:
        line, column = _end(script, node)
        return _replace(script, (line, column - 1), (line, column - 1), added)
    last = max(parts, key=lambda part: (part.lineno, part.col_offset))
    end, comma = _after(script, node, last)
    closing_line = _end(script, node)[0]
    before = script.lines[last.lineno - 1][: _start(script, last)[1]]
    if before.strip() or closing_line == comma[0]:
        return _replace(script, end, end, f", {added}")
    following = (Edit(comma[0] + 2, "", f"{before}{added},"),)
    return following if comma != end else (*_replace(script, end, end, ","), *following)


def _take_out(
    script: Script, node: ast.Call, parts: list[ast.expr | ast.keyword], index: int
) -> tuple[Edit, ...]:
    part = parts[index]
    end, comma = _after(script, node, part)
    start = _opening(script, part, end)
    if start is None:
        return ()
    alone = not script.lines[start[0]][: start[1]].strip()
    rest = script.lines[comma[0]][comma[1] :].strip()
    if alone and (not rest or rest.startswith("#")):
        return tuple(
            Edit(number + 1, script.lines[number], "")
            for number in range(start[0], comma[0] + 1)
            if script.lines[number]
        )
    if index > 0:
        behind, _ = _after(script, node, parts[index - 1])
        if "#" in _between(script, behind, start):
            return _replace(script, start, comma, "")
        return _replace(script, behind, end, "")
    if len(parts) > 1:
        following = _opening(script, parts[1], _after(script, node, parts[1])[0])
        return () if following is None else _replace(script, start, following, "")
    return _replace(script, start, comma, "")


def _between(script: Script, start: Point, end: Point) -> str:
    if start[0] == end[0]:
        return script.lines[start[0]][start[1] : end[1]]
    lines = [script.lines[start[0]][start[1] :], *script.lines[start[0] + 1 : end[0]]]
    return "\n".join([*lines, script.lines[end[0]][: end[1]]])


def _opening(script: Script, part: ast.expr | ast.keyword, end: Point) -> Point | None:
    """Returns where an argument starts with the parentheses around it, None if unreadable."""
    line, column = _end(script, part)
    closed = 0
    while (line, column) < end:
        text = script.lines[line]
        if column >= len(text) or text[column] == "#":
            line, column = line + 1, 0
            continue
        closed += text[column] == ")"
        column += 1
    line, column = _start(script, part)
    while closed:
        before = script.lines[line][:column].rstrip()
        if before.endswith("("):
            column, closed = len(before) - 1, closed - 1
        elif before or line == 0:
            return None
        else:
            line, column = line - 1, len(script.lines[line - 1])
    return line, column
