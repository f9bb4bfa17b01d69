"""What came before each window, rebuilt from the windows themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.observe.history import ENOUGH, REACH, stride, with_history

SERIES = np.random.default_rng(0).normal(size=(2400, 2))


def windows(series: np.ndarray, steps: int, shift: int = 1) -> np.ndarray:
    view = np.lib.stride_tricks.sliding_window_view(series, steps, axis=0)
    return np.moveaxis(view, -1, 1)[::shift]


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 20), st.integers(1, 6), st.integers(ENOUGH, 300))
def test_longer_windows_are_pieces_of_the_series(steps: int, shift: int, count: int) -> None:
    shift = min(shift, steps - 1)
    cut = windows(SERIES, steps, shift)[:count]
    ends = shift * np.arange(len(cut)) + steps
    assert stride(cut, ends) == shift
    found = with_history(cut, ends)
    if found is None:
        assert len(cut) == ENOUGH
        return
    longer, targets = found
    assert len(longer) == len(targets) >= len(cut) // 2
    for window, end in zip(longer[:: len(longer) // 5], targets[:: len(longer) // 5], strict=True):
        np.testing.assert_array_equal(window, SERIES[end - longer.shape[1] : end])


def test_the_past_is_bounded() -> None:
    found = with_history(windows(SERIES, 5), np.zeros(2396))
    assert found is not None
    assert found[0].shape == (2396 - REACH, REACH + 5, 2)


def test_windows_of_one_step_are_consecutive_if_their_targets_say_so() -> None:
    single = windows(SERIES, 1)
    assert stride(single[:-1], SERIES[1:, 0]) == 1
    assert stride(single[:-1], np.random.default_rng(1).normal(size=2399)) is None


@pytest.mark.parametrize(
    "cut",
    [
        windows(SERIES, 8)[np.random.default_rng(0).permutation(2000)],
        np.random.default_rng(0).normal(size=(400, 8, 2)),
        windows(SERIES, 8)[:20],
        # Silence in independent samples is no overlap.
        np.eye(400, 3200).reshape(400, 400, 8)[:, :8],
        np.zeros((400, 8, 1)),
    ],
    ids=["shuffled", "independent", "few", "rare events", "constant"],
)
def test_other_windows_show_no_past(cut: np.ndarray) -> None:
    assert with_history(cut, np.zeros(len(cut))) is None


def test_two_series_end_to_end_are_not_mixed() -> None:
    cut = np.concatenate([windows(SERIES[:900], 6), windows(SERIES[1200:1500], 6)])
    found = with_history(cut, np.arange(len(cut)))
    assert found is not None
    assert found[1].max() == 894
    np.testing.assert_array_equal(found[0][-1][-6:], SERIES[894:900])
