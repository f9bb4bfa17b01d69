"""Does more data help? What a closed-form model explains, by the samples it is fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.kernel_ridge import RIDGES, chosen_rows, ridge_predictions, standard_goals
from unstuck.observe.rehearsals.facts import LearningCurve
from unstuck.observe.signal import SAMPLES, kernels

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

SHARES = (0.25, 0.5, 0.75)
"""Shares of the samples that are fitted; a quarter is always held out."""
REPEATS = 24
"""Random choices of these samples; with 600 samples each takes some 10 ms."""
FEWEST = 24
"""Samples from which a quarter of them tells something."""


def learning_curve(inputs: list[Array], targets: Array, token_ids: bool) -> LearningCurve | None:
    """Measures held-out scores at rising numbers of samples.

    Args:
        inputs: One array an input, shape (samples, ...).
        targets: Shape (samples, ...).
        token_ids: Whether the inputs are ids rather than magnitudes.

    Returns:
        None where there are too few samples, or nothing varies.
    """
    rng = np.random.default_rng(0)
    picked = chosen_rows(targets, SAMPLES, rng)
    goals = standard_goals(targets[picked])
    if goals is None or len(picked) < FEWEST:
        return None
    views = kernels([array[picked] for array in inputs], token_ids, rng)
    sizes = tuple(int(share * len(picked)) for share in SHARES)
    scores = np.array([_scores(views, goals, sizes, rng) for _ in range(REPEATS)])
    # Each choice asks all sizes for the same samples, so that their differences are paired.
    errors = np.diff(scores, axis=1).std(axis=0, ddof=1) / np.sqrt(REPEATS)
    return LearningCurve(sizes, tuple(scores.mean(axis=0).tolist()), tuple(errors.tolist()))


def _scores(
    views: list[Floats], goals: Floats, sizes: tuple[int, ...], rng: np.random.Generator
) -> list[float]:
    """Returns the best view's score at each size, all on the same held-out samples."""
    order = rng.permutation(len(goals))
    held = order[sizes[-1] :]
    total = ((goals[held] - goals[held].mean(axis=0)) ** 2).sum()
    scores = []
    for size in sizes:
        errors = [
            ((goals[held] - ridge_predictions(kernel, goals, order[:size], held, RIDGES)) ** 2)
            .sum(axis=(1, 2))
            .min()
            for kernel in views
        ]
        scores.append(float(1 - min(errors) / total) if total > 0 else 0.0)
    return scores
