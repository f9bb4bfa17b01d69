"""What becomes of one-step forecasts when each is fed back as the next input."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck import backends
from unstuck.case.graph import fixed_batch
from unstuck.observe.framing import RolloutFacts

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

WINDOWS = 16
"""Windows that rollouts begin from."""
STEPS = 200
"""Steps that are rolled out: a pull that halves the distance to its fixed point every 20 steps
leaves a thousandth of it."""
CELLS = {"jax": 20_000, "tensorflow": 20_000, "torch": 1_000}
"""Steps of the window times steps of the rollout, which take a few seconds. torch computes each of
them one by one."""
FEWEST = 24
"""Steps below which a rollout is too short to settle."""
NEAR = 0.05
"""Distance, in spreads of the series, that a plot does not show."""
WHOLE = 0.95
"""Share of consecutive windows that must continue each other."""


def rollout(
    model: Any, output: str, windows: Array, targets: Array, starts: Array
) -> RolloutFacts | None:
    """Rolls a forecast of the next step out freely, from several windows at once.

    Args:
        model: One input of shape (samples, steps, features), one output of all its features.
        windows: Consecutive samples in the user's order, shape (samples, steps, features).
        targets: Their targets, shape (samples, features) or (samples,).
        starts: Samples to begin from, shape (samples, steps, features).

    Returns:
        None where the targets are not all features of the next step, or the model carries state.
    """
    steps, features = windows.shape[1:]
    count = min(STEPS, CELLS[keras.backend.backend()] // steps)
    rows = np.asarray(targets).reshape(len(targets), -1)
    if count < FEWEST or not _next(windows, rows) or _carries(model):
        return None
    wanted = fixed_batch(model) or min(WINDOWS, len(starts))
    if len(starts) < wanted:
        return None
    begun = starts[np.linspace(0, len(starts) - 1, wanted).astype(int)].astype(np.float32)
    path = _path(model, begun, count, features)
    spread = rows.astype(np.float64).std(axis=0)
    return None if path is None or not (spread > 0).all() else _facts(output, path, rows, spread)


def _next(windows: Array, rows: Array) -> bool:
    """Whether the targets are the last steps of the windows that follow."""
    if rows.shape[1] != windows.shape[2] or len(windows) < 2:
        return False
    same = windows[1:, -1].astype(np.float32) == rows[:-1].astype(np.float32)
    return bool(same.all(axis=1).mean() >= WHOLE)


def _carries(model: Any) -> bool:
    """Whether a layer hands its state from batch to batch."""
    return any(getattr(layer, "stateful", False) for layer in model._flatten_layers())


def _path(model: Any, begun: Array, count: int, features: int) -> Floats | None:
    """Returns the rollouts, shape (steps, windows, features); None if they aren't finite."""
    backend = backends.current()

    def step(window: Any, _: Any) -> tuple[Any, Any]:
        # Nothing that the model assigns on its way gets out of the scope.
        with keras.StatelessScope():
            predicted = model(window, training=False)
        following = keras.ops.reshape(predicted, (len(begun), 1, features))
        following = keras.ops.stop_gradient(keras.ops.cast(following, "float32"))
        return keras.ops.concatenate([window[:, 1:], following], axis=1), following[:, 0]

    # Of what it can do, only that it compiles and keeps the random state is wanted.
    run = backend.Differentiated(lambda _, *given: ({}, backend.loop(step, *given)[1]))
    _, path, _ = run(begun, np.zeros(count, np.float32))
    found = np.asarray(path, np.float64)
    return found if np.isfinite(found).all() else None


def _facts(output: str, path: Floats, rows: Array, spread: Floats) -> RolloutFacts:
    scaled = path / spread
    quarter = len(scaled) // 4
    # The liveliest feature decides: it is what a plot would show to go on.
    early, late = (part.std(axis=0).max(axis=1) for part in (scaled[:quarter], scaled[-quarter:]))
    away = (np.abs(scaled - scaled[-1]) > NEAR).any(axis=2)
    settled = np.where(away.any(axis=0), len(away) - away[::-1].argmax(axis=0), 0)
    return RolloutFacts(
        output=output,
        steps=len(path),
        windows=path.shape[1],
        early=float(np.median(early)),
        late=float(np.median(late)),
        apart=float(scaled[-1].std(axis=0).max()),
        ends=float(path[-1].mean()),
        settled=int(np.median(settled)),
    )
