"""Carries a change of a script over to another version of it."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable

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
    # The time of a comparison grows with the square of its length, and most stays as it is.
    start = _alike(zip(base, new, strict=False))
    shorter = min(len(base), len(new)) - start
    end = min(shorter, _alike(zip(reversed(base), reversed(new), strict=False)))
    matcher = difflib.SequenceMatcher(
        None, base[start : len(base) - end], new[start : len(new) - end], autojunk=False
    )
    return [
        (start + i, start + j, new[start + k : start + m])
        for kind, i, j, k, m in matcher.get_opcodes()
        if kind != "equal"
    ]


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    """Returns how many pairs are alike before the first that is not."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _touch(one: Block, other: Block) -> bool:
    """Whether two blocks overlap, or insert at the same place, where their order is open."""
    first, second = sorted((one, other), key=lambda block: block[:2])
    return first[0] == second[0] or second[0] < first[1]
