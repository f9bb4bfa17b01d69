from __future__ import annotations

import random
import sys
import types

import keras
import numpy as np

from unstuck.trials import seeded
from unstuck.trials.seeded import Shifted


def weights_and_data(monkeypatch, shift):
    module = sys.modules["keras.src.random.seed_generator"]
    monkeypatch.setitem(vars(module), "python_random", Shifted(shift))
    keras.utils.set_random_seed(4)
    data = np.random.normal(size=3)
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    return np.asarray(layer.get_weights()[0]), data, np.random.normal(size=3), random.random()


def test_another_seed_gives_other_weights_and_the_same_data(monkeypatch):
    weights, *data = weights_and_data(monkeypatch, 0)
    again, *same = weights_and_data(monkeypatch, 0)
    other, *still = weights_and_data(monkeypatch, seeded.STRIDE)
    np.testing.assert_array_equal(weights, again)
    assert np.abs(weights - other).max() > 0.01
    for one, two, three in zip(data, same, still, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


def test_the_own_seeds_are_those_of_the_script(monkeypatch):
    weights, *_ = weights_and_data(monkeypatch, 0)
    monkeypatch.undo()
    keras.utils.set_random_seed(4)
    np.random.normal(size=3)
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    np.testing.assert_array_equal(weights, layer.get_weights()[0])


def test_shifted_seeds_stay_in_their_range():
    top = Shifted(seeded.RANGE - 1)
    drawn = [top.randint(1, seeded.RANGE) for _ in range(100)]
    assert all(1 <= seed <= seeded.RANGE for seed in drawn)
    assert Shifted(3).random is random.random


def test_data_without_a_seed_are_the_same_in_both_arms():
    def drawn(seed):
        generators = types.SimpleNamespace(
            seed=lambda seed: None,
            default_rng=np.random.default_rng,
            SeedSequence=np.random.SeedSequence,
        )
        seeded._seed_numpy(types.SimpleNamespace(random=generators), seed)
        first, second = generators.default_rng(), generators.default_rng()
        return first.normal(), second.normal(), generators.default_rng(7).normal()

    assert drawn(1) == drawn(1)
    first, second, given = drawn(2)
    assert first != second
    assert drawn(1)[:2] != (first, second)
    assert given == np.random.default_rng(7).normal()
