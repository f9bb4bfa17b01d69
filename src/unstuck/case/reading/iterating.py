"""What a loop, a condition and a key make of a value."""

from __future__ import annotations

from typing import Any

from unstuck.case.reading.values import UNKNOWN, Call, Reference, Value

UNROLL_CAP = 16
"""Loops up to this many known rounds are run round by round; longer ones build no layers."""


def iterate(value: Value) -> list[Value] | None:
    """Returns the elements that a loop over the value sees, None if they aren't known."""
    content = value.content
    if isinstance(content, list | tuple):
        return list(content)
    if isinstance(content, dict):
        return None if UNKNOWN in content else [Value(key) for key in content]
    if isinstance(content, str):
        return [Value(letter) for letter in content]
    if isinstance(content, range) and len(content) <= UNROLL_CAP:
        return [Value(number, value.node, value.file) for number in content]
    return None


def truth(value: Value) -> bool | None:
    """Returns whether the value is true, None if that isn't known."""
    content = value.content
    if isinstance(content, Reference | Call):
        return True
    if isinstance(content, str | bytes | int | float | list | tuple | dict | range | None):
        return bool(content)
    return None


def hashable(value: Value) -> Any:
    """Returns the value as a key of a dict, UNKNOWN where that can't be."""
    plain = value.value
    return plain if isinstance(plain, str | int | float | bytes | None) else UNKNOWN
