"""Numbers about the predictions of one output, beside the targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.losses import same_rank
from unstuck.observe.outcome import PredictionFacts

Array = npt.NDArray[Any]

CLASS_CAP = 2000
"""Classes that are counted one by one; a vocabulary beyond that is no matter of balance."""
FAR = 3.0
"""A mean this many spreads from zero is an offset that the head has to learn."""


def prediction_facts(
    predictions: Array, targets: Array, weights: Array | None, loss: str, from_logits: bool
) -> PredictionFacts:
    """Summarizes predictions (samples, ...) against targets (samples, ...).

    Args:
        weights: Per sample or per step; entries with weight zero (masked steps) don't count.
        loss: Name of the user's loss, which tells classes from quantities.
    """
    finite = predictions[np.isfinite(predictions)]
    whole = bool(len(finite))
    aligned, same = same_rank(targets, predictions)
    alike = aligned.shape == same.shape
    classes = _classes(predictions, targets, weights, loss, from_logits)
    return PredictionFacts(
        shape=tuple(predictions.shape),
        nonfinite=int(predictions.size - finite.size),
        minimum=float(finite.min()) if whole else None,
        maximum=float(finite.max()) if whole else None,
        mean=float(finite.mean()) if whole else None,
        spread=_spread(predictions),
        target_spread=_spread(aligned) if alike else None,
        constant=bool(len(predictions) > 1 and (predictions == predictions[:1]).all()),
        explained=_explained(predictions, targets, weights, bool(classes), from_logits),
        **(_errors(same, aligned) if alike and not classes else {}),
        **classes,
    )


def _spread(values: Array) -> float | None:
    if len(values) < 2 or not np.isfinite(values).all():
        return None
    return float(np.sqrt(values.astype(np.float64).var(axis=0).mean()))


def _explained(
    predictions: Array, targets: Array, weights: Array | None, classes: bool, from_logits: bool
) -> float | None:
    """Returns 1 - squared error / variance of the targets; None where their shapes don't meet."""
    values = predictions.astype(np.float64)
    units = values.shape[-1]
    if classes and from_logits:
        values = _softmax(values) if units > 1 else 1 / (1 + np.exp(-values))
    # A linear head without from_logits: its loss clips what it takes for probabilities.
    values = np.clip(values, 0, 1) if classes else values
    goal, values = same_rank(targets, values)
    if classes and units > 1 and goal.shape != values.shape:
        goal = goal.reshape(values.shape[:-1])[..., None] == np.arange(units)
    goal = goal.astype(np.float64)
    if goal.shape != values.shape or not (np.isfinite(goal).all() and np.isfinite(values).all()):
        return None
    share = np.ones(len(goal)) if weights is None else weights.reshape(len(goal), -1).mean(axis=1)
    share = share.reshape((-1,) + (1,) * (goal.ndim - 1)) + np.zeros_like(goal)
    mean = np.average(goal, axis=0, weights=share) if share.sum() > 0 else goal.mean(axis=0)
    spread = float((share * (goal - mean) ** 2).sum())
    return 1 - float((share * (goal - values) ** 2).sum()) / spread if spread > 0 else None


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _errors(predictions: Array, targets: Array) -> dict[str, Any]:
    error = (predictions - targets).astype(np.float64)
    if not np.isfinite(error).all():
        return {}
    power = float((error**2).mean())
    mean, spread = float(targets.mean()), float(targets.std())
    return {
        "error_bias": float((error.mean(axis=0) ** 2).mean()) / power if power > 0 else 0.0,
        "reached": float(predictions.mean()) / mean if abs(mean) > FAR * spread else None,
    }


def _classes(
    predictions: Array, targets: Array, weights: Array | None, loss: str, from_logits: bool
) -> dict[str, Any]:
    """Returns counts of chosen and actual classes, {} where the output isn't a class."""
    if not any(word in loss for word in ("crossentropy", "hinge")):
        return {}
    units = predictions.shape[-1]
    if units == 1:
        chosen = (predictions[..., 0] > (0.0 if from_logits else 0.5)).astype(int).reshape(-1)
        actual = targets.reshape(-1)
    elif "binary" in loss or units > CLASS_CAP:
        return {}
    else:
        chosen = predictions.argmax(axis=-1).reshape(-1)
        hot = targets.ndim == predictions.ndim and targets.shape[-1] == units
        actual = (targets.argmax(axis=-1) if hot else targets).reshape(-1)
    if len(chosen) != len(actual) or not np.isfinite(actual.astype(np.float64)).all():
        return {}
    if weights is not None and weights.size == len(actual):
        kept = weights.reshape(-1) > 0
        chosen, actual = chosen[kept], actual[kept]
    if len(np.unique(actual)) > CLASS_CAP:
        return {}
    return _counts(chosen.astype(int), actual)


def _counts(chosen: Array, actual: Array) -> dict[str, Any]:
    names = {value: f"{value:g}" for value in np.unique(actual).tolist()}
    picked, counts = np.unique(chosen, return_counts=True)
    return {
        "chosen": {f"{value:g}": int(n) for value, n in zip(picked.tolist(), counts, strict=True)},
        "actual": {name: int((actual == value).sum()) for value, name in names.items()},
        "recall": {
            name: float((chosen[actual == value] == value).mean()) for value, name in names.items()
        },
    }
