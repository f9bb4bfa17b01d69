from __future__ import annotations

import numpy as np
import pytest

RNG = np.random.default_rng(7)
LEVELS = RNG.normal(size=(60, 1))
LABELS = np.arange(60) % 2
ONE_HOT = np.eye(20)[np.arange(60) % 20]


@pytest.mark.parametrize(
    "metric", ["accuracy", "binary_accuracy", "categorical_accuracy", "precision", "auc"]
)
def test_counting_right_answers_of_a_forecast_misleads(judged, metric):
    predictions = LEVELS + 0.1
    (learns,) = judged("OUT109", LEVELS, metrics=(metric,), predictions=predictions, skill=0.9)
    (fails,) = judged("OUT109", LEVELS, metrics=(metric,), predictions=predictions, skill=0.0)
    assert (learns.severity, fails.severity) == ("warning", "note")


def test_what_was_shown_is_evidence(judged):
    logs = {"loss": 0.1, "accuracy": 0.25, "val_accuracy": 0.0}
    (found,) = judged("OUT109", LEVELS, metrics=("accuracy",), logs=logs)
    assert found.evidence["metric_shown"].value == 0.0


def test_columns_of_one_hot_rows_are_right_without_learning(judged):
    (found,) = judged(
        "OUT109", ONE_HOT, metrics=("binary_accuracy",), units=20, activation="softmax",
        loss="categorical_crossentropy",
    )  # fmt: skip
    silent = (np.zeros_like(ONE_HOT) == ONE_HOT).mean()
    assert found.evidence["metric_without_learning"].value == pytest.approx(silent)


def test_the_largest_of_one_unit_is_always_the_same(judged):
    words = {"activation": "sigmoid", "loss": "binary_crossentropy"}
    (found,) = judged("OUT109", LABELS, metrics=("categorical_accuracy",), **words)
    assert found.evidence["metric_without_learning"].value == 1.0
    (found,) = judged("OUT109", LABELS, metrics=("sparse_categorical_accuracy",), **words)
    assert found.evidence["metric_without_learning"].value == pytest.approx((LABELS == 0).mean())


def test_exact_equality_shows_less_than_the_predictions_are_worth(judged):
    words = {"activation": "sigmoid", "loss": "binary_crossentropy", "metrics": ("accuracy",)}
    predictions = np.where(LABELS == 1, 0.9, 0.1)[:, None]
    (found,) = judged(
        "OUT109", LABELS, predictions=predictions, skill=0.8, logs={"acc": 0.0}, **words
    )
    assert found.evidence["accuracy_of_the_predictions"].value == 1.0
    assert not judged(
        "OUT109", LABELS, predictions=predictions, skill=0.8, logs={"acc": 0.97}, **words
    )


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (LEVELS, {"metrics": ("mean_absolute_error",)}),
        (LEVELS, {}),
        (LABELS, {"metrics": ("accuracy", "auc"), "loss": "binary_crossentropy"}),
        (LABELS, {"metrics": ("accuracy",), "activation": "sigmoid"}),
        (np.arange(60) % 3, {
            "metrics": ("accuracy",), "units": 3, "loss": "sparse_categorical_crossentropy"}),
        (ONE_HOT, {"metrics": ("accuracy", "categorical_accuracy"), "units": 20,
                   "activation": "softmax", "loss": "categorical_crossentropy"}),
        (ONE_HOT, {"metrics": ("binary_accuracy",), "units": 20, "activation": "sigmoid",
                   "loss": "binary_crossentropy"}),
        (RNG.uniform(size=(60, 1)), {
            "metrics": ("accuracy",), "activation": "sigmoid", "loss": "binary_crossentropy"}),
    ],
)  # fmt: skip
def test_metrics_that_fit_are_left_alone(judged, targets, words):
    assert not judged("OUT109", targets, **words)


def test_the_metric_is_named_where_it_is_written(judged):
    source = (
        "from keras import Sequential, layers\n"
        "model = Sequential([layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile(\n    optimizer='adam',\n    loss='mse',\n    metrics=['accuracy'],\n)\n"
    )
    (found,) = judged("OUT109", LEVELS, metrics=("accuracy",), source=source, compile_line=3)
    assert found.location.line == 6
