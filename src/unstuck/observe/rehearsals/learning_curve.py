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
MORE = 2
"""Times as many samples, training and validation together, from which the latter show what more of
them would bring."""
APART = 0.1
"""Share of the variance by which the training samples may say less about the others than as many
of both do. Where it is more, they are of another kind, and numbers are not what they lack."""


def learning_curve(
    inputs: list[Array],
    targets: Array,
    token_ids: bool,
    others: tuple[list[Array], Array] | None = None,
) -> LearningCurve | None:
    """Measures held-out scores at rising numbers of samples.

    Args:
        inputs: One array an input, shape (samples, ...).
        targets: Shape (samples, ...).
        token_ids: Whether the inputs are ids rather than magnitudes.
        others: Inputs and targets of the validation data. Where they are as many as the training
            data or more, the curve shows what these numbers give, and what both together do.

    Returns:
        None where there are too few samples, or nothing varies.
    """
    curve = None
    if others is not None and MORE * len(targets) <= min(len(targets) + len(others[1]), SAMPLES):
        more, values = others
        joined = [np.concatenate(pair) for pair in zip(inputs, more, strict=True)]
        curve = _beyond(joined, np.concatenate([targets, values]), token_ids, len(targets))
    return curve or _within(inputs, targets, token_ids)


def _within(inputs: list[Array], targets: Array, token_ids: bool) -> LearningCurve | None:
    rng = np.random.default_rng(0)
    picked = chosen_rows(targets, SAMPLES, rng)
    seen = _seen(inputs, targets, token_ids, picked, rng)
    return seen and _curve(*seen, tuple(int(share * len(picked)) for share in SHARES), rng)


def _beyond(
    inputs: list[Array], targets: Array, token_ids: bool, trained: int
) -> LearningCurve | None:
    """Returns the curve from as many samples as were trained on to far more, if all are alike."""
    rng = np.random.default_rng(0)
    rest = trained + chosen_rows(targets[trained:], SAMPLES - trained, rng)
    picked = np.concatenate([np.arange(trained), rest])
    seen = _seen(inputs, targets, token_ids, picked, rng)
    if seen is None:
        return None
    curve = _curve(*seen, (trained, int(SHARES[-1] * len(picked))), rng)
    first, held = np.arange(trained), np.arange(trained, len(picked))
    return None if _score(*seen, first, held) < curve.scores[0] - APART else curve


def _seen(
    inputs: list[Array],
    targets: Array,
    token_ids: bool,
    picked: Array,
    rng: np.random.Generator,
) -> tuple[list[Floats], Floats] | None:
    """Returns kernels and goals of some rows; None where they are too few, or nothing varies."""
    goals = standard_goals(targets[picked])
    if goals is None or len(picked) < FEWEST:
        return None
    return kernels([array[picked] for array in inputs], token_ids, rng), goals


def _curve(
    views: list[Floats], goals: Floats, sizes: tuple[int, ...], rng: np.random.Generator
) -> LearningCurve:
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
    return [_score(views, goals, order[:size], held) for size in sizes]


def _score(views: list[Floats], goals: Floats, fitted: Array, held: Array) -> float:
    total = ((goals[held] - goals[held].mean(axis=0)) ** 2).sum()
    errors = [
        ((goals[held] - ridge_predictions(kernel, goals, fitted, held, RIDGES)) ** 2)
        .sum(axis=(1, 2))
        .min()
        for kernel in views
    ]
    return float(1 - min(errors) / total) if total > 0 else 0.0
