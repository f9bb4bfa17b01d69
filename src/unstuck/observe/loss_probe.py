"""Is the user's own loss finite and differentiable on the targets that occur?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck import backends
from unstuck.observe.losses import OutputLoss, same_rank
from unstuck.observe.outcome import LossProbeFacts

Array = npt.NDArray[Any]

ROWS = 32
"""Targets that are tried: enough to meet a value that is not rare, cheap for any loss."""
RANGES = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, np.inf),
    "softplus": (0.0, np.inf),
    "exponential": (0.0, np.inf),
}
"""Closed ranges of the activations whose ends a float32 really reaches."""


def grid(targets: Array, activation: str | None) -> Array:
    """Returns predictions to try, shape (values,): all that the head can give near the targets."""
    low, high = RANGES.get(activation or "linear", (-np.inf, np.inf))
    finite = targets[np.isfinite(targets)].astype(np.float64)
    reach = float(np.abs(finite).max(initial=1.0))
    tried = np.concatenate(
        [[0.0, 1.0, -1.0, 0.5, -0.5, 1e-8, reach, -reach], np.quantile(finite, [0.1, 0.5, 0.9])]
    )
    ends = [end for end in (low, high) if np.isfinite(end)]
    return np.unique(np.concatenate([np.clip(tried, low, high), ends]))


def probe(
    loss: OutputLoss, targets: Array, predictions: Array, activation: str | None
) -> LossProbeFacts:
    """Calls the loss and its gradient on the grid, against targets that occur.

    Args:
        targets: Shape (samples, ...).
        predictions: The model's own, shape (samples, ...); non-finite ones are only replaced.
    """
    picked = np.linspace(0, len(targets) - 1, min(ROWS, len(targets))).astype(int)
    goal = targets[picked]
    own = np.nan_to_num(predictions[picked].astype(np.float32), posinf=1.0, neginf=-1.0)
    # A loss may be flat where all predictions are equal (a correlation is): hence the jitter.
    jitter = np.random.default_rng(0).normal(size=own.shape).astype(np.float32)
    values = grid(targets, activation)
    tries = [(None, own + 0.01 * jitter)] + [(value, np.full_like(own, value)) for value in values]
    steepest, broken = 0.0, None
    try:
        for at, tried in tries:
            slope, value = _slope(loss, goal, tried)
            steepest = max(steepest, float(np.nan_to_num(np.abs(slope)).max(initial=0)))
            bad = ~np.isfinite(slope)
            if at is not None and broken is None and (bad.any() or not np.isfinite(value)):
                broken = (float(at), _target_at(goal, tried, bad))
    except Exception as error:
        return LossProbeFacts(loss.output, None, None, False, f"{type(error).__name__}: {error}")
    at, target = broken or (None, None)
    return LossProbeFacts(loss.output, at, target, gradient_zero=steepest == 0.0)


def _slope(loss: OutputLoss, goal: Array, tried: Array) -> tuple[Array, float]:
    def total(predictions: Any) -> Any:
        return loss.total(goal, predictions)

    gradient, value = backends.current().gradient(total, tried)
    return (np.zeros_like(tried) if gradient is None else gradient), value


def _target_at(goal: Array, tried: Array, bad: Array) -> float | None:
    aligned, _ = same_rank(goal, tried)
    if aligned.shape != tried.shape or not bad.any():
        return None
    return float(aligned[bad][0])
