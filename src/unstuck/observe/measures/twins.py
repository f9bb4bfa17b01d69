"""Units that do the same as another one, found by sorting instead of comparing all pairs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from unstuck.observe.measures.rows import ROUNDING
from unstuck.observe.xray.trace import Array

Labels = npt.NDArray[np.intp]


def twin_columns(columns: Array) -> npt.NDArray[np.bool_]:
    """Whether each column equals another one to within rounding; columns of zeros do not.

    Equal columns have equal products with one random vector, so they are neighbours when sorted by
    it; neighbours that are as close as columns within rounding must be are compared in full.

    Args:
        columns: Finite numbers, shape (entries, columns).

    Returns:
        Shape (columns,).
    """
    twin = np.zeros(columns.shape[1], bool)
    size = np.abs(columns).max(axis=0, initial=0.0)
    live = np.flatnonzero(size)
    mixing = np.random.default_rng(0).standard_normal(len(columns)).astype(columns.dtype)
    prints = (mixing @ columns)[live]
    order = np.argsort(prints)
    furthest = ROUNDING * np.abs(mixing).sum() * size[live[order[:-1]]]
    for place in np.flatnonzero(np.diff(prints[order]) <= furthest):
        left, right = live[order[place : place + 2]]
        near = np.abs(columns[:, left] - columns[:, right]).max() <= ROUNDING * size[left]
        twin[[left, right]] |= near
    return twin


def symmetric_units(kernel: Array, recurrent: Array) -> npt.NDArray[np.bool_]:
    """Whether the weights make each unit do the same as another one, whatever the inputs.

    Two units of a cell hold the same state at every step, if they start alike, where they get the
    same from the inputs and, for each group of units that hold the same, the same from the group
    as a whole. Equal columns of the recurrent kernel would ask too much: of two units that copy
    each other, each may listen to itself. So units are put into groups by their columns of the
    kernel, and groups split by what comes from groups, until none splits: the coarsest equitable
    partition, found as in color refinement (https://doi.org/10.1137/0216062), with random numbers
    for colors so that sums over groups are products with a vector.

    Args:
        kernel: What comes from inputs and bias, shape (sources, gates, units).
        recurrent: Shape (units, gates, units).

    Returns:
        Shape (units,).
    """
    rng = np.random.default_rng(0)
    gates, units = int(kernel.shape[1]), int(kernel.shape[2])
    labels = np.zeros(units, np.intp)
    for gate in range(gates):
        labels = _split(labels, rng.standard_normal(len(kernel)) @ kernel[:, gate])
    groups = 0
    while groups < labels.max() + 1 < units:
        groups = int(labels.max()) + 1
        for gate in range(gates):
            colors = rng.standard_normal(units)[labels]
            labels = _split(labels, colors @ recurrent[:, gate])
    return np.asarray(np.bincount(labels)[labels] > 1)


def _split(labels: Labels, values: npt.NDArray[np.float64]) -> Labels:
    """Splits groups where the sorted values of their members leave a gap beyond rounding."""
    order = np.lexsort((values, labels))
    gap = np.diff(values[order]) > ROUNDING * np.abs(values).max(initial=0.0)
    new = np.concatenate([[0], np.cumsum(gap | (np.diff(labels[order]) > 0))])
    result = np.empty_like(labels)
    result[order] = new
    return result
