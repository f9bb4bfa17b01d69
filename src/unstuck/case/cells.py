"""Edits the sources of a notebook's cells and leaves every other byte of its JSON alone."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()

Span = tuple[int, int]
"""Start and end of a JSON value in the text of a document."""


def with_sources(document: str, sources: Mapping[int, str]) -> str:
    """Returns the document with other sources for some of its code cells.

    Lines that stay keep the spelling that they have in the JSON.

    Args:
        document: A notebook that has been read without an error.
        sources: New sources by the number of the code cell, counted from 1.
    """
    spans = list(_code_sources(document))
    for number in sorted(sources, reverse=True):
        start, end = spans[number - 1]
        new = _written(document, start, end, sources[number])
        document = document[:start] + new + document[end:]
    return document


def _code_sources(document: str) -> Iterator[Span]:
    top = dict(_members(document, _skip(document, 0)))
    for cell, _ in _items(document, top["cells"][0]):
        fields = dict(_members(document, cell))
        kind = fields.get("cell_type")
        if kind is not None and json.loads(document[slice(*kind)]) == "code":
            yield fields["source"]


def _members(text: str, at: int) -> Iterator[tuple[str, Span]]:
    """Yields key and place of every member of the object that starts at a position."""
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        yield key, (start, end)
        at = _next(text, end)


def _items(text: str, at: int) -> Iterator[Span]:
    """Yields the place of every item of the array that starts at a position."""
    at = _skip(text, at + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = _next(text, end)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None  # no space is a match too
    return found.end()


def _next(text: str, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _written(document: str, start: int, end: int, source: str) -> str:
    """Returns the JSON of a new source in the style of the one between two positions."""
    if document[start] != "[":
        return _text(source, document)
    items = list(_items(document, start))
    spelled = {json.loads(document[at:to]): document[at:to] for at, to in items}
    lines = list(io.StringIO(source, newline=""))
    if not items:
        return f"[{', '.join(_text(line, document) for line in lines)}]"
    opening, closing = document[start : items[0][0]], document[items[-1][1] : end]
    between = document[items[0][1] : items[1][0]] if len(items) > 1 else f",{opening[1:]}"
    return opening + between.join(spelled.get(x) or _text(x, document) for x in lines) + closing


def _text(value: str, document: str) -> str:
    # Jupyter writes letters as they are; other programs escape them.
    return json.dumps(value, ensure_ascii=document.isascii())
