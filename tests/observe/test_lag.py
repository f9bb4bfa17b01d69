"""The lag that a task needs, on tasks whose lag is known."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unstuck
from unstuck.observe import outcomes
from unstuck.observe.lag import doubling, needed_lag
from unstuck.observe.outcome import OutcomeFacts
from unstuck.observe.recording import reading
from unstuck.observe.xray.facts import LagFacts

Arrays = tuple[np.ndarray, np.ndarray]


def lag_of(x: Any, y: Any, **options: Any) -> LagFacts:
    found = needed_lag("out", x if isinstance(x, list) else [x], np.asarray(y), **options)
    assert found is not None
    assert list(found.lags) == sorted(set(found.lags))
    assert len(found.lags) == len(found.scores) == len(found.chance)
    return found


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def autoregressive(length: int, by: int = 1, strength: float = 0.9, seed: int = 0) -> np.ndarray:
    series = normal(length + 500, seed=seed)
    for at in range(by, len(series)):
        series[at] += strength * series[at - by]
    return series[500:]


def windows(series: np.ndarray, steps: int) -> Arrays:
    cut = np.lib.stride_tricks.sliding_window_view(series, steps)[:-1]
    return cut[:, :, None], series[steps:]


@given(st.integers(1, 3000))
def test_ranges_double_and_leave_no_lag_out(window: int) -> None:
    ranges = doubling(window)
    lags = [lag for first, last in ranges for lag in range(first, last + 1)]
    assert lags == list(range(window))
    assert len(ranges) <= window.bit_length() + 1


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(2, 60), st.data())
def test_a_single_step_is_found_to_the_lag(window: int, data: st.DataObject) -> None:
    lag = data.draw(st.integers(0, window - 1))
    x = normal(300, window, 2, seed=lag)
    found = lag_of(x, x[:, -1 - lag, 1] + 0.2 * normal(300, seed=1))
    assert found.needed == lag
    assert found.score == pytest.approx(1 / 1.04, abs=0.03)
    assert found.window == window


def test_it_is_found_among_thousands_of_steps() -> None:
    x = normal(500, 2000, 1)
    assert lag_of(x, x[:, -1501, 0]).needed == 1500


@pytest.mark.parametrize("strength", [0.5, 0.9, 0.99, 1.0])
def test_a_series_whose_past_says_nothing_more_needs_its_last_value(strength: float) -> None:
    found = lag_of(*windows(autoregressive(600, strength=strength), 30))
    assert found.needed in (0, 1)
    assert found.score > 0.1


def test_noise_needs_nothing() -> None:
    """Of 20 data sets without a relation one may pass for one, as 19 permutations promise."""
    needed = [
        lag_of(normal(250, 24, 2, seed=seed), normal(250, seed=1000 + seed)).needed
        for seed in range(20)
    ]
    assert sum(lag is not None for lag in needed) <= 1


def test_smooth_inputs_beside_smooth_targets_are_no_relation() -> None:
    x, _ = windows(autoregressive(600, strength=0.97), 30)
    _, y = windows(autoregressive(600, strength=0.97, seed=1), 30)
    assert lag_of(x, y).needed is None


def test_the_returns_of_a_random_walk_need_nothing() -> None:
    x, y = windows(np.cumsum(normal(600)), 30)
    assert lag_of(x, y - x[:, -1, 0]).needed is None


@pytest.mark.parametrize("last", [10, 40])
def test_a_mean_needs_all_its_steps(last: int) -> None:
    x = normal(400, 40, 1)
    found = lag_of(x, x[:, -last:].mean(axis=(1, 2)))
    assert found.needed == last - 1
    assert found.score > 0.9


def test_marked_values_are_found_wherever_they_are() -> None:
    """The adding problem: the sum of the two values that a second feature marks."""
    rng = np.random.default_rng(0)
    values, marks = rng.uniform(size=(500, 60)), np.zeros((500, 60))
    for half in (0, 30):
        marks[np.arange(500), rng.integers(half, half + 30, 500)] = 1
    found = lag_of(np.stack([values, marks], axis=2), (values * marks).sum(axis=1))
    assert found.needed is not None
    assert found.needed > 50
    assert found.score > 0.9


def test_a_question_at_the_end_is_answered_by_an_earlier_step() -> None:
    x = normal(500, 40, 1)
    assert lag_of(x, x[:, -1, 0] * x[:, -21, 0]).needed == 20


def test_a_season_needs_one_period() -> None:
    assert lag_of(*windows(autoregressive(900, by=12, strength=0.95), 30)).needed == 11


def test_the_first_token_decides() -> None:
    ids = np.random.default_rng(0).integers(1, 40, (400, 50))
    found = lag_of(ids, (ids[:, 0] > 20).astype(int), token_ids=True)
    assert found.needed == 49
    assert found.score > 0.8


def test_ids_are_names_and_not_magnitudes() -> None:
    ids = np.random.default_rng(0).integers(1, 20, (400, 20))
    odd = np.isin(ids, (2, 3, 7, 11, 12, 17, 18))
    assert lag_of(ids, odd[:, -6].astype(int), token_ids=True).needed == 5


def test_a_word_anywhere_needs_the_whole_text() -> None:
    ids = np.random.default_rng(0).integers(1, 30, (500, 20))
    found = lag_of(ids, (ids == 7).any(axis=1).astype(int), token_ids=True)
    assert found.needed is not None
    assert found.needed >= 16


def padded(lengths: np.ndarray, behind: bool, numbers: bool) -> list[Any]:
    """Sequences, the array that they are padded to, and a value of each for the targets."""
    rng = np.random.default_rng(1)
    texts = [
        rng.normal(size=(length, 2)) if numbers else rng.integers(1, 30, length)
        for length in lengths
    ]
    array = np.zeros((len(texts), 40, 2) if numbers else (len(texts), 40))
    for row, text in zip(array, texts, strict=True):
        row[: len(text)] = text
        row[:] = row if behind else np.roll(row, 40 - len(text), axis=0)
    return [texts, array]


@pytest.mark.parametrize("numbers", [True, False], ids=["numbers", "ids"])
@pytest.mark.parametrize("at", [-1, -2, 0])
def test_padding_is_no_lag(numbers: bool, at: int) -> None:
    lengths = np.random.default_rng(0).integers(3, 30, 400)
    found = []
    for behind in (True, False):
        texts, array = padded(lengths, behind, numbers)
        step = np.array([text[at] for text in texts])
        y = step[:, 0] if numbers else (step > 15).astype(int)
        found.append(lag_of(array, y, token_ids=not numbers))
    # Which side was padded makes no difference.
    assert found[0].needed == found[1].needed
    np.testing.assert_allclose(found[0].scores, found[1].scores, atol=1e-6)
    needed = found[0].needed
    assert needed is not None
    if at == 0:
        assert np.median(lengths) - 1 <= needed <= lengths.max() - 1
    else:
        assert needed == -1 - at


def test_the_length_of_a_sequence_is_no_lag() -> None:
    lengths = np.random.default_rng(0).integers(3, 30, 300)
    _, array = padded(lengths, True, False)
    assert lag_of(array, lengths, token_ids=True).needed is None


def test_events_amid_silence_are_not_padding() -> None:
    x = np.zeros((400, 30, 1))
    at = np.random.default_rng(0).integers(0, 30, 400)
    x[np.arange(400), at] = 1
    needed = lag_of(x, at).needed
    assert needed is not None
    assert needed > 20


def test_of_targets_with_steps_the_last_real_one_counts() -> None:
    lengths = np.random.default_rng(0).integers(8, 30, 300)
    texts, array = padded(lengths, True, False)
    labels = np.zeros_like(array)
    for row, text in zip(labels, texts, strict=True):
        row[3 : len(text)] = text[:-3] > 15
    assert lag_of(array, labels, token_ids=True, per_step=True).needed == 3
    assert lag_of(array, labels[:, :, None], token_ids=True, per_step=True).needed == 3


def test_what_another_input_explains_needs_no_lag() -> None:
    x, beside = normal(300, 20, 1), normal(300, 2, seed=1)
    assert lag_of([x, beside], beside[:, 0]).needed is None
    assert lag_of([x, beside], beside[:, 0] + x[:, -4, 0]).needed == 3


def test_two_sequences_are_both_looked_at() -> None:
    long, short = normal(300, 30, 1), normal(300, 5, 1, seed=1)
    assert lag_of([long, short], long[:, -20, 0] + short[:, -1, 0]).needed == 19


@pytest.mark.parametrize(("scale", "offset"), [(1e-4, 0.0), (1e4, 1e4)])
def test_scale_and_offset_do_not_matter(scale: float, offset: float) -> None:
    x = normal(300, 12, 2)
    y = x[:, -5, 0] + normal(300, seed=1)
    plain, moved = lag_of(x, y), lag_of(x * scale + offset, y * scale + offset)
    assert plain.needed == moved.needed == 4
    assert moved.score == pytest.approx(plain.score, abs=1e-3)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (normal(300, 8, 1), np.ones(300)),
        (normal(20, 8, 1), normal(20)),
        (normal(300, 8), normal(300)),
    ],
    ids=["constant target", "few samples", "no steps"],
)
def test_there_may_be_no_answer(x: np.ndarray, y: np.ndarray) -> None:
    assert needed_lag("out", [x], y) is None


def test_constant_and_broken_inputs_do_no_harm() -> None:
    x = normal(200, 6, 3)
    x[:, :, 1] = 4.0
    y = x[:, -2, 0].copy()
    x[3, 2, 2] = np.nan
    x[9, 1, 2] = np.inf
    assert lag_of(x, y).needed == 1
    assert lag_of(np.zeros((200, 6, 1)), y).needed is None


def test_what_lies_before_the_window() -> None:
    x, y = windows(autoregressive(1024, by=24, strength=0.95), 8)
    found = lag_of(x, y, opening=(x, y))
    assert found.beyond == 23
    assert found.beyond_gain > 0.6


@pytest.mark.parametrize(
    "series",
    [autoregressive(1024), normal(1024), np.cumsum(normal(1024))],
    ids=["autoregressive", "noise", "walk"],
)
def test_a_window_that_holds_everything_lacks_nothing(series: np.ndarray) -> None:
    x, y = windows(series, 8)
    found = lag_of(x, y, opening=(x, y))
    assert (found.beyond, found.beyond_gain) == (None, 0.0)


def test_shuffled_windows_do_not_show_what_came_before() -> None:
    x, y = windows(autoregressive(1024, by=24, strength=0.95), 8)
    order = np.random.default_rng(0).permutation(len(x))
    assert lag_of(x[order], y[order], opening=(x[order], y[order])).beyond is None


X = normal(64, 6, 2).astype("float32")


def fitted(callback: Any) -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(2), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, X[:, -3, 0], epochs=1, verbose=0, callbacks=[callback])


def recorded(path: Any) -> OutcomeFacts:
    with reading(path) as recording:
        found = recording.fits()[0].fact("outcome", OutcomeFacts)
    assert found is not None
    return found


@pytest.mark.backends
def test_a_run_records_its_lag(tmp_path: Any) -> None:
    fitted(unstuck.Monitor(tmp_path / "run"))
    (found,) = recorded(tmp_path / "run").lags
    assert (found.needed, found.window, found.samples) == (2, 6, 64)


def test_a_lag_that_cannot_be_measured_costs_nothing_else(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any, **options: Any) -> None:
        raise ValueError("could not convert string to float")

    monkeypatch.setattr(outcomes, "needed_lag", broken)
    fitted(unstuck.Monitor(tmp_path / "run"))
    found = recorded(tmp_path / "run")
    assert found.lags == ()
    assert found.outputs
    assert found.signal
