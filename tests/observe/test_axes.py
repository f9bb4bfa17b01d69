"""Along which axis time runs: arrays whose layout is known, fed as they are and misread."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.case.facts import from_plain
from unstuck.findings.sequence.readings import meant
from unstuck.observe.axes import axes
from unstuck.observe.framing import AxisFacts
from unstuck.record import plain

RNG = np.random.default_rng(0)


def autoregressive(samples: int, steps: int, features: int, keeps: float = 0.9) -> np.ndarray:
    made = RNG.normal(size=(samples, steps + 60, features))
    for step in range(1, steps + 60):
        made[:, step] = keeps * made[:, step - 1] + np.sqrt(1 - keeps**2) * made[:, step]
    return made[:, 60:]


def sines(samples: int, steps: int, features: int) -> np.ndarray:
    rate = RNG.uniform(0.02, 0.1, (samples, 1, features))
    phase = RNG.uniform(0, 2 * np.pi, (samples, 1, features))
    wave = np.sin(2 * np.pi * rate * np.arange(steps)[:, None] + phase)
    return wave + 0.3 * RNG.normal(size=wave.shape)


def windows(series: np.ndarray, steps: int, stride: int = 1) -> np.ndarray:
    """Shape (windows, steps, features)."""
    cut = np.lib.stride_tricks.sliding_window_view(series, steps, axis=0)
    return cut.transpose(0, 2, 1)[::stride]


def misread(cube: np.ndarray) -> dict[str | None, np.ndarray]:
    """The array by the reading in which it makes sense."""
    samples, steps, features = cube.shape
    return {
        None: cube,
        "swapped": cube.transpose(0, 2, 1),
        "reshaped": cube.transpose(0, 2, 1).reshape(samples, steps, features),
        "strided": cube.reshape(samples, features, steps),
    }


def read(cube: np.ndarray, *, ordered: bool = False) -> str | None:
    found = axes(cube, cube if ordered else None)
    assert found is not None
    return meant(found)


@pytest.mark.parametrize("kind", [None, "swapped", "reshaped", "strided"])
@pytest.mark.parametrize(
    "cube",
    [
        autoregressive(300, 30, 3),
        autoregressive(300, 30, 4, keeps=0.6),
        sines(300, 50, 4),
        sines(300, 8, 20),
        sines(300, 40, 7) * RNG.uniform(0.1, 1000, 7) + RNG.normal(0, 300, 7),
    ],
    ids=["autoregressive", "rough", "sines", "wide", "of many scales"],
)
def test_independent_samples_show_how_they_were_cut(cube, kind):
    assert read(misread(cube)[kind]) == kind


@pytest.mark.parametrize("kind", [None, "swapped", "reshaped", "strided"])
@pytest.mark.parametrize("stride", [1, 3])
def test_windows_show_along_which_axis_they_move(kind, stride):
    walk = np.cumsum(RNG.normal(size=(900, 3)), axis=0)
    assert read(misread(windows(walk, 24, stride))[kind], ordered=True) == kind


def test_windows_of_noise_move_as_well():
    noise = RNG.normal(size=(700, 3))
    for kind in ("swapped", "reshaped"):
        assert read(misread(windows(noise, 20))[kind], ordered=True) == kind


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.sampled_from([1, 2, 3, 4, 5, 7]), st.booleans())
def test_one_long_series_may_be_folded_in_any_way(steps, features, stride, ordered):
    # Days of hours, frames of a sound: whatever lies next to each other is alike.
    series = np.cumsum(np.random.default_rng(1).normal(size=steps * features + 500 * stride))
    cut = np.lib.stride_tricks.sliding_window_view(series, steps * features)[::stride]
    assert read(cut.reshape(-1, steps, features), ordered=ordered) is None


def tokens() -> np.ndarray:
    return RNG.integers(0, 12, (400, 20))


@pytest.mark.parametrize(
    "cube",
    [
        RNG.normal(size=(400, 20, 5)),
        RNG.normal(size=(400, 20, 5)) * [1, 10, 100, 1000, 1e4] + [0, 5, 1e3, -1e4, 1e5],
        0.95 * RNG.normal(size=(400, 20, 1)) + 0.3 * RNG.normal(size=(400, 20, 5)),
        np.eye(12)[tokens()],
        tokens()[..., None] / 12,
        tokens(),
        RNG.normal(size=(400, 1, 1)) + autoregressive(400, 7, 24, keeps=0.5),
        np.cumsum(np.cumsum(RNG.normal(size=(400, 12, 12)), axis=1), axis=2),
        np.zeros((400, 5, 3)),
    ],
    ids=[
        *("noise", "scaled noise", "channels alike", "one-hot", "codes", "ids", "levels"),
        *("pictures", "constant"),
    ],
)
def test_what_has_no_such_order_is_left_alone(cube):
    assert read(cube, ordered=True) is None


def test_a_season_as_long_as_a_stride_is_left_alone():
    spikes = np.zeros((400, 30, 3))
    spikes[:, ::10] = RNG.normal(size=(400, 1, 3))
    assert read(spikes + 0.3 * RNG.normal(size=spikes.shape)) is None


def test_padded_sequences_are_left_alone():
    cube = autoregressive(400, 20, 3)
    lengths = RNG.integers(3, 20, 400)
    cube[np.arange(20)[None, :] >= lengths[:, None]] = 0
    assert read(cube) is None


def test_likeness_is_the_correlation_of_the_process():
    found = axes(autoregressive(600, 40, 3, keeps=0.7), None)
    assert found.given == pytest.approx(0.7, abs=0.02)
    turned = axes(misread(autoregressive(600, 40, 3, keeps=0.7))["reshaped"], None)
    assert turned.layouts["reshaped"].alike == pytest.approx(0.7, abs=0.02)
    assert abs(turned.layouts["reshaped"].seam) < 0.1
    assert turned.given == pytest.approx(0.7**3, abs=0.05)


@pytest.mark.parametrize("shape", [(20, 10, 3), (400, 1, 3)], ids=["few samples", "one step"])
def test_too_little_to_tell(shape):
    assert axes(RNG.normal(size=shape), None) is None


def test_a_column_that_tells_of_the_target_is_known_by_its_place():
    table = RNG.normal(size=(500, 9))
    found = axes(table, None, 0, table[:, 4] - table[:, 7])
    assert np.argsort(found.told)[-2:].tolist() in ([4, 7], [7, 4])
    assert found.told[4] == pytest.approx(np.sqrt(0.5), abs=0.05)


def test_windows_share_their_values_and_a_table_does_not():
    noise = RNG.normal(size=(600, 1))
    shuffled = RNG.permutation(windows(noise, 9))
    assert axes(shuffled, None).shared
    assert not axes(RNG.normal(size=(600, 9, 1)), None).shared


def test_what_is_measured_comes_back_from_a_recording():
    for cube in (autoregressive(64, 12, 3), autoregressive(64, 12, 1)):
        found = axes(cube, cube, 1, cube[:, -1, 0])
        assert from_plain(AxisFacts, json.loads(json.dumps(plain(found)))) == found
