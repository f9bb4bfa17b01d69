"""The controls that give "is it training?" a meaning, all under the user's own loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.losses import OutputLoss

Array = npt.NDArray[Any]

QUANTILES = np.linspace(0.05, 0.95, 19)
"""Constants that are tried for a loss without a closed form: twentieths of the targets."""
LOGIT_CAP = 16.0
"""A logit at which float32 sigmoid and softmax are 0 or 1 to seven digits."""
HORIZONS = range(1, 49)
"""Steps ahead at which targets are compared with later inputs: up to two days of hours."""


def constant_predictor(
    loss: OutputLoss, targets: Array, shape: tuple[int, ...], weights: Array | None
) -> float | None:
    """Returns the loss of the best constant prediction found, None if none is finite.

    Tried are the mean, the median and twentieths of the targets, and for classes their
    frequencies, as probabilities and as logits: the optimum of every stock loss is among them.

    Args:
        targets: Shape (samples, ...).
        shape: Shape of the predictions.
        weights: Shape (samples,) or (samples, steps), or None.
    """
    best = None
    for row in _constants(targets, shape, weights):
        predictions = np.broadcast_to(np.asarray(row, np.float32), shape)
        best = _better(best, _mean(loss, targets, predictions, weights))
    return best


def perfect_predictor(
    loss: OutputLoss, targets: Array, shape: tuple[int, ...], weights: Array | None
) -> float | None:
    """Returns the loss of predicting the targets themselves, None if it can't be formed."""
    best = None
    for predictions in _perfect(targets, shape):
        best = _better(best, _mean(loss, targets, predictions.astype(np.float32), weights))
    return best


def naive_forecast(
    loss: OutputLoss, inputs: Array, targets: Array, shape: tuple[int, ...], weights: Array | None
) -> float | None:
    """Returns the loss of repeating the last value of an input feature, the best one.

    Args:
        inputs: Shape (samples, steps, features).
    """
    best = None
    for feature in range(inputs.shape[2]):
        last = inputs[:, -1, feature].astype(np.float32)
        predictions = np.broadcast_to(last.reshape((-1,) + (1,) * (len(shape) - 1)), shape)
        best = _better(best, _mean(loss, targets, predictions, weights))
    return best


def continues(inputs: Array, targets: Array) -> bool:
    """Tells whether targets are later values of an input feature: the mark of a forecast.

    That is so if, in consecutive windows, the target equals the last input of the window h
    steps later for some horizon h. Shuffled windows can't show it.

    Args:
        inputs: Consecutive windows, shape (samples, steps, features).
        targets: Shape (samples, ...).
    """
    first = targets.reshape(len(targets), -1)[:, 0]
    for horizon in HORIZONS:
        if len(inputs) < 4 * horizon:
            return False
        later = inputs[horizon:, -1, :]
        scale = np.abs(later).max(axis=0) + 1e-12
        gap = np.abs(later - first[:-horizon, None]) / scale
        # 95 %: windows of several series joined end to end break at each joint.
        if ((gap < 1e-5).mean(axis=0) > 0.95).any():
            return bool(np.ptp(first) > 0)
    return False


def _constants(targets: Array, shape: tuple[int, ...], weights: Array | None) -> Iterator[Array]:
    units = shape[-1]
    if targets.ndim == len(shape) and targets.shape[-1] == units:
        rows = targets.reshape(-1, units).astype(np.float64)
    else:
        rows = targets.reshape(-1, 1).astype(np.float64)
    share = _row_weights(rows, targets, weights)
    if rows.shape[1] == 1 and units > 1:
        yield from _class_constants(rows[:, 0], units, share)
    mean = np.average(rows, axis=0, weights=share)
    yield mean
    yield from np.quantile(rows, QUANTILES, axis=0)
    yield np.median(rows, axis=0)
    if ((mean >= 0) & (mean <= 1)).all():
        clipped = np.clip(mean, 1e-7, 1 - 1e-7)
        yield np.log(clipped) - np.log1p(-clipped)
        yield np.log(clipped)


def _class_constants(labels: Array, units: int, share: Array | None) -> Iterator[Array]:
    whole = labels.astype(np.int64)
    inside = (whole >= 0) & (whole < units) & (whole == labels)
    if not inside.any():
        return
    kept = None if share is None else share[inside]
    counts = np.bincount(whole[inside], weights=kept, minlength=units).astype(np.float64)
    if counts.sum() > 0:
        frequency = np.clip(counts / counts.sum(), 1e-7, 1)
        yield frequency
        yield np.log(frequency)


def _row_weights(rows: Array, targets: Array, weights: Array | None) -> Array | None:
    if weights is None or not np.sum(weights) > 0:
        return None
    per_sample = len(rows) // len(targets)
    flat = np.asarray(weights, np.float64).reshape(-1)
    if len(flat) == len(rows):
        return flat
    return np.repeat(flat, per_sample) if len(flat) * per_sample == len(rows) else None


def _perfect(targets: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    if int(np.prod(targets.shape)) == int(np.prod(shape)):
        exact = targets.reshape(shape).astype(np.float64)
        yield exact
        if exact.min() >= 0 and exact.max() <= 1:
            yield (2 * exact - 1) * LOGIT_CAP
        return
    labels = targets.reshape(-1)
    units = shape[-1]
    if len(labels) * units == int(np.prod(shape)) and (labels == labels.astype(int)).all():
        hot = (labels.astype(int)[:, None] == np.arange(units)).astype(np.float64)
        yield hot.reshape(shape)
        yield ((2 * hot - 1) * LOGIT_CAP).reshape(shape)


def _mean(
    loss: OutputLoss, targets: Array, predictions: Array, weights: Array | None
) -> float | None:
    try:
        return loss.mean(targets, predictions, weights)
    except Exception:
        return None


def _better(best: float | None, value: float | None) -> float | None:
    if value is None or not np.isfinite(value):
        return best
    return value if best is None else min(best, value)
