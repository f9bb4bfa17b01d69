"""Sizes of arrays against float64, also where float32 can't hold their squares."""

from __future__ import annotations

import math

import numpy as np
import pytest

from unstuck.observe.measures.rows import all_finite, rms, square_sum

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("scale", [1e-40, 1e-30, 1e-19, 1e-10, 1.0, 1e10, 1e19, 1e30])
@pytest.mark.parametrize("shape", [(70,), (300, 64), (5, 7, 3), (1, 1)])
def test_the_sum_of_squares_is_that_of_float64(shape, scale):
    values = (RNG.normal(size=shape) * scale).astype(np.float32)
    exact = float((values.astype(np.float64) ** 2).sum())
    assert square_sum(values) == pytest.approx(exact, rel=1e-6, abs=0)
    assert rms(values) == pytest.approx(math.sqrt(exact / values.size), rel=1e-6, abs=0)


def test_a_large_constant_loses_nothing():
    values = np.full((40_000, 64), 0.3, np.float32)
    assert rms(values) == pytest.approx(float(np.float32(0.3)), rel=1e-6)


def test_one_number_that_is_none_is_enough():
    values = RNG.normal(size=(50, 8)).astype(np.float32)
    assert all_finite(values)
    for broken in (np.nan, np.inf, -np.inf):
        values[33, 5] = broken
        assert not all_finite(values)
