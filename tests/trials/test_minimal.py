from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unstuck.trials.minimal import smallest

items = st.integers(1, 6)
needs = st.sets(st.frozensets(st.integers(0, 5), min_size=1, max_size=3), min_size=1, max_size=4)


def test_a_single_item_that_does_comes_first():
    asked = []

    def works(part):
        asked.append(part)
        return "b" in part

    assert smallest("abc", works) == ("b",)
    assert asked == [("a",), ("b",)]


def test_two_that_need_each_other_stay():
    assert smallest("abc", lambda part: {"a", "c"} <= set(part)) == ("a", "c")


def test_the_only_item_is_not_asked_about():
    def works(part):
        raise AssertionError

    assert smallest("a", works) == ("a",)


@given(items, needs)
def test_nothing_can_be_dropped_from_what_is_left(count, wanted):
    """Whatever sets of items work, monotone or not, the result works and is minimal."""
    whole = tuple(range(count))

    def works(part):
        return part == whole or any(need <= set(part) for need in wanted)

    left = smallest(whole, works)
    assert works(left)
    assert not any(works(tuple(i for i in left if i != item)) for item in left if len(left) > 1)


@given(items, needs)
def test_no_part_is_asked_about_twice(count, wanted):
    asked = []

    def works(part):
        asked.append(part)
        return any(need <= set(part) for need in wanted)

    smallest(tuple(range(count)), works)
    assert len(asked) == len(set(asked))
