"""Colours and codes of the maps, against what they stand for."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.pictures import Grid, MemoryPicture, SitePicture
from unstuck.report.html import palettes
from unstuck.report.html.heat import (
    BROKEN,
    DECADES,
    LEVELS,
    MISSING,
    ZERO,
    activation_scale,
    gradient_scale,
    sheet,
)
from unstuck.report.html.palettes import PALETTES, colour

numbers = st.lists(
    st.floats(-1e3, 1e3, width=32) | st.sampled_from([np.nan, np.inf, 0.0]), min_size=1, max_size=30
)


def luminance(text: str) -> float:
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in (channel / 255 for channel in palettes.channels(text))
    ]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def seen_by_a_deuteranope(text: str) -> np.ndarray:
    """Linear RGB as Viénot, Brettel and Mollon (1999) simulate it, without a green cone."""
    linear = [(channel / 255) ** 2.2 for channel in palettes.channels(text)]
    to_lms = np.array(
        [[17.8824, 43.5161, 4.1194], [3.4557, 27.1554, 3.8671], [0.03, 0.1843, 1.467]]
    )
    blind = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])
    return np.linalg.inv(to_lms) @ blind @ to_lms @ linear


@pytest.mark.parametrize("name", ["viridis", "cividis"])
def test_brighter_is_more(name):
    shades = [luminance(colour(name, share)) for share in np.linspace(0, 1, 60)]
    assert all(low < high for low, high in itertools.pairwise(shades))
    assert shades[-1] - shades[0] > 0.5


def test_the_signed_palette_is_neutral_in_the_middle_and_tells_its_sides_apart_to_all():
    assert colour("signed", 0.5) == PALETTES["signed"][4]
    shades = [luminance(colour("signed", share)) for share in np.linspace(0, 1, 61)]
    assert all(low < high for low, high in itertools.pairwise(shades[:31]))
    assert all(low > high for low, high in itertools.pairwise(shades[30:]))
    for share in (0.0, 0.1, 0.25):
        low, high = (seen_by_a_deuteranope(colour("signed", at)) for at in (share, 1 - share))
        # Blue and orange differ in blue against red and green, which a deuteranope keeps.
        assert (low[2] - low[0]) - (high[2] - high[0]) > 0.1


def test_the_ends_of_a_palette_are_its_anchors():
    for name, anchors in PALETTES.items():
        assert (colour(name, -1.0), colour(name, 2.0)) == (anchors[0], anchors[-1])


@given(numbers, st.booleans())
def test_an_activation_reads_back_to_within_a_level(values, gate):
    array = np.array([values], float)
    scale = activation_scale([array], gate)
    codes = scale.codes(array, np.ones_like(array))
    for code, value in zip(codes[0], values, strict=True):
        if not np.isfinite(value):
            assert code == BROKEN
            continue
        step = (scale.high - scale.low) / (LEVELS - 1)
        assert scale.value(code / (LEVELS - 1)) == pytest.approx(value, abs=0.51 * step)
    assert (scale.palette == "signed") == (scale.low < 0) == (np.nanmin([0, *values]) < 0)
    assert scale.low in (0, -scale.high)


@given(st.lists(st.floats(0, 2.0**100, width=32), min_size=1, max_size=30))
def test_a_gradient_reads_back_and_zero_is_no_colour(values):
    array = np.array([values], float)
    scale = gradient_scale([array])
    codes = scale.codes(array, np.ones_like(array))
    most = max(values)
    for code, value in zip(codes[0], values, strict=True):
        if value == 0:
            assert code == ZERO
        elif value < scale.low:
            assert (code, scale.clipped) == (0, True)
            assert value < most / 10 ** (DECADES - 0.01)
        else:
            read = scale.value(code / (LEVELS - 1))
            assert np.log10(read / value) == pytest.approx(0, abs=0.51 * DECADES / (LEVELS - 1))


def test_gates_share_the_scale_from_shut_to_open():
    half = np.array([[0.2, 0.3]])
    assert dataclasses.astuple(activation_scale([half], gate=True))[:3] == ("viridis", 0, 1)
    assert activation_scale([half], gate=False).high == pytest.approx(0.3)
    assert activation_scale([half * 9], gate=True).high == pytest.approx(2.7)
    assert dataclasses.astuple(activation_scale([-half], gate=True))[:3] == ("signed", -1, 1)
    assert activation_scale([half, -half], gate=False).low == pytest.approx(-0.3)
    assert activation_scale([half * 9, -half], gate=True).low == pytest.approx(-2.7)


def test_where_nothing_counts_nothing_is_read():
    values = np.array([[np.nan, 0.0, 1.0]])
    assert activation_scale([], gate=True).codes(values, np.zeros((1, 3))).tolist() == [
        [MISSING] * 3
    ]
    none = gradient_scale([values[:, :2]])
    assert none.codes(values[:, :2], np.ones((1, 2))).tolist() == [[BROKEN, ZERO]]


def site(values, counted, step_width=1, unit_width=1) -> SitePicture:
    rows, columns = values.shape

    def bins(count: int, width: int) -> tuple[tuple[int, int], ...]:
        return tuple((index * width, (index + 1) * width - 1) for index in range(count))

    return SitePicture(
        name="lstm",
        layer="lstm",
        kind="LSTM",
        steps=columns * step_width,
        units=rows * unit_width,
        gates=(),
        memory=MemoryPicture(),
        step_bins=bins(columns, step_width),
        unit_bins=bins(rows, unit_width),
        counted=tuple(counted),
        maps=tuple(
            Grid("hidden state", measure, values.shape, values.astype("<f4").tobytes())
            for measure in ("activation", "gradient")
        ),
    )


@given(st.integers(0, 99), st.integers(1, 20), st.integers(1, 9))
def test_a_coarser_sheet_is_the_mean_of_what_counts(seed, columns, rows):
    draw = np.random.default_rng(seed)
    values, counted = draw.random((7, 13)), draw.choice([0.0, 0.25, 1.0], 13)
    found = sheet(site(values, counted, 4, 2), columns, rows)
    wide, tall = -(-13 // columns), -(-7 // rows)
    assert found.cut == (wide * 4, tall * 2)
    mean = found.maps["activation", "hidden state"]
    for row in range(mean.shape[0]):
        for column in range(mean.shape[1]):
            block = np.s_[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide]
            weights = np.broadcast_to(counted, values.shape)[block]
            if not weights.any():
                assert found.weights[row, column] == 0
                continue
            taken = values[block]
            assert mean[row, column] == pytest.approx(np.average(taken, weights=weights), rel=1e-5)
            rms = np.sqrt(np.average(taken**2, weights=weights))
            got = found.maps["gradient", "hidden state"][row, column]
            assert got == pytest.approx(rms, rel=1e-5)
    course = found.courses["activation", "hidden state"]
    assert course.shape == (1, mean.shape[1])
    first = np.s_[:, :wide]
    if counted[:wide].any():
        weights = np.broadcast_to(counted, values.shape)[first]
        expected = np.average(values[first], weights=weights)
        assert course[0, 0] == pytest.approx(expected, rel=1e-5)


def test_a_site_without_maps_has_no_sheet():
    bare = dataclasses.replace(site(np.zeros((1, 1)), [1.0]), maps=())
    assert sheet(bare, 4, 4) is None
