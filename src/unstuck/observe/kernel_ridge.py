"""Kernel ridge regression in closed form: what a view of the data explains out of sample."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

FOLDS = 4
RIDGES = (0.01, 0.1, 1.0, 10.0)
"""Ridge strengths as a share of the kernel's mean diagonal; each is cross-validated, and the
same choice is made for shuffled targets, so that choosing can't pass for signal."""
CLASSES = 20
"""Distinct whole numbers up to which targets of one column are taken for classes."""
GOALS = 8
"""Columns of the targets that are explained."""


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """What a kernel says of samples that it was not fitted on, with the best ridge for each goal.

    Attributes:
        explained: Share of each goal's variance, shape (goals,).
        predicted: Shape (samples, goals).
    """

    explained: Floats
    predicted: Floats


def held_out(
    kernel: Floats, goals: Floats, folds: list[Array], ridges: tuple[float, ...] = RIDGES
) -> HeldOut:
    """Cross-validates ridge regression with an intercept.

    Args:
        kernel: Shape (samples, samples).
        goals: Shape (samples, goals).
        folds: The rows of each fold.
        ridges: Strengths to choose from.
    """
    predicted = np.empty((len(ridges), *goals.shape))
    for held in folds:
        fitted = np.setdiff1d(np.arange(len(kernel)), held)
        predicted[:, held] = ridge_predictions(kernel, goals, fitted, held, ridges)
    errors = ((goals - predicted) ** 2).sum(axis=1)
    total = ((goals - goals.mean(axis=0)) ** 2).sum(axis=0)
    best = errors.argmin(axis=0)
    chosen = np.take_along_axis(predicted, best[None, None, :], axis=0)[0]
    return HeldOut(1 - errors.min(axis=0) / total, chosen)


def ridge_predictions(
    kernel: Floats, goals: Floats, fitted: Array, held: Array, ridges: tuple[float, ...]
) -> Floats:
    """Fits some rows and predicts others, shape (ridges, rows, goals).

    Args:
        kernel: Shape (samples, samples).
        goals: Shape (samples, goals).
        fitted: Rows of the fit.
        held: Rows that are predicted.
        ridges: Strengths, each of which is fitted.
    """
    # Centred on the rows of the fit, as an intercept does: where a series drifts, those of the
    # fold lie elsewhere.
    centred = kernel[:, fitted] - kernel[np.ix_(fitted, fitted)].mean(axis=0)
    centred -= centred.mean(axis=1, keepdims=True)
    system, mean = centred[fitted], goals[fitted].mean(axis=0)
    strengths = np.asarray(ridges)[:, None, None] * np.trace(system) / len(system) + 1e-9
    weights = np.linalg.solve(system + strengths * np.eye(len(system)), goals[fitted] - mean)
    return np.asarray(centred[held] @ weights + mean)


def chosen_rows(targets: Array, count: int, rng: np.random.Generator) -> Array:
    """Returns at most ``count`` rows in their order, so that folds hold neighbours together.

    Where samples are sorted by class such folds would miss whole classes: their order is random.
    """
    rows = rng.permutation(len(targets))[:count]
    flat = targets.reshape(len(targets), -1)
    classes = flat.argmax(axis=1) if flat.shape[1] > 1 else flat[:, 0]
    sorted_classes = (np.diff(classes) >= 0).all() and len(np.unique(classes)) <= CLASSES
    return rows if sorted_classes else np.sort(rows)


def contiguous_folds(samples: int, folds: int = FOLDS) -> list[Array]:
    """Splits rows into folds of neighbours: overlapping windows in different folds would leak."""
    return list(np.array_split(np.arange(samples), folds))


def standard_goals(targets: Array) -> Floats | None:
    """Returns standardized targets of shape (samples, goals), None if nothing varies.

    Args:
        targets: Shape (samples, ...): numbers, one-hot rows or integer classes.
    """
    flat = targets.reshape(len(targets), -1).astype(np.float64)
    whole = np.isfinite(flat).all() and (flat == np.round(flat)).all()
    if flat.shape[1] == 1 and whole and 2 < len(np.unique(flat)) <= CLASSES:
        flat = (flat == np.unique(flat)[None, :]).astype(np.float64)
    flat = flat[:, np.isfinite(flat).all(axis=0)]
    flat = flat[:, flat.std(axis=0) > 1e-9 * (1 + np.abs(flat).max(axis=0, initial=0))]
    if flat.shape[1] == 0:
        return None
    flat = flat[:, np.linspace(0, flat.shape[1] - 1, min(GOALS, flat.shape[1])).astype(int)]
    return standardized(flat)


def standardized(goals: Floats) -> Floats:
    """Returns columns that vary with mean 0 and spread 1, shape (samples, goals)."""
    return np.asarray((goals - goals.mean(axis=0)) / goals.std(axis=0))
