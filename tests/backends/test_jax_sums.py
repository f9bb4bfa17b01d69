"""Sums of a step on JAX, against float64 sums of the same arrays."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.backends.jax import measures
from unstuck.backends.jax_sums import FEW, MANY, OWN, Sums

pytestmark = pytest.mark.skipif(keras.backend.backend() != "jax", reason="these are JAX's sums")

SHAPES = (
    *((), (1,), (FEW,), (FEW + 1,), (3, 400), (50, 200)),
    *((MANY // 100, 100), (MANY + 3,), (MANY // 8, 8), (2, OWN.stop + 1, 16)),
)
"""Shapes on every path: a number, one by one, shared with and without padding, apart with columns
of their own, without, and with padding."""


def measured(gradients, before, after):
    sums = Sums([None if old is None else old.shape for old in before])
    columns = jax.jit(sums.columns)
    row = columns(
        *(
            [None if v is None else jnp.asarray(v) for v in group]
            for group in (gradients, before, after)
        )
    )
    assert row.shape == (sums.width,)
    return sums.measures(np.asarray(row)[None])[0]


def drawn(shape, scale=1.0, seed=0):
    rng = np.random.default_rng([seed, *shape])
    return (rng.normal(size=shape) * scale).astype("float32")


def norm(array):
    return np.linalg.norm(np.ravel(array).astype("float64"))


@pytest.mark.parametrize("shape", SHAPES)
def test_one_variable_of_any_size(shape):
    gradient, old = drawn(shape, 3.0), drawn(shape, seed=1)
    new = old + drawn(shape, 1e-3, seed=2)
    found = measured([gradient], [old], [new])[:, 0]
    expected = [norm(gradient), np.abs(gradient).max(), 0, norm(old), norm(new - old)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_each_variable_gets_its_own_numbers():
    old = [drawn(shape, 2.0**at, seed=1) for at, shape in enumerate(SHAPES)]
    gradients = [drawn(shape, 3.0**at) for at, shape in enumerate(SHAPES)]
    found = measured(gradients, old, [value + 1 for value in old])
    np.testing.assert_allclose(found[0], [norm(value) for value in gradients], rtol=1e-5)
    np.testing.assert_allclose(found[3], [norm(value) for value in old], rtol=1e-5)
    np.testing.assert_allclose(found[4], [np.sqrt(value.size) for value in old], rtol=1e-3)


def test_what_is_not_updated_or_is_empty_has_no_numbers():
    empty = np.zeros((0, 3), "float32")
    one = drawn((4,))
    found = measured([None, one, empty], [None, one, empty], [None, one, empty])
    assert np.isnan(found[:, [0, 2]]).all()
    assert np.isfinite(found[:, 1]).all()
    assert np.isnan(measured([None], [None], [None])).all()


@pytest.mark.parametrize("shape", [(7,), (40, 50)])
def test_what_has_no_gradient_has_the_numbers_of_its_weights_alone(shape):
    old = jnp.asarray(drawn(shape))
    row = measures([None, old], [old, old], [old, old])
    found = row.sums.measures(np.asarray(row.numbers)[None])[0]
    assert np.isnan(found[:3, 0]).all()
    np.testing.assert_allclose(found[3:, 0], [norm(old), 0], rtol=1e-5)
    assert np.isfinite(found[:, 1]).all()


@given(
    exponent=st.integers(-35, 35),
    shape=st.sampled_from([(3,), (9, 64), (40, 50)]),
    seed=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_gradients_over_the_range_of_float32(exponent, shape, seed):
    gradient = np.clip(drawn(shape, seed=seed), -3, 3) * np.float32(10.0**exponent)
    # One entry decides alone where all others vanish beside it.
    gradient.flat[0] = np.float32(10.0**exponent)
    weights = drawn(shape)
    found = measured([gradient], [weights], [weights])[:, 0]
    np.testing.assert_allclose(found[0], norm(gradient), rtol=1e-4)
    np.testing.assert_allclose(found[1], np.abs(gradient).max(), rtol=1e-5)
    assert found[2] == 0
    assert found[4] == 0


@pytest.mark.parametrize("shape", [(7,), (3, 400), (MANY // 100, 100)])
@pytest.mark.parametrize("strange", [[np.inf], [np.nan], [np.inf, -np.inf, np.nan, 1e30]])
def test_entries_that_are_not_finite(shape, strange):
    gradient, weights = drawn(shape), drawn(shape, seed=1)
    gradient.flat[1 : 1 + len(strange)] = strange
    found = measured([gradient], [weights], [weights])[:, 0]
    assert found[2] == np.count_nonzero(~np.isfinite(strange))
    expected = np.nan if np.isnan(strange).any() else np.inf
    np.testing.assert_array_equal(found[:2], expected)
    np.testing.assert_allclose(found[3], norm(weights), rtol=1e-5)


def test_half_precision_is_summed_in_single():
    gradient = drawn((40, 50), 100.0).astype("float16")
    weights = drawn((40, 50))
    found = measured([gradient], [weights], [weights])[:, 0]
    np.testing.assert_allclose(found[0], norm(gradient), rtol=1e-5)
