"""The curves that a report draws, thinned for a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from unstuck.findings.series import StepSeries
from unstuck.record import Curves

if TYPE_CHECKING:
    import numpy.typing as npt

POINTS = 1000
"""Points of a curve: as many as a page has columns for a chart."""
Epochs = tuple[tuple[int, int, dict[str, float]], ...]
Floats: TypeAlias = "npt.NDArray[np.float64]"


def curves(steps: StepSeries | None, epochs: Epochs) -> Curves:
    """Thins the step series to POINTS; where steps are unknown, epochs are the points."""
    ends = tuple(step for _, step, _ in epochs)
    validation = tuple(logs.get("val_loss") for _, _, logs in epochs)
    if steps is None or not len(steps.index):
        losses = tuple(logs.get("loss") for _, _, logs in epochs)
        return Curves(steps=ends, loss=losses, epochs=ends, validation_loss=validation)
    kept = np.unique(np.linspace(0, len(steps.index) - 1, POINTS).astype(int))
    norms, updates = steps.layer_total("gradient_norm"), steps.layer_total("update_norm")
    weights = steps.layer_total("weight_norm")
    with np.errstate(all="ignore"):
        ratios = {name: updates[name] / weights[name] for name in updates}
    return Curves(
        steps=tuple(steps.index[kept].tolist()),
        loss=_numbers(steps.loss[kept]),
        learning_rate=_numbers(steps.learning_rate[kept]),
        gradient_norm={name: _numbers(values[kept]) for name, values in norms.items()},
        update_ratio={name: _numbers(values[kept]) for name, values in ratios.items()},
        epochs=ends,
        validation_loss=validation,
    )


def _numbers(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
