"""Whole numbers read as magnitudes and as categories."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.observe.coded import coded

RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 12, (600, 8, 1))
EFFECTS = RNG.normal(size=12)
AGES = RNG.integers(18, 70, (600, 8, 1))


def test_effects_of_categories_are_seen_as_categories_only() -> None:
    found = coded("y", [CODES], EFFECTS[CODES[:, :, 0]].sum(axis=1))
    assert found is not None
    # The targets are a sum of one-hot columns, and a permutation has no slope.
    assert found.as_categories > 0.99
    assert found.as_numbers < 0.1
    assert (found.features, found.distinct) == ((0,), 12)


def test_scaled_codes_are_codes() -> None:
    found = coded("y", [CODES / 11.0], EFFECTS[CODES[:, :, 0]].sum(axis=1))
    assert found is not None
    assert found.as_categories > 0.99 > 0.1 > found.as_numbers


def test_a_code_beside_real_numbers_is_told_from_them() -> None:
    mixed = np.concatenate([RNG.normal(size=(600, 8, 2)), CODES], axis=2)
    found = coded("y", [mixed], EFFECTS[CODES[:, -1, 0]])
    assert found is not None
    assert found.features == (2,)
    assert found.as_categories > found.as_numbers + 0.5


def test_magnitudes_are_seen_as_magnitudes() -> None:
    found = coded("y", [AGES], (AGES.mean(axis=(1, 2)) > 44).astype(int))
    assert found is not None
    assert found.as_numbers > found.as_categories > found.chance


def test_noise_is_nothing_but_chance() -> None:
    found = coded("y", [CODES], RNG.normal(size=600))
    assert found is not None
    assert found.as_categories < found.chance + 0.02


@pytest.mark.parametrize(
    "inputs",
    [
        [RNG.normal(size=(600, 8, 1))],
        [RNG.integers(0, 2, (600, 8, 1))],
        [RNG.integers(0, 5000, (600, 8, 1))],
        [CODES, CODES],
        [CODES[:20]],
    ],
    ids=["real", "binary", "vocabulary", "two inputs", "few"],
)
def test_other_inputs_are_left_alone(inputs: list[np.ndarray]) -> None:
    assert coded("y", inputs, RNG.normal(size=len(inputs[0]))) is None
