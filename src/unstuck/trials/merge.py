"""Carries a change of a script over to another version of it."""

from __future__ import annotations

import difflib
import re

_TOKEN = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")
"""Words, single signs, line ends and the space between: two changes of one line may meet."""

Block = tuple[int, int, list[str]]


def merged(base: str, ours: str, theirs: str) -> str | None:
    """Returns the base with two changes in it, None where they touch the same place.

    Args:
        base: The text that both changes were made from.
        ours: The text after one change.
        theirs: The text after the other.
    """
    if base in (ours, theirs):
        return theirs if base == ours else ours
    if ours == theirs:
        return ours
    words = _TOKEN.findall(base)
    first, second = _blocks(words, ours), _blocks(words, theirs)
    if any(_touch(one, other) for one in first for other in second if one != other):
        return None
    both = sorted([*first, *(block for block in second if block not in first)], key=lambda b: b[:2])
    for start, end, new in reversed(both):
        words[start:end] = new
    return "".join(words)


def _blocks(base: list[str], changed: str) -> list[Block]:
    """Returns what of the base was replaced, and by what."""
    new = _TOKEN.findall(changed)
    matcher = difflib.SequenceMatcher(None, base, new, autojunk=False)
    return [
        (start, end, new[first:last])
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _touch(one: Block, other: Block) -> bool:
    """Whether two blocks overlap, or insert at the same place, where their order is open."""
    first, second = sorted((one, other), key=lambda block: block[:2])
    return first[0] == second[0] or second[0] < first[1]
