"""The step measurements of a recording as named arrays."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from unstuck.observe.recording import Series

Floats: TypeAlias = "npt.NDArray[np.float64]"


@dataclasses.dataclass(frozen=True)
class Watched:
    """One watched variable: its path, the layer that owns it, its name there, its shape."""

    path: str
    layer: str
    weight: str
    shape: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class StepSeries:
    """Step measurements; the first axis of every array is the step.

    Attributes:
        index: Step numbers, shape (steps,).
        loss: Unscaled training loss of the batch, shape (steps,); NaN where unknown.
        learning_rate: Shape (steps,).
        values: Shape (steps, variables, len(COLUMNS)).
        watched: The variables, in the order of the second axis.
    """

    index: npt.NDArray[np.int64]
    loss: Floats
    learning_rate: Floats
    values: Floats
    columns: tuple[str, ...]
    watched: tuple[Watched, ...]

    def column(self, name: str) -> Floats:
        """Returns one measurement of every variable, shape (steps, variables)."""
        return np.asarray(self.values[:, :, self.columns.index(name)])

    def total(self, name: str) -> Floats:
        """Returns the root of the sum of squares over variables, shape (steps,)."""
        return np.asarray(np.sqrt((self.column(name) ** 2).sum(axis=1)))

    def layers(self) -> dict[str, npt.NDArray[np.int64]]:
        """Returns the positions of each layer's variables, by layer name."""
        names = list(dict.fromkeys(watched.layer for watched in self.watched))
        owners = np.asarray([watched.layer for watched in self.watched])
        return {name: np.flatnonzero(owners == name) for name in names}

    def layer_total(self, name: str) -> dict[str, Floats]:
        """Returns the norm of one measurement by layer, each of shape (steps,)."""
        column = self.column(name)
        return {
            layer: np.sqrt((column[:, positions] ** 2).sum(axis=1))
            for layer, positions in self.layers().items()
        }


def step_series(
    series: Series, columns: tuple[str, ...], watched: tuple[Watched, ...]
) -> StepSeries:
    """Names the columns of a recording's rows: loss, learning rate, then the variables."""
    rows = series.rows.astype(np.float64)
    values = rows[:, 2:].reshape(len(rows), len(watched), len(columns))
    return StepSeries(series.index, rows[:, 0], rows[:, 1], values, columns, watched)
