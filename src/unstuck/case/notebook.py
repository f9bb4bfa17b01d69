"""The code of a notebook as one script."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

from unstuck.errors import UsageError

_WHOLE_CELL = {"bash", "html", "javascript", "js", "latex", "markdown", "perl", "ruby", "script"}
_WHOLE_CELL |= {"sh", "svg", "writefile", "sql", "R", "cmd"}
"""Cell magics whose cell holds no Python that runs in the notebook."""

_MAGIC = re.compile(r"^(\s*)([%!?].*|.*[^\s?]\?{1,2}\s*)$")
_MAYBE_MAGIC = re.compile(r"^\s*[%!?]|\?\s*$|=\s*[%!]", re.MULTILINE)
"""Cells without such a line need no parsing to find out."""
_ASSIGNED = re.compile(r"^(\s*[\w\s,.\[\]]+=\s*)[%!].*$")


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """One code cell: its number among the code cells, and its first line in the joined text."""

    number: int
    line: int


def join_cells(document: str, path: str) -> tuple[str, tuple[Cell, ...]]:
    """Returns the code cells of a notebook as one text, and where each of them starts.

    Magics and shell lines are replaced, so that all other lines keep their place.

    Raises:
        UsageError: If the document isn't a notebook.
    """
    text, starts, line = [], [], 1
    for number, source in enumerate(cell_sources(document, path), 1):
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        starts.append(Cell(number, line))
        text.append(plain_python(source))
        line += source.count("\n") + 1
    return "\n".join(text), tuple(starts)


def cell_sources(document: str, path: str) -> list[str]:
    """Returns the sources of the code cells to the letter.

    Raises:
        UsageError: If the document isn't a notebook.
    """
    try:
        cells = json.loads(document)["cells"]
        return [_source(cell) for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"Expected a Jupyter notebook of format 4. Received: {path} ({error!r}). "
            "Open it in Jupyter and save it again."
        ) from error


def _source(cell: Any) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def name_of(path: str, number: int) -> str:
    """Returns what the code cell of a notebook is called where a file is named."""
    return f"{path}:cell {number}"


def cell_of(file: str) -> tuple[str, int | None]:
    """Returns the path and the number of the code cell, None for what isn't a notebook's."""
    named = _NAMED.fullmatch(file)
    return (named[1], int(named[2])) if named else (file, None)


_NAMED = re.compile(r"(.*\.ipynb):cell (\d+)", re.DOTALL)


def plain_python(source: str) -> str:
    """Returns the source of a cell without magics, with as many lines."""
    source = _at_the_margin(source)
    if not _MAYBE_MAGIC.search(source):
        return source
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        pass
    else:
        return source
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first[2:].split(maxsplit=1)[:1] and _foreign(first):
        return "\n" * (len(lines) - 1)
    return "\n".join(_without_magics(lines))


def _at_the_margin(source: str) -> str:
    """Returns a cell without the indentation of its first line, as IPython runs it."""
    indent = re.match(r"\s*?([ \t]*)(?=\S)", source)
    if indent is None or not indent[1]:
        return source
    lines = source.split("\n")
    return "\n".join(line.removeprefix(indent[1]) for line in lines)


def _without_magics(lines: list[str]) -> Iterator[str]:
    goes_on = False
    for line in lines:
        plain = "" if goes_on else _without_magic(line)
        # A shell line that ends in a backslash goes on in the next one.
        goes_on = (goes_on or plain != line) and line.rstrip().endswith("\\")
        yield plain


def _foreign(first: str) -> bool:
    return first[2:].split(maxsplit=1)[0] in _WHOLE_CELL


def _without_magic(line: str) -> str:
    assigned = _ASSIGNED.match(line)
    if assigned:
        return assigned[1] + "None"
    magic = _MAGIC.match(line)
    return magic[1] + "pass" if magic and not line.lstrip().startswith("#") else line
