"""The controls against closed forms and against Keras itself."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.observe.controls import (
    constant_predictor,
    continues,
    naive_forecast,
    perfect_predictor,
)
from unstuck.observe.losses import OutputLoss, output_losses

RNG = np.random.default_rng(0)


def loss_of(name: object, units: int = 1) -> OutputLoss:
    model = keras.Sequential([keras.Input((3, 1)), keras.layers.LSTM(2), keras.layers.Dense(units)])
    model.compile("sgd", name)
    return output_losses(model)[0]


@settings(max_examples=20, deadline=None)
@given(st.floats(-50, 50), st.floats(0.1, 20))
def test_the_best_constant_for_a_squared_error_is_the_mean(mean: float, spread: float) -> None:
    targets = (mean + spread * RNG.normal(size=(200, 1))).astype(np.float32)
    found = constant_predictor(loss_of("mse"), targets, (200, 1), None)
    assert found == pytest.approx(float(targets.astype(np.float64).var()), rel=1e-4)


def test_the_best_constant_for_an_absolute_error_is_the_median() -> None:
    targets = RNG.exponential(size=(501, 1)).astype(np.float32)
    found = constant_predictor(loss_of("mae"), targets, (501, 1), None)
    assert found == pytest.approx(float(np.abs(targets - np.median(targets)).mean()), rel=1e-5)


@pytest.mark.parametrize("share", [0.5, 0.2, 0.03])
@pytest.mark.parametrize("from_logits", [False, True])
def test_the_best_constant_for_binary_classes_is_their_entropy(
    share: float, from_logits: bool
) -> None:
    targets = (np.arange(1000) < share * 1000).astype(np.float32)
    loss = loss_of(keras.losses.BinaryCrossentropy(from_logits=from_logits))
    entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert constant_predictor(loss, targets, (1000, 1), None) == pytest.approx(entropy, rel=1e-4)


@pytest.mark.parametrize("from_logits", [False, True])
def test_the_best_constant_for_class_numbers_is_their_entropy(from_logits: bool) -> None:
    targets = RNG.choice(4, 2000, p=[0.6, 0.2, 0.15, 0.05])
    shares = np.bincount(targets) / 2000
    loss = loss_of(keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits), 4)
    entropy = float(-(shares * np.log(shares)).sum())
    assert constant_predictor(loss, targets, (2000, 4), None) == pytest.approx(entropy, rel=1e-3)
    hot = np.eye(4, dtype=np.float32)[targets]
    categorical = loss_of(keras.losses.CategoricalCrossentropy(from_logits=from_logits), 4)
    assert constant_predictor(categorical, hot, (2000, 4), None) == pytest.approx(entropy, rel=1e-3)


def test_class_weights_move_the_constant_to_the_weighted_shares() -> None:
    targets = (np.arange(1000) < 100).astype(np.float32)
    weights = np.where(targets == 1, 9.0, 1.0).astype(np.float32)
    found = constant_predictor(loss_of("binary_crossentropy"), targets, (1000, 1), weights)
    # 100 samples of weight 9 against 900 of weight 1: both classes weigh the same.
    assert found == pytest.approx(np.log(2) * weights.mean(), rel=1e-4)


def test_a_perfect_prediction_costs_nothing_but_where_the_loss_says_so() -> None:
    targets = RNG.normal(size=(50, 3)).astype(np.float32)
    assert perfect_predictor(loss_of("mse", 3), targets, (50, 3), None) == 0
    similarity = perfect_predictor(loss_of("cosine_similarity", 3), targets, (50, 3), None)
    assert similarity == pytest.approx(-1, abs=1e-5)


def test_the_loss_of_a_prediction_is_the_one_that_evaluate_prints() -> None:
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3), keras.layers.Dense(2)])
    model.compile("sgd", "huber")
    x = RNG.normal(size=(40, 4, 2)).astype(np.float32)
    y = RNG.normal(size=(40, 2)).astype(np.float32)
    weights = RNG.random(40).astype(np.float32)
    predictions = model.predict(x, verbose=0)
    ours = output_losses(model)[0].mean(y, predictions, weights)
    theirs = model.compute_loss(x=None, y=y, y_pred=predictions, sample_weight=weights)
    assert ours == pytest.approx(float(keras.ops.convert_to_numpy(theirs)), rel=1e-5)


def test_a_forecast_is_known_by_its_targets_being_later_inputs() -> None:
    series = np.cumsum(RNG.normal(size=400)).astype(np.float32)
    windows = np.stack([series[i : i + 12] for i in range(380)])[..., None]
    assert continues(windows, series[12:392])
    assert continues(windows, np.stack([series[i + 12 : i + 15] for i in range(380)]))
    assert not continues(windows, RNG.normal(size=380))
    naive = naive_forecast(loss_of("mse"), windows, series[12:392], (380, 1), None)
    assert naive == pytest.approx(float((np.diff(series)[11:391] ** 2).mean()), rel=1e-4)


def test_targets_reach_the_loss_as_fit_hands_them_over() -> None:
    def relative(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(keras.ops.square(y_true - y_pred) / 2)

    targets = RNG.normal(size=(20, 1))
    assert targets.dtype == np.float64
    ours = loss_of(relative).mean(targets, np.zeros((20, 1), np.float32), None)
    assert ours == pytest.approx(float((targets**2).mean() / 2), rel=1e-5)
