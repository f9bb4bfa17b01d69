"""Orders of places along an axis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.observe.orders import distance_chance, kinds, likeness, order_chance, own_distances

RNG = np.random.default_rng(0)


def decaying(places: int) -> np.ndarray:
    apart = np.abs(np.arange(places)[:, None] - np.arange(places))
    return 0.8**apart


@pytest.mark.parametrize("places", [8, 20, 60])
def test_likeness_that_fades_with_distance_is_an_order(places):
    assert order_chance(decaying(places)) < 0.01


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(8, 30))
def test_the_chance_of_a_shuffled_order_is_spread_evenly(seed, places):
    shuffled = np.random.default_rng(seed).permutation(places)
    chance = order_chance(decaying(places)[np.ix_(shuffled, shuffled)])
    assert 0 < chance <= 1
    if seed % 10 == 0:  # the order that was shuffled away is found again
        back = np.argsort(shuffled)
        again = decaying(places)[np.ix_(shuffled, shuffled)][np.ix_(back, back)]
        assert order_chance(again) < 0.01


def test_half_of_all_shuffled_orders_have_a_chance_below_a_half():
    found = []
    for seed in range(100):
        shuffled = np.random.default_rng(seed).permutation(12)
        found.append(order_chance(decaying(12)[np.ix_(shuffled, shuffled)]))
    assert 0.35 < np.mean(np.asarray(found) < 0.5) < 0.65
    assert np.mean(np.asarray(found) < 0.05) < 0.15


@pytest.mark.parametrize("alike", [decaying(3), np.ones((9, 9))], ids=["three", "all alike"])
def test_too_few_places_or_all_alike_have_no_order(alike):
    assert order_chance(alike) is None


def test_a_season_is_an_order_by_distance_alone():
    places = np.arange(30)
    season = np.where((places[:, None] - places) % 5, 0.0, 0.8)
    assert distance_chance(season) < 0.01
    assert order_chance(season) > 0.05
    shuffled = np.random.default_rng(1).permutation(30)
    assert distance_chance(season[np.ix_(shuffled, shuffled)]) > 0.05
    assert distance_chance(decaying(20)) < 0.01
    assert distance_chance(np.ones((9, 9))) is None


def test_likeness_is_the_mean_correlation():
    cube = RNG.normal(size=(500, 4, 3))
    cube = (cube - cube.mean(axis=0)) / cube.std(axis=0)
    expected = np.mean([np.corrcoef(cube[:, :, k].T) for k in range(3)], axis=0)
    assert np.allclose(likeness(cube), expected)


def test_distances_of_distributions_are_those_of_the_definition():
    values = np.stack([RNG.normal(size=800), RNG.normal(1, 1, 800), RNG.integers(0, 2, 800)], 1)
    points = np.sort(values.ravel())
    shares = [(values[:, k, None] <= points).mean(axis=0) for k in range(3)]
    for one in range(3):
        for other in range(3):
            exact = np.abs(shares[one] - shares[other]).max()
            # At 64 points the largest difference may be missed by a step between two of them.
            assert own_distances(values)[one, other] == pytest.approx(exact, abs=0.04)


def test_kinds_of_values():
    count = 600
    padded = np.where(np.arange(count) < 100, RNG.normal(size=count), 0.0)
    columns = [
        RNG.normal(size=count),
        RNG.integers(0, 2, count),
        RNG.integers(0, 5, count),
        np.zeros(count),
        RNG.integers(0, 60, count),
    ]
    assert kinds(np.stack(columns, axis=1)) == ("many", "few", "few", "", "")
    assert kinds(padded[:, None]) != ("few",)
