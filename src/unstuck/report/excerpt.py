"""The lines of the user's source around the place of a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from unstuck.record import Location
from unstuck.report.wording import visible

AROUND = 2
"""Lines shown before and after: enough to recognise the place, too few to get lost in."""


def excerpt(sources: Mapping[str, str], location: Location) -> list[dict[str, Any]]:
    """Returns the lines around a location as ``number``, ``text`` and ``marked``.

    The indentation that all lines share is taken off. Empty where the source
    or the line is not known.
    """
    if location.file is None or location.line is None or location.file not in sources:
        return []
    lines = source_lines(sources[location.file])
    if not 1 <= location.line <= len(lines):
        return []
    first = max(1, location.line - AROUND)
    last = min(len(lines), location.line + AROUND)
    numbers = [
        number
        for number in range(first, last + 1)
        if lines[number - 1].strip() or first < number < last
    ]
    texts = outdented([visible(lines[number - 1]).rstrip() for number in numbers])
    return [
        {"number": number, "text": text, "marked": number == location.line}
        for number, text in zip(numbers, texts, strict=True)
    ]


def source_lines(text: str) -> list[str]:
    """Splits source as Python counts its lines, which ``str.splitlines`` does not."""
    return re.split(r"\r\n|\r|\n", text)


def outdented(lines: list[str]) -> list[str]:
    """Takes off the indentation that all lines share."""
    filled = [line for line in lines if line.strip()]
    indent = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    return [line[indent:] for line in lines]
