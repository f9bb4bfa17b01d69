"""Several edits of one script that may meet on a line."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Callable, Iterable, Iterator

from unstuck.case.edits import apply, remove_argument
from unstuck.case.script import Call, Script
from unstuck.findings.sites import Edits
from unstuck.record import Edit


def one_by_one(script: Script, step: Callable[[Script], Edits]) -> Edits:
    """Joins edits, each of which is made on the script that those before it gave.

    Args:
        script: The script.
        step: Gives the next edits of a script, none once there are no more.
    """
    current = script
    while edits := step(current):
        current = Script.parse(apply(current.text, edits))
    return tuple(_difference(script, current))


def without(script: Script, layers: Iterable[Call], options: Iterable[str]) -> Edits:
    """Takes the first of some options out of the first layer that has one."""
    pairs = itertools.product(layers, options)
    found = (remove_argument(one, script, name) for one, name in pairs if name in one.arguments)
    return next(filter(None, found), ())


def _difference(before: Script, after: Script) -> Iterator[Edit]:
    matcher = difflib.SequenceMatcher(None, before.lines, after.lines, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind != "equal":
            old = enumerate(before.lines[start:end], start + 1)
            for place, new in itertools.zip_longest(old, after.lines[first:last]):
                line, text = place or (end + 1, "")
                yield Edit(line, text, new or "")
