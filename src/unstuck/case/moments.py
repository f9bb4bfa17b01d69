"""Statistics of large arrays in one pass, chunk by chunk, in double precision."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from unstuck.case.arrays import Array

CHUNK = 1 << 17
"""Entries worked on at a time: 1 MB as float64, which stays in a core's cache."""

DISTINCT_CAP = 64
"""Distinct values are counted up to here: a feature with more is not a category."""

FEATURE_CAP = 64
"""Features that are described one by one: a reader looks at no more."""

VALUE_CAP = 256
"""Distinct values whose counts are kept: class labels, bytes, small vocabularies."""

RANGE_CAP = 1 << 16
"""Widest range of whole numbers that is counted by index instead of by sorting."""

SUM_TOLERANCE = 1e-5
"""Rows of probabilities in single precision sum to 1 within this, up to thousands of classes."""

Doubles = npt.NDArray[np.float64]


@dataclasses.dataclass
class Moments:
    """Running statistics of each feature, over its finite values.

    Arrays have one entry a feature; ``deviation`` is the sum of squared distances from the mean.
    """

    count: Doubles
    mean: Doubles
    deviation: Doubles
    minimum: Doubles
    maximum: Doubles
    distinct: list[npt.NDArray[np.float64] | None]
    values: dict[float, int] | None = dataclasses.field(default_factory=dict)
    integral: bool = True
    nonfinite: int = 0
    rows: int = 0
    sums_to_one: int = 0
    one_hot: int = 0

    @classmethod
    def empty(cls, features: int) -> Moments:
        """Starts statistics for a number of features."""
        zeros, infinite = np.zeros(features), np.full(features, np.inf)
        seen: list[Doubles | None] = [np.empty(0) for _ in range(min(features, FEATURE_CAP))]
        return cls(zeros, zeros, zeros, infinite, -infinite, seen)

    def add(self, chunk: Array) -> None:
        """Adds rows of features, shape (rows, features)."""
        columns = np.array(chunk.T, dtype=np.float64, order="C")
        if chunk.shape[0] == 0:
            return
        low, high = columns.min(axis=1), columns.max(axis=1)
        if np.isfinite(low).all() and np.isfinite(high).all():
            self._merge(np.full(len(low), float(columns.shape[1])), columns, None, low, high)
        else:
            self._add_masked(columns)
        self._add_rows(columns)

    def _add_masked(self, columns: Doubles) -> None:
        finite = np.isfinite(columns)
        self.nonfinite += int(finite.size - np.count_nonzero(finite))
        low = np.where(finite, columns, np.inf).min(axis=1)
        high = np.where(finite, columns, -np.inf).max(axis=1)
        self._merge(finite.sum(axis=1).astype(np.float64), columns, finite, low, high)

    def _merge(
        self,
        count: Doubles,
        columns: Doubles,
        finite: npt.NDArray[np.bool_] | None,
        low: Doubles,
        high: Doubles,
    ) -> None:
        """Joins a chunk's moments to those before (Chan, Golub and LeVeque, 1983)."""
        values = columns if finite is None else np.where(finite, columns, 0.0)
        mean = values.sum(axis=1) / np.maximum(count, 1.0)
        apart = (
            columns - mean[:, None]
            if finite is None
            else (np.where(finite, columns - mean[:, None], 0.0))
        )
        deviation = np.einsum("ij,ij->i", apart, apart)
        total = self.count + count
        step = (mean - self.mean) * (count > 0)
        weight = count / np.maximum(total, 1.0)
        self.deviation = self.deviation + deviation + step**2 * self.count * weight
        self.mean = self.mean + step * weight
        self.count = total
        self.minimum, self.maximum = np.minimum(self.minimum, low), np.maximum(self.maximum, high)
        self._add_values(columns if finite is None else columns[:, finite.all(axis=0)])

    def _add_values(self, columns: Doubles) -> None:
        self.integral = self.integral and bool((np.floor(columns) == columns).all())
        if self.values is not None:
            found, counts = distinct_of(columns.ravel(), self.integral, VALUE_CAP)
            self.values = _joined(self.values, found, counts)
        for index, seen in enumerate(self.distinct):
            if seen is not None:
                found, _ = distinct_of(columns[index], self.integral, DISTINCT_CAP)
                known = np.union1d(seen, found)
                self.distinct[index] = known if len(known) < DISTINCT_CAP else None

    def _add_rows(self, columns: Doubles) -> None:
        self.rows += columns.shape[1]
        if columns.shape[0] < 2:
            return
        sums, low = columns.sum(axis=0), columns.min(axis=0)
        positive = low >= 0
        self.sums_to_one += int(np.count_nonzero(positive & (np.abs(sums - 1) <= SUM_TOLERANCE)))
        exact = positive & (sums == 1.0)
        if exact.any():
            self.one_hot += int(np.count_nonzero(exact & (columns.max(axis=0) == 1.0)))


def distinct_of(values: Doubles, integral: bool, cap: int) -> tuple[Doubles, Doubles]:
    """Returns distinct values and their counts; more than ``cap`` are known early and cut."""
    if len(values) > 4 * cap:  # a look at the start settles it for continuous values
        start = np.unique(values[: 4 * cap])
        if len(start) > cap:
            return start, np.zeros(len(start))
    if integral and len(values):
        low = values.min()
        if values.max() - low < RANGE_CAP:
            counts = np.bincount((values - low).astype(np.int64))
            held = np.flatnonzero(counts)
            return held + low, counts[held].astype(np.float64)
    found, numbers = np.unique(values, return_counts=True)
    return found, numbers.astype(np.float64)


def chunks(blocks: Sequence[Array], features: int) -> Iterator[Array]:
    """Yields rows of features, about CHUNK entries at a time, copying no more than that."""
    for block in blocks:
        per_sample = max(1, block[:1].size)
        samples = max(1, CHUNK // per_sample)
        for start in range(0, len(block), samples):
            yield block[start : start + samples].reshape(-1, features)


def _joined(known: dict[float, int], found: Doubles, counts: Doubles) -> dict[float, int] | None:
    if len(found) > VALUE_CAP:
        return None
    for value, count in zip(found.tolist(), counts.tolist(), strict=True):
        known[value] = known.get(value, 0) + int(count)
    return known if len(known) <= VALUE_CAP else None
