"""Padding against a count, sample by sample, in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.case.padding import padding_facts


def run(rows, value):
    length = 0
    for row in rows:
        if not all(entry == value for entry in row):
            break
        length += 1
    return length


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=12),
    st.integers(1, 3),
    st.sampled_from([0.0, -1.0, 99.0]),
    st.booleans(),
)
def test_runs_are_counted_sample_by_sample(runs, features, value, hole):
    steps = 14
    rng = np.random.default_rng(len(runs))
    x = rng.normal(size=(len(runs), steps, features))
    for sample, (head, tail) in zip(x, runs, strict=True):
        sample[:head] = value
        sample[steps - tail :] = value
        if hole:
            sample[7] = value
    facts = padding_facts([x])
    heads = np.array([run(sample, value) for sample in x])
    tails = np.array([run(sample[::-1], value) for sample in x])
    if max((heads > 0).sum(), (tails > 0).sum()) < 2:
        assert facts.value is None
        return
    assert facts.value == value
    assert facts.head_share == pytest.approx((heads / steps).mean())
    assert facts.tail_share == pytest.approx((tails / steps).mean())
    assert facts.head_samples == pytest.approx((heads > 0).mean())
    assert facts.tail_samples == pytest.approx((tails > 0).mean())
    assert facts.lengths_vary == (len(set(heads)) > 1 or len(set(tails)) > 1)
    inside = [sample[h : steps - t] for sample, h, t in zip(x, heads, tails, strict=True)]
    equal = sum(all(row == value) for rows in inside for row in rows)
    rows = sum(len(rows) for rows in inside)
    assert facts.inside_share == pytest.approx(equal / rows)


def test_ids_padded_at_their_end():
    ids = np.random.default_rng(0).integers(1, 500, (100, 40))
    lengths = np.random.default_rng(1).integers(5, 41, 100)
    ids[np.arange(40) >= lengths[:, None]] = 0
    facts = padding_facts([ids])
    assert facts.value == 0
    assert facts.tail_share == pytest.approx((1 - lengths / 40).mean())
    assert facts.lengths_vary


def test_full_sequences_have_none():
    rng = np.random.default_rng(0)
    assert padding_facts([rng.normal(size=(100, 20, 3))]).value is None
    assert padding_facts([rng.integers(1, 5000, (100, 20))]).value is None


def test_a_frequent_last_token_does_not_hide_padding_at_the_start():
    ids = np.random.default_rng(0).integers(2, 900, (60, 20))
    ids[:, -1] = 1  # every sentence ends in the same mark
    ids[:, :8] = 0
    facts = padding_facts([ids])
    assert (facts.value, facts.tail_share) == (0, 0)
    assert facts.head_share == pytest.approx(0.4)


def test_constant_samples_are_padding_from_both_ends():
    x = np.random.default_rng(0).normal(size=(4, 5, 2))
    x[:2] = 0
    facts = padding_facts([x])
    assert (facts.head_share, facts.tail_share, facts.inside_share) == (0.5, 0.5, 0)


def test_batches_padded_to_their_own_length():
    blocks = []
    for steps in (6, 10):
        block = np.random.default_rng(steps).normal(size=(4, steps, 2))
        block[:, steps // 2 :] = 0
        blocks.append(block)
    facts = padding_facts(blocks)
    assert (facts.value, facts.tail_share, facts.tail_samples) == (0, pytest.approx(0.5), 1.0)


def test_nothing_to_look_at():
    for empty in (np.zeros((0, 5, 2)), np.zeros((3, 1, 2)), np.zeros((3, 5, 0)), np.zeros(4)):
        assert padding_facts([empty]).value is None
