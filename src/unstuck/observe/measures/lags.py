"""Steps counted back from the last one that a cell saw of each sample."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from unstuck.observe.xray.trace import Array, Trace

if TYPE_CHECKING:
    import numpy.typing as npt

NEAR = 32
"""Lags below this one are all looked at."""
FAR = 32
"""Lags beyond are looked at at so many places with equal ratios between them, so that the cost
doesn't rise with the length of the sequences: 5,000 steps end with ratios of 1.18."""


@dataclasses.dataclass(frozen=True)
class Lags:
    """Where the k-th counted step back lies in each sample.

    Masked steps have no lag: the cell passes over them, wherever they stand. Lag 0 is the last
    step that the cell saw and that counts, which is the first of the data in a layer that goes
    backwards.

    Attributes:
        steps: (samples, lags), step of the data; without meaning where not valid.
        valid: (samples, lags), whether the sample has so many counted steps.
    """

    steps: npt.NDArray[np.intp]
    valid: npt.NDArray[np.bool_]

    @property
    def longest(self) -> int:
        """Number of counted steps of the longest sample."""
        return int(self.steps.shape[1])

    @functools.cached_property
    def alike(self) -> bool:
        """Whether each lag lies at the same step in all samples, as it does without a mask."""
        return len(self.steps) > 0 and bool((self.steps == self.steps[0]).all())

    def at(self, values: Array, lags: npt.NDArray[Any]) -> Array:
        """Returns the entries of (samples, steps, ...) at lags, shape (lags, samples, ...)."""
        if self.alike:  # a copy of whole steps, which lie together in memory
            return np.asarray(values.swapaxes(0, 1)[self.steps[0, lags]])
        return np.asarray(values[np.arange(len(values)), self.steps[:, lags].T])

    def last(self, values: Array) -> Array:
        """Returns each sample's entry at its last counted step; samples without one are out."""
        if not self.longest:
            return values[:0, 0]
        return np.asarray(self.at(values, np.array([0]))[0][self.valid[:, 0]])


def lags_of(trace: Trace) -> Lags:
    """Counts the steps of a trace back from each sample's last one."""
    steps = trace.hidden.shape[1]
    latest_first = trace.processed(trace.counted)[:, ::-1]
    order = np.argsort(~latest_first, axis=1, kind="stable")
    lengths = latest_first.sum(axis=1)
    longest = int(lengths.max(initial=0))
    where = order if trace.site.go_backwards else steps - 1 - order
    valid = np.arange(longest) < lengths[:, None]
    return Lags(where[:, :longest], valid)


def thinned(longest: int) -> npt.NDArray[np.intp]:
    """Returns the lags to look at: all the near ones, then ever fewer, up to the longest."""
    if longest <= NEAR + FAR:
        return np.arange(longest)
    far = np.rint(np.geomspace(NEAR, longest - 1, FAR)).astype(np.intp)
    return np.unique(np.concatenate([np.arange(NEAR), far]))


def previous_hidden(trace: Trace, lags: Lags, at: npt.NDArray[Any]) -> Array:
    """Returns the hidden state that the cell held when it came to the steps at lags.

    Returns:
        Shape (lags, samples, units).
    """
    before = lags.steps[:, at] + (1 if trace.site.go_backwards else -1)
    within = (before >= 0) & (before < trace.hidden.shape[1])
    held = Lags(np.where(within, before, 0), within).at(trace.hidden, np.arange(len(at)))
    lag, sample = np.nonzero(~within.T)
    held[lag, sample] = initial_hidden(trace)[sample]
    return held


def initial_hidden(trace: Trace) -> Array:
    """Returns the hidden state before the first step, zeros where none of its shape is known."""
    shape = (trace.hidden.shape[0], trace.hidden.shape[2])
    known = trace.initial[0] if trace.initial else None
    return known if known is not None and known.shape == shape else np.zeros(shape, np.float32)
