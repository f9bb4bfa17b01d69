"""Sequences as seen from their last real step: kernels of what lies some steps back."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from unstuck.case.padding import padding_facts, run_lengths

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Columns = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Lengths = npt.NDArray[np.int64]

NATURAL = 0.2
"""Share of rows between the runs that equal the padding, above which that value is part of the
data (a rain gauge reads zero) and no step is left out."""
BOTH = 0.2
"""Samples with runs on one side over those with runs on the other; above it they are part of the
data, as padding is put on one side."""
OUTLIER = 10.0
"""Standard deviations at which a value is cut: one spike must not be all that a kernel sees."""
PAIRS = 8
"""Features up to which the product of every two is formed; of more, only squares."""
TOKENS = 500
"""Most frequent ids that are counted."""
BINS = 8
"""Classes of length that are told apart before any lag is asked for."""


class Sequence(Protocol):
    """One input whose steps are counted back from each sample's last real one."""

    lengths: Lengths
    """Real steps of each sample."""
    ends: Lengths
    """Position of each sample's last real step in the array."""
    window: int
    """Steps of the array."""

    def each(self, first: int, last: int) -> Floats | None:
        """Returns a kernel of every step from lag ``first`` to ``last``; None if all are equal."""

    def summary(self, first: int, last: int) -> Floats | None:
        """Returns a kernel of what these steps have in sum, whatever their order."""

    def beginning(self) -> Floats | None:
        """Returns a kernel of each sample's first real step, however far back it lies."""


class Numbers:
    """A sequence of magnitudes.

    Args:
        array: Shape (samples, steps, ...).
    """

    def __init__(self, array: Array) -> None:
        cube = _finite(array.reshape(*array.shape[:2], -1))
        steps, present, self.lengths, self.ends = _backwards(cube)
        self.window = cube.shape[1]
        values = np.take_along_axis(cube, steps[:, :, None], axis=1)
        here = present[:, :, None]
        self._values = _scaled(values, here, (0, 1))
        # Each lag on its own scale: in windows that start at zero, the early steps are small.
        self._columns = _scaled(values, here, (0,))

    def each(self, first: int, last: int) -> Floats | None:
        """Returns the linear kernel of the values at these lags."""
        part = self._columns[:, first : last + 1]
        return unit(_gram(part.reshape(len(part), -1)))

    def summary(self, first: int, last: int) -> Floats | None:
        """Returns the linear kernel of means, extremes and mean products of two features."""
        part = self._values[:, first : last + 1]
        if part.shape[1] == 0:
            return None
        columns = [part.mean(axis=1), self._products(part)]
        if part.shape[1] > 1:
            columns += [part.min(axis=1), part.max(axis=1)]
        return linear(np.concatenate(columns, axis=1))

    def beginning(self) -> Floats | None:
        """Returns the linear kernel of each sample's first real step."""
        return linear(self._values[np.arange(len(self.lengths)), self.lengths - 1])

    @staticmethod
    def _products(part: Columns) -> Columns:
        _, steps, features = part.shape
        if features > PAIRS:
            return np.asarray((part**2).mean(axis=1))
        upper = np.triu_indices(features)
        return np.asarray((part.transpose(0, 2, 1) @ part / steps)[:, upper[0], upper[1]])


class Tokens:
    """A sequence of ids.

    Args:
        array: Shape (samples, steps).
    """

    def __init__(self, array: Array) -> None:
        ids = _finite(array).astype(np.int64)
        steps, present, self.lengths, self.ends = _backwards(ids[:, :, None])
        self.window = ids.shape[1]
        ids = np.take_along_axis(ids, steps, axis=1)
        self._magnitudes = _scaled(ids, present, (0,))
        kinds, codes = np.unique(ids, return_inverse=True)
        codes = codes.reshape(ids.shape).astype(np.int32)
        common = np.argsort(-np.bincount(codes[present], minlength=len(kinds)))[:TOKENS]
        ranks = np.full(len(kinds), -1)
        ranks[common] = np.arange(len(common))
        self._ranks = np.where(present, ranks[codes], -1)
        # What is not there equals nothing in any other sample.
        self._codes = np.where(present, codes, -1 - np.arange(len(codes))[:, None])

    def each(self, first: int, last: int) -> Floats | None:
        """Returns how many lags hold the same id in both samples, and their linear kernel."""
        codes = self._codes[:, first : last + 1]
        same = np.zeros((len(codes), len(codes)))
        for column in codes.T:
            same += column[:, None] == column
        return _together(_centred(same), _gram(self._magnitudes[:, first : last + 1]))

    def summary(self, first: int, last: int) -> Floats | None:
        """Returns the linear kernel of the counts of each frequent id."""
        ranks = self._ranks[:, first : last + 1]
        row, _ = np.nonzero(ranks >= 0)
        cells = row * TOKENS + ranks[ranks >= 0]
        counts = np.bincount(cells, minlength=len(ranks) * TOKENS).reshape(len(ranks), TOKENS)
        return linear(counts)

    def beginning(self) -> Floats | None:
        """Returns the kernel of each sample's first real step."""
        at = np.arange(len(self.lengths)), self.lengths - 1
        same = self._codes[at][:, None] == self._codes[at]
        return _together(_centred(same), _gram(self._magnitudes[at][:, None]))


class Lags:
    """Kernels of ranges of lags over all inputs of a model.

    Args:
        sequences: At least one.
    """

    def __init__(self, sequences: list[Sequence]) -> None:
        self._sequences = sequences
        self.window = max(sequence.window for sequence in sequences)
        self.longest = max(int(sequence.lengths.max()) for sequence in sequences)
        self._last = self.each(0, 0)

    def each(self, first: int, last: int) -> Floats | None:
        """Returns the kernel of every single step from lag ``first`` to ``last``."""
        return _together(*(sequence.each(first, last) for sequence in self._sequences))

    def beginning(self) -> tuple[Floats, int] | None:
        """Returns the kernel of the samples' first real steps and their median lag.

        None where all samples are as long, so that the first step is a lag like any other.
        """
        varying = [item for item in self._sequences if np.ptp(item.lengths)]
        kernel = _together(*(item.beginning() for item in varying))
        if kernel is None:
            return None
        return kernel, max(int(np.median(item.lengths)) - 1 for item in varying)

    def views(self, first: int, last: int) -> dict[str, Floats]:
        """Returns kernels of what lags ``first`` to ``last`` may have to say.

        Singly ("each"), in sum ("sum"), or as the answer to what the last step asks, which
        multiplies each with it ("asked").
        """
        each = self.each(first, last)
        total = _together(*(sequence.summary(first, last) for sequence in self._sequences))
        asked = None
        if first > 0 and each is not None and self._last is not None:
            asked = _together(each, self._last * each)
        found = {"each": each, "sum": total, "asked": asked}
        return {name: kernel for name, kernel in found.items() if kernel is not None}


def sequences(inputs: list[Array], token_ids: bool) -> tuple[list[Sequence], list[Array]]:
    """Tells the inputs with a time axis from those without.

    Args:
        inputs: Arrays of shape (samples, ...).
        token_ids: Whether the model looks ids up in a table.
    """
    ids = token_ids or all(array.ndim < 3 for array in inputs)
    timed: list[Sequence] = []
    others: list[Array] = []
    for array in inputs:
        if array.ndim > 2:
            timed.append(Numbers(array))
        elif array.ndim == 2 and ids and (array == np.round(array)).all():
            timed.append(Tokens(array))
        else:
            others.append(array.reshape(len(array), -1))
    return timed, others


def beside(timed: list[Sequence], others: list[Array]) -> Floats:
    """Returns the kernel of what is known without any lag: other inputs, and lengths."""
    columns: list[Array] = [_finite(array) for array in others]
    for lengths in (sequence.lengths for sequence in timed):
        edges = np.unique(np.quantile(lengths, np.linspace(0, 1, BINS + 1)[1:-1]))
        columns += [lengths[:, None], np.digitize(lengths, edges)[:, None] == np.arange(BINS)]
    samples = len(timed[0].lengths)
    kernel = linear(np.concatenate(columns, axis=1))
    return np.zeros((samples, samples)) if kernel is None else kernel


def unit(kernel: Floats) -> Floats | None:
    """Scales a kernel to a mean diagonal of one; None where it is all zero."""
    scale = np.trace(kernel) / len(kernel)
    return np.asarray(kernel / scale) if scale > 1e-9 else None


def linear(columns: Array) -> Floats | None:
    """Returns the kernel of standardized columns, None if none of them varies."""
    return unit(_gram(_scaled(columns, np.ones((len(columns), 1), bool), (0,))))


def _gram(columns: Columns) -> Floats:
    return np.asarray(columns @ columns.T, np.float64)


def _finite(array: Array) -> Floats:
    return np.nan_to_num(array.astype(np.float64), posinf=0.0, neginf=0.0)


def _centred(kernel: Array) -> Floats:
    kernel = kernel - kernel.mean(axis=0)
    return np.asarray(kernel - kernel.mean(axis=1, keepdims=True), np.float64)


def _together(*kernels: Floats | None) -> Floats | None:
    """Adds kernels of equal weight."""
    scaled = [unit(kernel) for kernel in kernels if kernel is not None]
    found = [kernel for kernel in scaled if kernel is not None]
    return unit(np.sum(found, axis=0)) if found else None


def _scaled(values: Array, present: Bools, axes: tuple[int, ...]) -> Columns:
    """Standardizes over some axes, by what is present; the rest becomes zero."""
    count = np.maximum(present.sum(axis=axes, keepdims=True), 1)
    mean = (values * present).sum(axis=axes, keepdims=True) / count
    centred = np.where(present, values - mean, 0)
    deviation = np.sqrt((centred**2).sum(axis=axes, keepdims=True) / count)
    # A spread within rounding is none.
    varying = deviation > 1e-6 * (np.abs(mean) + 1e-30)
    scaled = np.where(varying, centred / np.where(varying, deviation, 1), 0)
    return np.clip(scaled, -OUTLIER, OUTLIER).astype(np.float32)


def _backwards(cube: Array) -> tuple[Array, Bools, Lengths, Lengths]:
    """Returns the step of each lag, whether it is real, and lengths and ends by sample."""
    window = cube.shape[1]
    heads, tails = _padding(cube)
    steps = window - 1 - tails[:, None] - np.arange(window)[None, :]
    present = steps >= heads[:, None]
    return np.maximum(steps, 0), present, window - heads - tails, window - 1 - tails


def _padding(cube: Array) -> tuple[Lengths, Lengths]:
    """Returns how many steps are padding at the start and at the end of each sample."""
    none = np.zeros(len(cube), np.int64)
    facts = padding_facts([cube])
    if facts.value is None or not facts.lengths_vary or facts.inside_share > NATURAL:
        return none, none
    sides = sorted((facts.head_samples, facts.tail_samples))
    # An event amid silence, or a window cut from nights and days, has runs on both sides.
    if sides[0] > BOTH * sides[1]:
        return none, none
    equal = (cube == facts.value).all(axis=2)
    heads, tails = run_lengths(equal), run_lengths(equal[:, ::-1])
    # A sample of padding alone keeps one step.
    heads = np.minimum(heads, cube.shape[1] - 1)
    return heads, np.where(heads + tails >= cube.shape[1], 0, tails)
