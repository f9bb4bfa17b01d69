"""Is there anything to learn? Kernel ridge regression on simple views of the sequences.

It is a control, not a model to ship: in closed form, in well under a second, and with a
permutation test, so that "the inputs say something about the targets" is a measurement.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.case.outliers import outlier_limits
from unstuck.observe.kernel_ridge import (
    FOLDS,
    chosen_rows,
    contiguous_folds,
    held_out,
    standard_goals,
    standardized,
)
from unstuck.observe.outcome import SignalFacts

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

SAMPLES = 600
"""Solving a kernel system of 600 samples takes some 10 ms; twice as many take eight times that."""
PERMUTATIONS = 19
"""The largest of 19 shuffled scores is the 95th percentile of chance."""
TOKENS = 500
"""Most frequent ids that are counted in a sequence of token ids."""
VIEWS = 400
"""Columns kept of a view; beyond that, random projections keep distances to a few percent."""


def signal(output: str, inputs: list[Array], targets: Array, token_ids: bool) -> SignalFacts | None:
    """Measures how much of the targets' variance the inputs explain out of sample.

    Args:
        inputs: One array an input, shape (samples, ...), samples in random or natural order.
        targets: Shape (samples, ...): numbers, one-hot rows or integer classes.
        token_ids: Whether the inputs are ids rather than magnitudes.

    Returns:
        None where there are too few samples or a constant target. Where nothing was found, and
        some targets are outliers, it is what was found with those drawn to the limit of the rest.
    """
    samples = min(len(targets), SAMPLES)
    if samples < 8 * FOLDS:
        return None
    rng = np.random.default_rng(0)
    picked = chosen_rows(targets, samples, rng)
    goal = standard_goals(targets[picked])
    if goal is None:
        return None
    views = kernels([array[picked] for array in inputs], token_ids, rng)
    score, chance = _permuted(views, goal, rng)
    tamed = np.clip(goal, *outlier_limits(goal))
    # A few outliers make up the variance of such targets, and hide what is said of the others.
    if score <= max(chance, 0.0) and (tamed != goal).any():
        score, chance = _permuted(views, standardized(tamed), rng)
    return SignalFacts(output, score, chance, samples)


def _permuted(views: list[Floats], goal: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """Returns the best view's score, and the best over shuffled goals."""
    samples = len(goal)
    folds = contiguous_folds(samples)
    shuffled = [goal] + [goal[rng.permutation(samples)] for _ in range(PERMUTATIONS)]
    stacked = np.concatenate(shuffled, axis=1)
    explained = np.max([held_out(kernel, stacked, folds).explained for kernel in views], axis=0)
    scores = explained.reshape(PERMUTATIONS + 1, goal.shape[1]).mean(axis=1)
    return float(scores[0]), float(scores[1:].max())


def kernels(inputs: list[Array], token_ids: bool, rng: np.random.Generator) -> list[Floats]:
    """Returns a linear and a radial kernel of simple views of sequences, (samples, samples).

    Args:
        inputs: One array an input, shape (samples, ...).
        token_ids: Whether the inputs are ids rather than magnitudes.
        rng: Mixes the columns of wide views.
    """
    views = [_views(array, token_ids) for array in inputs]
    linear = _standard(np.concatenate(views, axis=1), rng)
    return [linear @ linear.T, _rbf(linear)]


def _views(array: Array, token_ids: bool) -> Floats:
    """Returns simple columns of a batch of sequences: last, mean, spread, extremes, all steps."""
    if token_ids or (array.ndim == 2 and np.issubdtype(array.dtype, np.integer)):
        return _counts(array)
    data = np.nan_to_num(array.reshape(len(array), -1).astype(np.float64))
    if array.ndim < 3:
        return data
    cube = np.nan_to_num(array.reshape(len(array), array.shape[1], -1).astype(np.float64))
    summary = [cube[:, -1], cube.mean(1), cube.std(1), cube.min(1), cube.max(1)]
    return np.concatenate([*summary, data], axis=1)


def _counts(array: Array) -> Floats:
    flat = np.nan_to_num(array.reshape(len(array), -1)).astype(np.int64)
    ids, frequency = np.unique(flat, return_counts=True)
    kept = ids[np.argsort(-frequency)[:TOKENS]]
    counts = np.stack([(flat == token).sum(axis=1) for token in kept], axis=1)
    return np.concatenate([counts, flat[:, :1] == kept, flat[:, -1:] == kept], axis=1) * 1.0


def _standard(columns: Floats, rng: np.random.Generator) -> Floats:
    columns = columns[:, columns.std(axis=0) > 0]
    columns = (columns - columns.mean(axis=0)) / (columns.std(axis=0) + 1e-12)
    if columns.shape[1] > VIEWS:
        mixing = rng.standard_normal((columns.shape[1], VIEWS)) / np.sqrt(VIEWS)
        columns = columns @ mixing
    return np.asarray(np.clip(columns, -10, 10))


def _rbf(columns: Floats) -> Floats:
    square = (columns**2).sum(axis=1)
    distance = np.maximum(square[:, None] + square[None, :] - 2 * columns @ columns.T, 0)
    width = np.median(distance) + 1e-12
    return np.asarray(np.exp(-distance / width))
