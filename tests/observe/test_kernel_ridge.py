"""The closed form, held to ridge regression as it is written in the books."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.observe.kernel_ridge import chosen_rows, contiguous_folds, held_out


def test_it_is_ridge_regression_with_an_intercept() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal([5.0, 0.0, -2.0], size=(60, 3))
    y = x @ rng.normal(size=(3, 2)) + 7 + 0.5 * rng.normal(size=(60, 2))
    found = held_out(x @ x.T, y, [np.arange(20), np.arange(20, 60)], ridges=(0.1,))
    for held in (np.arange(20), np.arange(20, 60)):
        kept = np.setdiff1d(np.arange(60), held)
        centred = x[kept] - x[kept].mean(axis=0)
        penalty = 0.1 * (centred**2).sum() / len(kept)
        normal = centred.T @ centred + penalty * np.eye(3)
        slope = np.linalg.solve(normal, centred.T @ (y[kept] - y[kept].mean(axis=0)))
        expected = (x[held] - x[kept].mean(axis=0)) @ slope + y[kept].mean(axis=0)
        np.testing.assert_allclose(found.predicted[held], expected, rtol=1e-6)
    error = ((y - found.predicted) ** 2).sum(axis=0)
    np.testing.assert_allclose(found.explained, 1 - error / (len(y) * y.var(axis=0)))


def test_each_goal_takes_its_own_ridge() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(90, 60))
    goals = np.stack([x[:, 0] * 3, rng.normal(size=90)], axis=1)
    folds = contiguous_folds(90)
    both = held_out(x @ x.T, goals, folds, ridges=(1e-3, 1e3))
    alone = [held_out(x @ x.T, goals, folds, ridges=(ridge,)).explained for ridge in (1e-3, 1e3)]
    np.testing.assert_allclose(both.explained, np.max(alone, axis=0))
    assert np.argmax(alone, axis=0).tolist() == [0, 1]


def test_a_drift_does_not_hide_what_is_explained() -> None:
    """Where a series wanders, the held out rows have another mean than those of the fit."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=(401, 1)), axis=0)
    x, y = walk[:-1], walk[1:]
    found = held_out(x @ x.T, y, contiguous_folds(400))
    assert found.explained[0] == pytest.approx(1 - np.var(y - x) / np.var(y), abs=0.01)


def test_rows_stay_in_order_unless_they_are_sorted_by_class() -> None:
    rng = np.random.default_rng(0)
    mixed = chosen_rows(rng.integers(0, 3, 100), 50, rng)
    assert (np.diff(mixed) > 0).all()
    for targets in (np.arange(100) // 25, np.eye(4)[np.arange(100) // 25]):
        rows = chosen_rows(targets, 100, rng)
        assert sorted(rows.tolist()) == list(range(100))
        assert (np.diff(rows) < 0).any()
    # A rising series has an order that tells something.
    assert (np.diff(chosen_rows(np.linspace(0, 1, 100), 50, rng)) > 0).all()
