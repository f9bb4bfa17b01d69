"""Forecasts that are fed back, against the rollout of the same weights by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.observe.rollout import rollout

SERIES = np.sin(np.arange(200) * 0.7).astype("float32")
WINDOWS = np.lib.stride_tricks.sliding_window_view(SERIES[:-1], 4)[..., None]
TARGETS = SERIES[4:]


def linear(*weights: float, features: int = 1) -> keras.Model:
    """A forecast that is a weighted sum of the window, the first step first."""
    model = keras.Sequential(
        [keras.Input((4, features)), keras.layers.Flatten(), keras.layers.Dense(features)]
    )
    kernel = np.zeros((4 * features, features), "float32")
    for step, weight in enumerate(weights):
        kernel[step * features : (step + 1) * features] = weight * np.eye(features)
    model.layers[-1].set_weights([kernel, np.zeros(features)])
    return model


def rolled(model: keras.Model, windows=WINDOWS, targets=TARGETS):
    return rollout(model, "dense", windows, targets, windows)


@pytest.mark.backends
def test_a_sine_goes_on_for_ever():
    # sin(t) = 2 cos(w) sin(t - w) - sin(t - 2w)
    found = rolled(linear(0, 0, -1, 2 * np.cos(0.7)))
    assert found.late == pytest.approx(1, abs=0.1)
    assert found.settled > 0.8 * found.steps


@pytest.mark.backends
def test_a_pull_towards_the_mean_comes_to_rest():
    found = rolled(linear(0, 0, 0, 0.9))
    assert found.late < 1e-4
    # 0.9 ** n of what is left passes a twentieth of the spread, 0.7, for half of all starts.
    last = np.abs(WINDOWS[np.linspace(0, len(WINDOWS) - 1, 16).astype(int), -1, 0])
    expected = np.median(np.maximum(np.log(0.05 * TARGETS.std() / last) / np.log(0.9), 0))
    assert found.settled == pytest.approx(expected, abs=2)
    assert abs(found.ends) < 1e-3


def test_all_features_are_fed_back():
    both = np.stack([SERIES, SERIES[::-1]], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(both[:-1], 4, axis=0).transpose(0, 2, 1)
    found = rolled(linear(0, 0, -1, 2 * np.cos(0.7), features=2), windows, both[4:])
    assert found.late == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("windows", "targets"),
    [
        (WINDOWS, np.random.default_rng(0).normal(size=len(TARGETS))),
        (WINDOWS[:-1], TARGETS[1:]),
        (np.repeat(WINDOWS, 2, axis=2), TARGETS),
        (WINDOWS, np.stack([TARGETS, TARGETS], axis=1)),
    ],
    ids=["others", "two ahead", "one of two features", "two steps"],
)
def test_other_targets_cannot_be_fed_back(windows, targets):
    assert rolled(linear(0, 0, 0, 1, features=windows.shape[2]), windows, targets) is None


@pytest.mark.backends
def test_model_and_random_state_stay_as_they_were():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((4, 1)),
            keras.layers.LSTM(3),
            keras.layers.Dropout(0.5),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1),
        ]
    )
    before = [np.array(keras.ops.convert_to_numpy(v)) for v in model.variables]
    assert rolled(model) is not None
    after = [np.array(keras.ops.convert_to_numpy(v)) for v in model.variables]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


def test_a_state_that_is_carried_is_left_alone():
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(16, 4, 1)),
            keras.layers.LSTM(3, stateful=True),
            keras.layers.Dense(1),
        ]
    )
    assert rolled(model) is None
