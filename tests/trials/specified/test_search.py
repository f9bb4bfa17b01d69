from __future__ import annotations

from unstuck.trials.score import EXPLAINED, Compared
from unstuck.trials.specified.change import Change
from unstuck.trials.specified.search import Tried, chosen


def tried(name, gain):
    change = Change("X", "x", name, "X.", lambda spec: spec)
    return Tried(change, (), Compared(EXPLAINED, "validation", gain, 0.0))


def test_of_changes_that_bring_about_the_same_the_first_is_chosen():
    first, best, idle = tried("first", 0.85), tried("best", 0.9), tried("idle", 0.01)
    assert chosen([idle, first, best]) is first
    assert chosen([idle]) is None
    assert chosen([]) is None
