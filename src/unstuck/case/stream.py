"""A tap on a stream of batches: copies of what ``fit`` consumes, at the moment it does.

A generator can be read only once and a shuffled dataset must not be read once more, so
nothing is iterated here. Keras asks its epoch iterator for the batches of each pass; the
tap stands there, and hands every batch on as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from unstuck.case.arrays import leaves, map_nest, to_numpy
from unstuck.case.data import Batch
from unstuck.case.fitting import FitArguments

BATCH_CAP = 16
"""Batches that are kept: enough for statistics, few enough to cost nothing."""

BYTE_CAP = 64 << 20
"""Bytes that are kept, so that a tap never decides whether a training fits into memory."""


class Tap:
    """Copies of the first batches that a running ``fit`` consumes; it is open at once.

    Args:
        arguments: Of the running ``fit`` or ``evaluate``, as its callbacks find them before
            the first batch.

    Attributes:
        batches: (x, y, sample_weight) of each batch, nests of numpy arrays.
        reason: Why there are no (more) batches although the tap is open; None if all is well.
    """

    def __init__(self, arguments: FitArguments) -> None:
        self.batches: list[Batch] = []
        self.reason: str | None = None
        self.validation_data = arguments.validation_data
        self._bytes = 0
        self._full = False
        self._iterator = arguments.epoch_iterator
        self._ask = getattr(self._iterator, "_get_iterator", None)
        self._watched: Any = None
        if self._ask is None:
            self._give_up("this version of Keras has no iterator over batches that is known")
        else:
            self._iterator._get_iterator = self._answer

    def close(self) -> None:
        """Takes the tap out; the batches stay."""
        self._full = True
        if vars(self._iterator).get("_get_iterator") == self._answer:
            del self._iterator._get_iterator
        self._watched = None

    def keep(self, batch: Any) -> None:
        """Copies a batch if there is room; never raises, as it runs inside the training."""
        if self._full:
            return
        try:
            # A copy, as a generator may fill the same array again.
            parts = keras.utils.unpack_x_y_sample_weight(batch)
            self._store(tuple(map_nest(to_numpy, part) for part in parts))
        except Exception as error:
            self._give_up(f"a batch could not be read: {error}")

    def _store(self, batch: Any) -> None:
        held = [leaf for leaf in leaves(batch) if leaf is not None]
        size = sum(leaf.nbytes for leaf in held)
        rows = max(leaf.shape[0] for leaf in held)
        fitting = rows if size <= BYTE_CAP else max(1, rows * BYTE_CAP // size)
        if self._bytes and self._bytes + size > BYTE_CAP:
            self._full = True
            return
        self.batches.append(map_nest(lambda leaf: np.array(leaf[:fitting]), batch))
        self._bytes += size
        self._full = len(self.batches) >= BATCH_CAP or self._bytes >= BYTE_CAP

    def _answer(self) -> Any:
        """Gives Keras the batches of a pass, watched while there is room for more."""
        assert self._ask is not None
        source = self._ask()
        if self._full:
            return source
        if keras.backend.backend() != "tensorflow":
            return _Watched(source, self)
        if self._watched is None:
            self._watched = self._watch_pipeline(source)
        return self._watched

    def _watch_pipeline(self, dataset: Any) -> Any:
        from unstuck.backends.tf_data import tapped

        try:
            return tapped(dataset, self.keep, BATCH_CAP)
        except Exception as error:  # a distributed dataset, or a stage that must be the last
            self._give_up(f"the pipeline could not be watched: {error}")
            return dataset

    def _give_up(self, reason: str) -> None:
        self._full, self.reason = True, reason


class _Watched:
    """Batches of one pass; asks for the iterator exactly when Keras does."""

    def __init__(self, source: Any, tap: Tap) -> None:
        self._source = source
        self._tap = tap

    def __iter__(self) -> Iterator[Any]:
        return _WatchedIterator(iter(self._source), self._tap)


class _WatchedIterator:
    def __init__(self, iterator: Iterator[Any], tap: Tap) -> None:
        self._iterator = iterator
        self._tap = tap

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        batch = next(self._iterator)
        self._tap.keep(batch)
        return batch
