"""Where a target lies in the series that its window was cut from: an exact comparison of values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.outcome import AlignmentFacts

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

ALIKE = 0.95
"""Share of samples that must agree: windows of several series joined end to end break at joints."""
FEWEST = 32
"""Windows below which agreement may be chance."""
ENTRIES = 2_000_000
"""Entries of the windows that are compared, which takes some 50 ms."""
TELLING = 0.9
"""Share of targets that must be distinct: of a series with few values, any is found anywhere."""
MOST = 0.5
"""Share of windows whose last value must turn up in other windows, for these to be cut from one
series; independent samples of real numbers share none."""


def alignment(output: str, windows: Array, targets: Array) -> AlignmentFacts | None:
    """Finds each target among the values of the windows, its own and all others.

    Args:
        windows: Shape (samples, steps, features), in the user's order.
        targets: Shape (samples, ...): one value a sample, or several of which the first counts.

    Returns:
        None where the targets are not values of one input feature.
    """
    count = min(len(windows), len(targets), ENTRIES // max(1, windows[:1].size))
    cube = np.asarray(windows[:count], np.float32).reshape(count, windows.shape[1], -1)
    rows = np.asarray(targets[:count], np.float32).reshape(count, -1)
    first = rows[:, 0]
    if count < FEWEST or not np.isfinite(first).all() or np.ptp(first) == 0:
        return None
    inside = _inside(cube, rows)
    if inside is not None:
        feature, step = inside
        overlapping = _overlapping(cube[:, :, feature])
        return AlignmentFacts(output, feature, step - (cube.shape[1] - 1), overlapping)
    if len(np.unique(first)) < TELLING * count:
        return None
    for feature in range(cube.shape[2]):
        found = _elsewhere(output, cube[:, :, feature], first, feature)
        if found is not None:
            # Of several values the first may lie inside, as in an autoencoder.
            return found if rows.shape[1] == 1 or (found.offset or 0) > 0 else None
    return None


def _inside(cube: Floats, rows: Floats) -> tuple[int, int] | None:
    """Returns feature and step of the window at which each target is, the last such step.

    Of targets with several values, a whole step must be the same.
    """
    if rows.shape[1] == 1:
        same = (cube == rows[:, :1, None]).mean(axis=0)
    elif rows.shape[1] == cube.shape[2]:
        same = (cube == rows[:, None, :]).all(axis=2).mean(axis=0)[:, None]
    else:
        return None
    steps, features = np.nonzero(same >= ALIKE)
    return (int(features[-1]), int(steps[-1])) if len(steps) else None


def _elsewhere(output: str, values: Floats, targets: Floats, feature: int) -> AlignmentFacts | None:
    """Looks for targets in other windows; ``values`` has shape (samples, steps)."""
    places = _places(values, targets)
    known = np.asarray(places.min(axis=0) >= 0)
    # The last few have no later window to be found in.
    if known.mean() < MOST:
        return None
    overlapping = _overlapping(values)
    offsets = np.concatenate([_offsets(values, places[side], known) for side in (0, 1)])
    offsets = offsets[offsets != _NOWHERE]
    if len(offsets) >= FEWEST:
        kinds, counts = np.unique(offsets, return_counts=True)
        if counts.max() >= ALIKE * len(offsets):
            return AlignmentFacts(output, feature, int(kinds[counts.argmax()]), overlapping)
    if overlapping and _torn(values, targets):
        return AlignmentFacts(output, feature, None, overlapping)
    return None


def _places(values: Floats, wanted: Floats) -> Numbers:
    """Returns where each value occurs first and last, shape (2, wanted); -1 where it doesn't."""
    flat = values.reshape(-1)
    order = np.argsort(flat, kind="stable")
    ranked = flat[order]
    found = []
    for side in ("left", "right"):
        at = np.searchsorted(ranked, wanted, side) - (side == "right")
        at = np.clip(at, 0, len(flat) - 1)
        found.append(np.where(ranked[at] == wanted, order[at], -1))
    return np.asarray(found, np.int64)


_NOWHERE = np.iinfo(np.int64).min


def _offsets(values: Floats, places: Numbers, known: npt.NDArray[np.bool_]) -> Numbers:
    """Returns how many steps after a window's end its target lies, where another window shows it.

    A window that holds both the target and the end (or the start) of the target's own window
    tells how far apart they are.
    """
    steps = values.shape[1]
    rows, at = np.divmod(np.maximum(places, 0), steps)
    offsets = np.full(len(places), _NOWHERE)
    for own, ahead in ((values[:, 0], steps - 1), (values[:, -1], 0)):
        same = values[rows] == own[:, None]
        # Another window: in its own, everything is where it is.
        seen = known & same.any(axis=1) & (rows != np.arange(len(rows)))
        offsets = np.where(seen, at - same.argmax(axis=1) - ahead, offsets)
    return offsets


def _overlapping(values: Floats) -> bool:
    """Tells whether windows hold values of each other, at other steps."""
    if values.shape[1] < 2:
        return False
    places = _places(values[:, :-1], values[:, -1])
    rows = places // (values.shape[1] - 1)
    return bool(((places >= 0) & (rows != np.arange(len(values)))).any(axis=0).mean() >= MOST)


def _torn(values: Floats, targets: Floats) -> bool:
    """Tells whether either the windows or the targets follow each other in time, but not both."""
    windows_in_order = (values[1:, :-1] == values[:-1, 1:]).all(axis=1).mean()
    # Where a value occurs last, in the order of time, most of its window lies behind it.
    rows, at = np.divmod(_places(values, targets)[1], values.shape[1])
    after = values[rows[:-1], np.minimum(at[:-1] + 1, values.shape[1] - 1)]
    targets_in_order = (after == targets[1:]).mean()
    low, high = sorted((float(windows_in_order), float(targets_in_order)))
    return low < 1 - ALIKE and high >= MOST
