"""Do inputs of few distinct values say more as names of categories than as magnitudes?

Both are asked of the same closed-form model, so that all that differs is how the numbers are read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.kernel_ridge import (
    FOLDS,
    chosen_rows,
    contiguous_folds,
    held_out,
    standard_goals,
)
from unstuck.observe.outcome import CodeFacts

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Features = tuple[int, ...]

SAMPLES = 500
"""Samples that are fitted, which takes some 0.2 s."""
PERMUTATIONS = 19
"""The largest of 19 shuffled scores is the 95th percentile of chance."""
FEWEST = 5
"""Distinct values from which numbers may be codes: between two, a category is a magnitude, and of
three or four hardly anything escapes a bend in the curve."""
MOST = 64
"""Distinct values up to which each is a category: with more, most have too few samples here."""

COLUMNS = 20_000
"""One-hot columns up to which each step is read for itself, 80 MB; beyond, only their sum is."""


def coded(output: str, inputs: list[Array], targets: Array) -> CodeFacts | None:
    """Measures both readings of the features that take few values, be they scaled or not.

    Args:
        inputs: One array an input, shape (samples, steps, features) or (samples, steps).
        targets: Shape (samples, ...): numbers, one-hot rows or integer classes.

    Returns:
        None where no feature takes FEWEST to MOST values, or there is too little to compare.
    """
    if len(inputs) != 1 or inputs[0].ndim not in (2, 3) or len(targets) < 8 * FOLDS:
        return None
    rng = np.random.default_rng(0)
    picked = chosen_rows(targets, SAMPLES, rng)
    cube = inputs[0][picked].astype(np.float64)
    cube = cube if cube.ndim == 3 else cube[:, :, None]
    features = _few(cube)
    goal = standard_goals(targets[picked])
    if not features or goal is None:
        return None
    others = np.delete(cube, features, axis=2)
    folds = contiguous_folds(len(cube))
    numbers = max(_scores(kernel, [goal], folds)[0] for kernel in _magnitudes(cube))
    goals = [goal, *(goal[rng.permutation(len(goal))] for _ in range(PERMUTATIONS))]
    codes = cube[:, :, features]
    readings = (True,) if codes[0].size * MOST > COLUMNS else (False, True)
    kernels = [_categories(codes, others, summed) for summed in readings]
    categories = np.max([_scores(kernel, goals, folds) for kernel in kernels], axis=0)
    distinct = max(len(np.unique(cube[:, :, feature])) for feature in features)
    chance = float(categories[1:].max())
    return CodeFacts(output, numbers, float(categories[0]), chance, features, distinct)


def _few(cube: Array) -> Features:
    """Returns the features that take several distinct values, but few."""
    found = []
    for feature in range(cube.shape[2]):
        values = cube[:, :, feature]
        if np.isfinite(values).all() and FEWEST <= len(np.unique(values)) <= MOST:
            found.append(feature)
    return tuple(found)


def _magnitudes(cube: Array) -> list[Floats]:
    """Returns a linear and a radial kernel of every step and of their means."""
    columns = _standard(np.concatenate([cube.reshape(len(cube), -1), cube.mean(axis=1)], axis=1))
    linear = columns @ columns.T
    square = np.diag(linear)
    distance = np.maximum(square[:, None] + square[None, :] - 2 * linear, 0)
    return [linear, np.exp(-distance / (np.median(distance) + 1e-12))]


def _categories(codes: Array, others: Array, summed: bool) -> Floats:
    """Returns the kernel of one-hot codes, each step for itself or all in sum, beside the rest."""
    parts = [others.reshape(len(codes), -1)]
    for feature in range(codes.shape[2]):
        kinds, index = np.unique(codes[:, :, feature], return_inverse=True)
        hot = np.eye(len(kinds))[index.reshape(codes.shape[:2])]
        parts.append(hot.sum(axis=1) if summed else hot.reshape(len(codes), -1))
    columns = _standard(np.concatenate(parts, axis=1))
    return np.asarray(columns @ columns.T)


def _standard(columns: Array) -> Floats:
    columns = columns[:, columns.std(axis=0) > 0]
    return np.asarray((columns - columns.mean(axis=0)) / columns.std(axis=0))


def _scores(kernel: Floats, goals: list[Floats], folds: list[Array]) -> list[float]:
    """Returns the share explained of each goal, the mean over its columns."""
    explained = held_out(kernel, np.concatenate(goals, axis=1), folds).explained
    return [float(part.mean()) for part in np.split(explained, len(goals))]
