"""What came before each window, where consecutive windows show it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.controls import continues

Array = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]

ENOUGH = 128
"""Windows that must be left to be explained; more than half of them all in any case."""
REACH = 512
"""Steps that are looked back before a window."""
ENTRIES = 4_000_000
"""Entries of the windows with their past, so that many features get less of it."""
GLANCE = 32
"""Windows that are compared at every shift, before all are at one."""
ALIKE = 0.95
"""Share of neighbours that must overlap: windows of several series break at each joint."""


def with_history(windows: Array, targets: Array) -> tuple[Array, Array] | None:
    """Puts in front of each window what the windows before it show of the same series.

    Args:
        windows: In the user's order, shape (samples, steps, ...).
        targets: Shape (samples, ...).

    Returns:
        Windows of shape (fewer samples, more steps, ...) with their targets; None where the
        windows are not cut from one series, or too few.
    """
    shift = stride(windows, targets)
    if shift is None:
        return None
    first, count = _longest(_shifted(windows, shift))
    windows, targets = windows[first : first + count], targets[first : first + count]
    width = int(np.prod(windows.shape[2:]))
    past = min(
        REACH,
        shift * (count - max(ENOUGH, count // 2)),
        ENTRIES // max(width * count, 1) - windows.shape[1],
    )
    if past < 1:
        return None
    series = np.concatenate([windows[0], *windows[1:, -shift:]])
    skipped = -(-past // shift)
    begins = shift * np.arange(skipped, count) - past
    span = np.arange(past + windows.shape[1])
    return series[begins[:, None] + span], targets[skipped:]


def stride(windows: Array, targets: Array) -> int | None:
    """Returns by how many steps each window lies behind the one before it, None if by none.

    Windows of one step do not overlap; there it is the targets that show it, if they are the
    inputs of later windows.
    """
    if len(windows) < ENOUGH:
        return None
    for shift in range(1, windows.shape[1]):
        if not _shifted(windows[:GLANCE], shift).any():
            continue
        # Silence equals silence at any shift.
        telling = (windows[:-1, shift:] != windows[:-1, :-shift]).reshape(len(windows) - 1, -1)
        told = _shifted(windows, shift)[telling.any(axis=1)]
        if len(told) >= ENOUGH // 2 and told.mean() >= ALIKE:
            return shift
    flat = windows.reshape(*windows.shape[:2], -1)
    return 1 if windows.shape[1] == 1 and continues(flat, targets) else None


def _shifted(windows: Array, shift: int) -> Bools:
    """Tells for each window but the last whether the next one is the same, moved on."""
    same = windows[:-1, shift:] == windows[1:, : windows.shape[1] - shift]
    return np.asarray(same.reshape(len(same), -1).all(axis=1))


def _longest(joined: Bools) -> tuple[int, int]:
    """Returns start and length of the longest chain of windows."""
    ends = np.flatnonzero(np.concatenate([~joined, [True]])) + 1
    starts = np.concatenate([[0], ends[:-1]])
    best = int((ends - starts).argmax())
    return int(starts[best]), int(ends[best] - starts[best])
