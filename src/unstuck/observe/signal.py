"""Is there anything to learn? Kernel ridge regression on simple views of the sequences.

It is a control, not a model to ship: in closed form, in well under a second, and with a
permutation test, so that "the inputs say something about the targets" is a measurement.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.outcome import SignalFacts

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

SAMPLES = 600
"""Solving a kernel system of 600 samples takes some 10 ms; twice as many take eight times that."""
FOLDS = 4
PERMUTATIONS = 19
"""The largest of 19 shuffled scores is the 95th percentile of chance."""
RIDGES = (0.01, 0.1, 1.0, 10.0)
"""Ridge strengths as a share of the kernel's mean diagonal; each is cross-validated, and the
same choice is made for shuffled targets, so that choosing can't pass for signal."""
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
        None where there are too few samples or a constant target.
    """
    samples = min(len(targets), SAMPLES)
    if samples < 8 * FOLDS:
        return None
    rng = np.random.default_rng(0)
    picked = np.sort(rng.permutation(len(targets))[:samples])
    goal = _goal(targets[picked])
    if goal is None:
        return None
    views = [_views(array[picked], token_ids) for array in inputs]
    linear = _standard(np.concatenate(views, axis=1), rng)
    folds = _blocks(samples)
    kernels = [linear @ linear.T, _rbf(linear)]
    shuffled = [goal] + [goal[rng.permutation(samples)] for _ in range(PERMUTATIONS)]
    stacked = np.concatenate(shuffled, axis=1)
    explained = max_over_models(kernels, stacked, folds)
    scores = explained.reshape(PERMUTATIONS + 1, goal.shape[1]).mean(axis=1)
    return SignalFacts(output, float(scores[0]), float(scores[1:].max()), samples)


def max_over_models(kernels: list[Floats], goals: Floats, folds: list[Array]) -> Floats:
    """Returns the best cross-validated R2 of each column of ``goals`` over kernels and ridges."""
    best = np.full(goals.shape[1], -np.inf)
    total = ((goals - goals.mean(axis=0)) ** 2).sum(axis=0)
    for kernel in kernels:
        for ridge in RIDGES:
            residual = np.zeros(goals.shape[1])
            for held in folds:
                residual += _held_out_error(kernel, goals, held, ridge)
            best = np.maximum(best, 1 - residual / total)
    return best


def _held_out_error(kernel: Floats, goals: Floats, held: Array, ridge: float) -> Floats:
    kept = np.ones(len(kernel), bool)
    kept[held] = False
    system = kernel[np.ix_(kept, kept)].copy()
    mean = goals[kept].mean(axis=0)
    system[np.diag_indices_from(system)] += ridge * np.trace(system) / len(system) + 1e-9
    weights = np.linalg.solve(system, goals[kept] - mean)
    predicted = kernel[np.ix_(~kept, kept)] @ weights + mean
    return np.asarray(((goals[held] - predicted) ** 2).sum(axis=0))


def _blocks(samples: int) -> list[Array]:
    """Contiguous folds: overlapping windows in different folds would leak."""
    return list(np.array_split(np.arange(samples), FOLDS))


def _goal(targets: Array) -> Floats | None:
    """Returns standardized targets, at most eight columns, None if nothing varies."""
    flat = targets.reshape(len(targets), -1).astype(np.float64)
    whole = np.isfinite(flat).all() and (flat == np.round(flat)).all()
    if flat.shape[1] == 1 and whole and 2 < len(np.unique(flat)) <= 20:
        flat = (flat == np.unique(flat)[None, :]).astype(np.float64)
    flat = flat[:, np.isfinite(flat).all(axis=0)]
    flat = flat[:, flat.std(axis=0) > 1e-9 * (1 + np.abs(flat).max(axis=0, initial=0))]
    if flat.shape[1] == 0:
        return None
    flat = flat[:, np.linspace(0, flat.shape[1] - 1, min(8, flat.shape[1])).astype(int)]
    return np.asarray((flat - flat.mean(axis=0)) / flat.std(axis=0))


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
