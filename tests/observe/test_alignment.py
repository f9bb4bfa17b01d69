"""Where targets lie in the series that windows were cut from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.observe.alignment import alignment
from unstuck.observe.outcome import AlignmentFacts

WINDOWS, BEFORE = 300, 50
SERIES = np.cumsum(np.random.default_rng(0).normal(size=WINDOWS + 2 * BEFORE))


def cut(steps: int, offset: int, shift: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the series, each with the value ``offset`` steps after its last step."""
    starts = np.arange(BEFORE, BEFORE + WINDOWS - steps, shift)
    windows = np.stack([SERIES[start : start + steps] for start in starts])
    return windows[:, :, None], SERIES[starts + steps - 1 + offset]


def offset_of(windows: Any, targets: Any) -> int | None:
    found = alignment("y", windows, targets)
    assert found is not None
    return found.offset


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(2, 24))
def test_the_offset_is_that_of_the_cutting(data: st.DataObject, steps: int) -> None:
    offset = data.draw(st.integers(-steps, steps - 1))
    shift = data.draw(st.integers(1, max(1, min(3, steps // 2))))
    windows, targets = cut(steps, offset, shift)
    found = alignment("y", windows, targets)
    # Windows that move by several steps do not hold every value that far away.
    if shift == 1 or found is not None:
        assert found == AlignmentFacts("y", 0, offset, True)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 16), st.integers(1, 3))
def test_windows_that_were_shuffled_with_their_targets_are_aligned(
    seed: int, steps: int, offset: int
) -> None:
    windows, targets = cut(steps, offset)
    order = np.random.default_rng(seed).permutation(len(windows))
    assert offset_of(windows[order], targets[order]) == offset


@pytest.mark.parametrize("shuffled", ["windows", "targets"])
def test_windows_and_targets_in_different_order_are_torn_apart(shuffled: str) -> None:
    windows, targets = cut(10, 1)
    order = np.random.default_rng(0).permutation(len(windows))
    torn = (windows[order], targets) if shuffled == "windows" else (windows, targets[order])
    assert alignment("y", *torn) == AlignmentFacts("y", 0, None, True)


def test_the_feature_is_named() -> None:
    windows, targets = cut(8, 1)
    noise = np.random.default_rng(1).normal(size=windows.shape)
    assert alignment("y", np.concatenate([noise, windows], 2), targets) == AlignmentFacts(
        "y", 1, 1, True
    )


def test_a_value_of_independent_samples_is_inside_without_a_series() -> None:
    samples = np.random.default_rng(0).normal(size=(200, 8, 2))
    found = alignment("y", samples, samples[:, 2, 1])
    assert found == AlignmentFacts("y", 1, 2 - 7, False)


def test_whole_steps_and_several_horizons() -> None:
    both = np.stack([SERIES, SERIES[::-1]], axis=1)
    windows = np.stack([both[i : i + 6] for i in range(200)])
    assert offset_of(windows, both[5:205]) == 0
    ahead = np.stack([SERIES[6 + k : 206 + k] for k in range(4)], axis=1)
    assert offset_of(windows[:, :, :1], ahead) == 1


@pytest.mark.parametrize(
    ("windows", "targets"),
    [
        (np.random.default_rng(0).normal(size=(200, 8, 1)), np.arange(200.0)),
        (cut(8, 1)[0][:20], cut(8, 1)[1][:20]),
        (cut(8, 1)[0], np.zeros(len(cut(8, 1)[0]))),
        (cut(8, 1)[0], np.full(len(cut(8, 1)[0]), np.nan)),
        # Any whole number is found in many places.
        tuple(np.round(part) for part in cut(8, 1)),
        # A window as its own target.
        (cut(8, 1)[0], cut(8, 1)[0][:, :, 0]),
        # Far ahead, but in order.
        cut(8, 30),
        cut(8, -30),
    ],
    ids=["other", "few", "constant", "nan", "levels", "autoencoder", "far", "past"],
)
def test_what_does_not_tell_is_left_open(windows: Any, targets: Any) -> None:
    assert alignment("y", windows, targets) is None
