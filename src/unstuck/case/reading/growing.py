"""What grows round by round: lists and counters in loops whose rounds aren't known.

Such a loop is read once. What it builds is seen, but how long a list is after it, or how far
a counter has got, is not known.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from unstuck.case.reading.objects import Scope, Tensor
from unstuck.case.reading.values import Value

if TYPE_CHECKING:
    from unstuck.case.reading.reader import Reader

GROWING = {
    *("append", "extend", "insert", "add", "update", "pop", "remove", "discard", "clear"),
}
"""Methods after which a list or set is longer or shorter."""


class Items(list[Value]):
    """A list of the script.

    Attributes:
        born: The step of the reading at which the script made it.
        open: Whether its length isn't known any more.
    """

    __slots__ = ("born", "open")

    def __init__(self, values: Any, born: int = 0, open: bool = False) -> None:
        super().__init__(values)
        self.born = born
        self.open = open


def is_open(content: Any) -> bool:
    """Whether a list may be longer than what was read of it."""
    return isinstance(content, Items) and content.open


@contextlib.contextmanager
def perhaps(reader: Reader) -> Iterator[None]:
    """Reads what may happen or not, or several times."""
    reader.since.append(reader.steps)
    try:
        yield
    finally:
        reader.since.pop()


@contextlib.contextmanager
def repeated(reader: Reader, scope: Scope) -> Iterator[None]:
    """Reads the body of a loop once whose rounds aren't known."""
    reader.before.append(dict(scope.names))
    try:
        with perhaps(reader):
            yield
    finally:
        reader.before.pop()


def grow(reader: Reader, receiver: Value) -> None:
    """Notes that a list is changed, where that may happen any number of times."""
    content = receiver.content
    if not isinstance(content, Items):
        receiver.content = content = Items(content)
    if reader.since and content.born <= reader.since[-1]:
        content.open = True


def counted(reader: Reader, name: str | None, old: Value | None, new: Value) -> Value:
    """Returns the new value of a name that its old value leads to, UNKNOWN where rounds add up.

    Args:
        reader: The reader.
        name: The name; None for an attribute or an item.
        old: Its value before.
        new: Its value after one round.
    """
    if not reader.before or isinstance(new.content, Tensor):
        return new
    if name is not None and reader.before[-1].get(name) is not old:
        return new  # it starts anew in every round
    if isinstance(new.content, list):
        return Value(Items(new.content, open=True), new.node, new.file)
    return reader.unknown(new.node)
