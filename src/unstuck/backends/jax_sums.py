"""Sums over gradients and weights inside a jitted step, as far as the step has to make them.

What is asked for is one number for each variable and measure. A step adds up columns only: that
needs few calls, which XLA has ready in a library where it would have to compile a loop of its own
for each variable; the last additions are done by the host, with the rows of many steps at once.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

HEIGHT = 64
"""Entries that the step itself adds up for each number that it hands out: the row of a small LSTM
is then some kilobytes, and its sums in float32 are exact to a millionth."""
FEW = HEIGHT - 1
"""Entries of a variable that are handed out one by one, as they do not fill a column."""
MANY = 2**17
"""Entries from which on a variable is summed where it lies instead of in a copy beside others."""
WIDTH = 1024
"""Columns of such a variable where its own are no use: then as many as a middling one has."""
OWN = range(64, 4097)
"""Columns that a variable may have by itself: enough to be summed side by side, and to hand out."""
SCALE = 2.0**70
"""Squares of float32 leave its range below 1e-19 and above 1e19; times this, and by it, they are
inside for whatever float32 can hold."""
SMALLEST, LARGEST = 1e-15, 1e15
"""Between these a plain sum of squares neither loses entries nor overflows."""
MEASURES = 7
"""Numbers a column: squares of the gradient, of it enlarged and of it reduced, its largest entry,
its entries that are not finite; squares of the weights, and of their change."""
ARRAYS = 3
"""What is measured: gradients, weights before the update, and after it."""


@dataclasses.dataclass(frozen=True)
class _Group:
    """Variables whose entries are summed together, as one array of shape (height, columns)."""

    places: tuple[int, ...]
    height: int
    columns: tuple[int, ...]

    def array(self, values: Sequence[Any]) -> Any:
        folded = [self._folded(values[place]) for place in self.places]
        return jnp.concatenate(folded, axis=1) if len(folded) > 1 else folded[0]

    def _folded(self, value: Any) -> Any:
        flat = value.astype(jnp.float32).reshape(-1)
        missing = -flat.size % self.height
        flat = jnp.pad(flat, (0, missing)) if missing else flat
        return flat.reshape(self.height, -1)


class Sums:
    """How the variables of a model are summed.

    Args:
        shapes: Of each variable; None for one that is not updated.
        missing: Places of those that have no gradient, in whose place zeros are summed.
    """

    def __init__(
        self, shapes: Sequence[tuple[int, ...] | None], missing: Sequence[int] = ()
    ) -> None:
        self._missing = list(missing)
        sizes = {at: math.prod(shape) for at, shape in enumerate(shapes) if shape is not None}
        shared = [at for at, size in sizes.items() if FEW < size < MANY]
        self._groups = [_group(shared, HEIGHT, sizes)] if shared else []
        for at, size in sizes.items():
            if size >= MANY:
                last = (shapes[at] or ())[-1]
                height = size // last if last in OWN else -(-size // WIDTH)
                self._groups.append(_group([at], height, sizes))
        self._single = _group([at for at, size in sizes.items() if 0 < size <= FEW], 1, sizes)
        groups = [*self._groups, self._single]
        columns = list(itertools.chain(*(group.columns for group in groups)))
        self._count = len(shapes)
        self._starts = np.cumsum([0, *columns])[:-1]
        self._places = list(itertools.chain(*(group.places for group in groups)))
        entries = sum(self._single.columns)
        self._summed = MEASURES * (sum(columns) - entries)
        self.width = self._summed + ARRAYS * entries

    def columns(self, gradients: Sequence[Any], before: Sequence[Any], after: Sequence[Any]) -> Any:
        """Sums columns within a step: shape (width,)."""
        arrays = (gradients, before, after)
        found = [_summed(*map(group.array, arrays)) for group in self._groups]
        parts = list(itertools.chain(*zip(*found, strict=True)))
        if self._single.places:
            parts += [self._single.array(values).reshape(-1) for values in arrays]
        return jnp.concatenate(parts) if parts else jnp.zeros(0, jnp.float32)

    def measures(self, rows: Any) -> Any:
        """Completes what steps have summed.

        Args:
            rows: What ``columns`` returned, shape (steps, width).

        Returns:
            Shape (steps, 5, variables), float32, NaN for variables that are not updated: norm of
            the gradient, its largest absolute entry, its entries that are not finite (NaN where
            there is none), norm of the weights, norm of their change.
        """
        found = np.full((len(rows), 5, self._count), np.nan, np.float32)
        if self._places:
            with np.errstate(all="ignore"):
                found[:, :, self._places] = self._completed(self._columns(rows))
        found[:, :3, self._missing] = np.nan
        return found

    def _columns(self, rows: Any) -> Any:
        """Returns the sums of all columns, shape (steps, MEASURES, columns)."""
        summed, single = np.split(rows.astype(np.float64), [self._summed], axis=1)
        arrays = single.reshape(len(rows), ARRAYS, -1).swapaxes(0, 1)
        summed = summed.reshape(len(rows), MEASURES, -1)
        return np.concatenate([summed, _of_entries(*arrays)], axis=2)

    def _completed(self, rows: Any) -> Any:
        def total(measure: int, ufunc: np.ufunc = np.add) -> Any:
            return ufunc.reduceat(rows[:, measure], self._starts, axis=1)

        plain, enlarged, reduced = (np.sqrt(total(measure)) for measure in range(3))
        # The maximum of a library may pass over what is not a number; a sum does not.
        largest = np.where(np.isnan(reduced), np.nan, total(3, np.maximum))
        count = total(4)
        norm = np.where(largest < SMALLEST, enlarged / SCALE, plain)
        norm = np.where(largest > LARGEST, reduced * SCALE, norm)
        norm = np.where(count > 0, largest, norm)
        return np.stack([norm, largest, count, np.sqrt(total(5)), np.sqrt(total(6))], axis=1)


def _group(places: Sequence[int], height: int, sizes: Mapping[int, int]) -> _Group:
    return _Group(tuple(places), height, tuple(-(-sizes[at] // height) for at in places))


def _summed(gradient: Any, old: Any, new: Any) -> list[Any]:
    """Reduces three arrays of shape (height, columns) to ``MEASURES`` of shape (columns,)."""
    # They are in memory once, as library calls need them, and nothing is computed twice.
    gradient, old, new = jax.lax.optimization_barrier((gradient, old, new))
    strange = jnp.where(jnp.isfinite(gradient), jnp.float32(0), jnp.float32(1))
    sums = [jnp.sum(jnp.square(value), axis=0) for value in _squared(gradient, old, new)]
    largest = jnp.max(jnp.abs(gradient), axis=0)
    return [*sums[:3], largest, jnp.sum(strange, axis=0), *sums[3:]]


def _of_entries(gradient: Any, old: Any, new: Any) -> Any:
    """Returns the same of columns of one entry, shape (steps, MEASURES, columns)."""
    squares = [np.square(value) for value in _squared(gradient, old, new)]
    found = [*squares[:3], np.abs(gradient), ~np.isfinite(gradient), *squares[3:]]
    return np.stack(found, axis=1)


def _squared(gradient: Any, old: Any, new: Any) -> list[Any]:
    return [gradient, gradient * SCALE, gradient * (1 / SCALE), old, new - old]
