from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply
from unstuck.case.facts import FeatureFacts
from unstuck.findings.output.output_activation_range_mismatch import _beyond

RNG = np.random.default_rng(5)
STANDARD = RNG.normal(size=(400, 1))


def severities(findings):
    return [finding.severity for finding in findings]


@pytest.mark.parametrize(
    ("activation", "kind", "targets"),
    [
        ("sigmoid", "Dense", STANDARD),
        ("relu", "Dense", STANDARD),
        ("softplus", "Dense", STANDARD),
        ("tanh", "Dense", 40 + STANDARD),
        ("tanh", "LSTM", 40 + STANDARD),
        ("sigmoid", "Dense", 30 + 10 * STANDARD),
        ("softmax", "Dense", 40 + np.repeat(STANDARD, 2, axis=1)),
    ],
)
def test_targets_out_of_reach_are_an_error(judged, activation, kind, targets):
    found = judged(
        "OUT102", targets, activation=activation, kind=kind, units=targets.shape[1], skill=0.2,
        predictions=np.zeros_like(targets),
    )  # fmt: skip
    assert severities(found) == ["error"]


@pytest.mark.parametrize(
    ("activation", "targets"),
    [
        ("linear", STANDARD),
        ("leaky_relu", STANDARD),
        (None, STANDARD),
        ("sigmoid", RNG.uniform(size=(400, 1))),
        ("tanh", RNG.uniform(-1, 1, size=(400, 1))),
        ("relu", RNG.exponential(size=(400, 1))),
        ("sigmoid", np.float32(RNG.uniform(size=(400, 1))) * (1 + 1e-7)),
    ],
)
def test_targets_within_reach_are_left_alone(judged, activation, targets):
    assert not judged("OUT102", targets, activation=activation)


def test_a_fringe_beyond_the_range_is_a_note(judged):
    targets = np.append(RNG.uniform(size=(399, 1)), [[1.02]], axis=0)
    assert severities(judged("OUT102", targets, activation="sigmoid")) == ["note"]


def test_one_column_out_of_reach_is_enough(judged):
    targets = np.concatenate([RNG.uniform(size=(400, 3)), 5 + STANDARD], axis=1)
    assert severities(judged("OUT102", targets, activation="sigmoid", units=4)) == ["error"]


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-1.0, 1.0), (0.0, np.inf)])
def test_the_unreachable_variance_is_that_of_many_draws(bounds):
    draws = RNG.normal(0.3, 0.9, size=200_000)
    column = FeatureFacts(draws.mean(), draws.std(), draws.min(), draws.max(), 64)
    missed = ((draws - np.clip(draws, *bounds)) ** 2).mean() / draws.var()
    found = _beyond(column, bounds, len(draws))
    assert found is not None
    assert found.variance == pytest.approx(missed, rel=0.03)


def test_rare_outliers_cost_at_least_their_own_distance(judged):
    targets = RNG.uniform(size=(400, 1))
    targets[:4] = 60.0
    (found,) = judged("OUT102", targets, activation="sigmoid")
    assert found.severity == "error"


def test_the_edit_takes_the_activation_out(judged):
    source = (
        "from keras import Sequential, layers\n"
        "model = Sequential([layers.LSTM(4), layers.Dense(1, activation='relu')])\n"
        "model.compile('adam', 'mse')\n"
    )
    (found,) = judged(
        "OUT102", STANDARD, activation="relu", source=source, head_line=2, compile_line=3
    )
    (edit,) = found.treatments[0].edits
    assert edit.new == "model = Sequential([layers.LSTM(4), layers.Dense(1)])"


def test_labels_belong_to_other_rules(judged):
    signs = np.where(STANDARD > 0, 1, -1)
    words = {"activation": "sigmoid", "loss": "binary_crossentropy", "from_logits": False}
    assert not judged("OUT102", signs, **words)
    assert not judged("OUT102", np.arange(40) % 3, **words)


def test_a_loss_of_ones_own_is_only_blamed_when_the_run_fails(judged):
    words = {"activation": "sigmoid", "custom": True, "loss": "mine"}
    predictions = np.zeros_like(STANDARD)
    (learns,) = judged("OUT102", STANDARD, predictions=predictions, skill=0.7, **words)
    (fails,) = judged("OUT102", STANDARD, predictions=predictions, skill=0.0, **words)
    assert (learns.severity, fails.severity) == ("warning", "error")


THREE = np.arange(60) % 3
ONE_HOT = np.eye(5)[np.arange(60) % 5]
MULTI_HOT = (RNG.uniform(size=(60, 5)) < 0.6).astype(float)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (THREE % 2, {"loss": "categorical_crossentropy", "activation": "sigmoid"}),
        (THREE % 2, {"loss": "sparse_categorical_crossentropy", "activation": "sigmoid"}),
        (THREE, {"loss": "binary_crossentropy", "activation": "sigmoid"}),
        (STANDARD, {"loss": "binary_crossentropy", "activation": "sigmoid"}),
        (STANDARD, {"loss": "binary_crossentropy"}),
        (9 + ONE_HOT / 3, {"loss": "categorical_crossentropy", "units": 5}),
        (THREE, {"loss": "mean_squared_error", "units": 3, "activation": "softmax"}),
        (THREE[:, None], {"loss": "mean_absolute_error", "units": 3, "activation": "softmax"}),
    ],
)  # fmt: skip
def test_a_loss_that_cannot_serve_is_an_error(judged, targets, words):
    assert severities(judged("OUT103", targets, from_logits=False, **words)) == ["error"]


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (THREE % 2, {"loss": "binary_crossentropy", "activation": "sigmoid"}),
        (THREE, {"loss": "sparse_categorical_crossentropy", "units": 3, "activation": "softmax"}),
        (ONE_HOT, {"loss": "categorical_crossentropy", "units": 5, "activation": "softmax"}),
        (ONE_HOT, {"loss": "binary_crossentropy", "units": 5, "activation": "sigmoid"}),
        (ONE_HOT, {"loss": "mean_squared_error", "units": 5, "activation": "softmax"}),
        (MULTI_HOT, {"loss": "binary_crossentropy", "units": 5, "activation": "sigmoid"}),
        (RNG.uniform(size=(60, 1)), {"loss": "binary_crossentropy", "activation": "sigmoid"}),
        (STANDARD, {"loss": "mean_squared_error"}),
        (THREE, {"loss": "mean_squared_error"}),
        (1 + STANDARD**2, {"loss": "mean_absolute_percentage_error"}),
        (STANDARD, {"loss": "pinball", "custom": True}),
    ],
)
def test_losses_that_fit_are_left_alone(judged, targets, words):
    assert not judged("OUT103", targets, from_logits=False, **words)


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (ONE_HOT, {"loss": "binary_crossentropy", "units": 5, "activation": "softmax"}),
        (MULTI_HOT, {"loss": "categorical_crossentropy", "units": 5, "activation": "softmax"}),
        (np.maximum(STANDARD, 0), {"loss": "mean_absolute_percentage_error"}),
    ],
)
def test_what_can_train_is_judged_by_the_run(judged, targets, words):
    predictions = np.full((len(targets), words.get("units", 1)), 0.2)
    (fails,) = judged("OUT103", targets, predictions=predictions, skill=0.0, **words)
    (learns,) = judged("OUT103", targets, predictions=predictions, skill=0.9, **words)
    assert (fails.severity, learns.severity) == ("error", "warning")


def test_the_loss_is_named_where_it_is_written(judged):
    source = (
        "from keras import Sequential, layers\n"
        "CONFIG = {'units': 4,\n"
        "          'loss': 'categorical_crossentropy'}\n"
        "model = Sequential([layers.LSTM(CONFIG['units']), layers.Dense(1, 'sigmoid')])\n"
        "model.compile(loss=CONFIG['loss'], optimizer='adam')\n"
    )
    (found,) = judged(
        "OUT103",
        THREE % 2,
        loss="categorical_crossentropy",
        activation="sigmoid",
        source=source,
        head_line=4,
        compile_line=5,
    )
    assert found.location.line == 3
    (edit,) = found.treatments[0].edits
    assert edit.line == 5
    assert edit.new.replace('"', "'") == (
        "model.compile(loss='binary_crossentropy', optimizer='adam')"
    )


def test_one_hot_rows_with_padded_steps_are_still_one_hot(judged):
    padded = np.eye(5)[np.arange(60).reshape(12, 5) % 5]
    padded[:, 3:] = 0.0
    found = judged(
        "OUT103", padded, loss="categorical_crossentropy", units=5, activation="softmax",
        shape=(None, 5, 5), predictions=np.full((12, 5, 5), 0.2), skill=0.0,
    )  # fmt: skip
    assert not found


@pytest.mark.parametrize(
    ("targets", "head", "loss", "cured"),
    [
        (THREE, "Dense(1, activation='sigmoid', name='o')", "binary_crossentropy",
         ("Dense(3, activation='softmax', name='o')", "sparse_categorical_crossentropy")),
        (STANDARD, "Dense(1, activation='sigmoid')", "binary_crossentropy", ("Dense(1)", "mse")),
        (THREE % 2, "Dense(1)", "categorical_crossentropy",
         ("Dense(1, activation='sigmoid')", "binary_crossentropy")),
    ],
)  # fmt: skip
def test_the_head_changes_with_the_loss(judged, targets, head, loss, cured):
    source = (
        "from keras import Sequential, layers\nmodel = Sequential()\nmodel.add(layers.LSTM(4))\n"
        f"model.add(layers.{head})\nmodel.compile('adam', '{loss}')\n"
    )
    activation = "sigmoid" if "sigmoid" in head else "linear"
    (found,) = judged(
        "OUT103", targets, loss=loss, activation=activation, source=source,
        head_line=4, compile_line=5,
    )  # fmt: skip
    changed = apply(source, found.treatments[0].edits).replace('"', "'").splitlines()
    assert changed[3:] == [f"model.add(layers.{cured[0]})", f"model.compile('adam', '{cured[1]}')"]


def test_a_distance_to_labels_is_only_told_to_a_run_that_fails(judged):
    words = {"activation": "sigmoid", "predictions": np.full((60, 1), 0.5)}
    assert severities(judged("OUT103", THREE % 2, skill=0.0, **words)) == ["warning"]
    assert not judged("OUT103", THREE % 2, skill=0.6, **words)
