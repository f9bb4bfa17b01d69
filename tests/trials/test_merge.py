from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from unstuck.trials.merge import merged

BASE = "a = 1\nmodel.compile(optimizer=Adam(1e-6), loss='mse')\nmodel.fit(x, y)\n"
RATE = BASE.replace("1e-6", "1e-3")
LOSS = BASE.replace("'mse'", "'mae'")

words = st.lists(st.sampled_from(["a", "b", "c", "=", "(", "\n", " "]), max_size=12).map("".join)


def test_two_changes_of_one_line_meet():
    assert merged(BASE, RATE, LOSS) == BASE.replace("1e-6", "1e-3").replace("'mse'", "'mae'")


def test_two_changes_of_one_place_do_not():
    assert merged(BASE, RATE, BASE.replace("1e-6", "1e-2")) is None


def test_a_line_that_is_inserted_stays_where_it_belongs():
    longer = BASE.replace("model.fit", "model.summary()\nmodel.fit")
    assert merged(BASE, longer, RATE) == longer.replace("1e-6", "1e-3")


def test_an_insertion_inside_of_what_another_replaces_is_refused():
    inside = BASE.replace("Adam(1e-6)", "Adam(1e-6, clipnorm=1.0)")
    assert merged(BASE, BASE.replace("Adam(1e-6)", "None"), inside) is None


def test_what_was_changed_last_can_be_kept_alone():
    both = RATE.replace("'mse'", "'mae'")
    assert merged(RATE, both, BASE) == LOSS


@given(words, words)
def test_a_change_met_by_none_is_that_change(base, changed):
    assert merged(base, changed, base) == changed
    assert merged(base, base, changed) == changed
    assert merged(base, changed, changed) == changed


@given(words, words, words)
def test_the_order_of_the_changes_does_not_matter(base, ours, theirs):
    assert merged(base, ours, theirs) == merged(base, theirs, ours)


def test_changes_of_a_long_script_meet():
    lines = [f"value_{n} = compute(value_{n - 1}, {n})" for n in range(3000)]
    base = "\n".join(lines)
    lines[10] += "  # first"
    ours = "\n".join(lines)
    theirs = base.replace("compute(value_2, 3)", "compute(value_2, 4)")
    assert merged(base, ours, theirs) == ours.replace("compute(value_2, 3)", "compute(value_2, 4)")
