"""The smallest change: what is left of a set that works when nothing more can be dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def smallest(items: Sequence[T], works: Callable[[tuple[T, ...]], bool]) -> tuple[T, ...]:
    """Returns a part of a set that still works and from which nothing can be dropped.

    Single items come first, in their order; then one item after another is dropped, the last
    first, until each that remains is necessary. This is delta debugging for sets of a few items,
    where halving them saves nothing.

    Args:
        items: A set that works, the most important item first.
        works: Whether a part works; asked once for each part, never for the whole set.
    """
    for item in items if len(items) > 1 else ():
        if works((item,)):
            return (item,)
    kept = tuple(items)
    asked: set[tuple[T, ...]] = {(item,) for item in items}
    while smaller := _smaller(kept, works, asked):
        kept = smaller
    return kept


def _smaller(
    kept: tuple[T, ...], works: Callable[[tuple[T, ...]], bool], asked: set[tuple[T, ...]]
) -> tuple[T, ...]:
    """Returns the first part with one item less that works, empty if there is none."""
    for index in reversed(range(len(kept))):
        part = kept[:index] + kept[index + 1 :]
        if part and part not in asked:
            asked.add(part)
            if works(part):
                return part
    return ()
