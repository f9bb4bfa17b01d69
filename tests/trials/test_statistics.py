from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.trials.statistics import bootstrap_interval, chance

scores = st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=1, max_size=4)


def test_three_pairs_that_do_not_overlap_are_one_in_twenty():
    assert chance([0.8, 0.9, 0.7], [0.1, 0.2, 0.6]) == pytest.approx(1 / 20)


def test_three_pairs_that_overlap_are_more_likely():
    assert chance([0.8, 0.9, 0.5], [0.1, 0.2, 0.6]) > 1 / 20


def test_arms_that_are_alike_differ_so_every_time():
    assert chance([0.5] * 3, [0.5] * 3) == 1


def test_the_order_of_the_arms_decides_the_side():
    assert chance([0.1, 0.2, 0.6], [0.8, 0.9, 0.7]) == pytest.approx(1)


@given(scores, scores)
def test_chance_is_that_of_all_relabellings(treated, control):
    pool = [*treated, *control]
    observed = sum(treated) / len(treated) - sum(control) / len(control)
    as_large = total = 0
    for picked in itertools.combinations(range(len(pool)), len(treated)):
        ours = [pool[i] for i in picked]
        theirs = [pool[i] for i in range(len(pool)) if i not in picked]
        total += 1
        as_large += sum(ours) / len(ours) - sum(theirs) / len(theirs) >= observed - 1e-9
    assert chance(treated, control) == pytest.approx(as_large / total)


def test_many_pairs_are_drawn_and_agree_with_the_normal_law():
    generator = np.random.default_rng(3)
    control = generator.normal(0, 1, 40)
    treated = generator.normal(0.35, 1, 40)
    difference = treated.mean() - control.mean()
    pooled = np.concatenate([treated, control]).std()
    # One-sided tail of the normal law, by numerical integration of its density.
    grid = np.linspace(difference / (pooled * np.sqrt(2 / 40)), 12, 20_001)
    expected = np.trapezoid(np.exp(-(grid**2) / 2), grid) / np.sqrt(2 * np.pi)
    assert chance(treated, control) == pytest.approx(expected, abs=0.01)


def test_the_interval_of_one_pair_is_that_pair():
    assert bootstrap_interval([0.25]) == (0.25, 0.25)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=4))
def test_the_interval_of_few_pairs_is_that_of_all_resamples(differences):
    means = [np.mean(picked) for picked in itertools.product(differences, repeat=len(differences))]
    low, high = bootstrap_interval(differences)
    assert low == pytest.approx(np.quantile(means, 0.025), abs=1e-12)
    assert high == pytest.approx(np.quantile(means, 0.975), abs=1e-12)
    assert min(differences) - 1e-12 <= low <= high <= max(differences) + 1e-12


def test_the_interval_of_many_pairs_agrees_with_the_standard_error():
    differences = np.random.default_rng(5).normal(1, 2, 200)
    low, high = bootstrap_interval(list(differences))
    error = differences.std() / np.sqrt(200)
    assert low == pytest.approx(differences.mean() - 1.96 * error, abs=0.03)
    assert high == pytest.approx(differences.mean() + 1.96 * error, abs=0.03)
