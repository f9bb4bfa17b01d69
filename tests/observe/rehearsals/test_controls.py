"""What the controls measure, against closed forms and against Keras itself."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.observe.rehearsals.models import X, Y, rows, trained

from unstuck.case.compiled import output_names
from unstuck.case.model import model_facts
from unstuck.observe.outcome import OutcomeFacts, OutputOutcome, PredictionFacts, SignalFacts
from unstuck.observe.rehearsals.clock import Clock, aside
from unstuck.observe.rehearsals.facts import Rehearsal
from unstuck.observe.rehearsals.learning_curve import learning_curve
from unstuck.observe.rehearsals.modes import modes
from unstuck.observe.rehearsals.need import UNGENERAL, UNLEARNED, UNSETTLED, needs
from unstuck.observe.rehearsals.original import Original, copy_of, original
from unstuck.observe.rehearsals.plain import plain_lstm, standardized
from unstuck.observe.rehearsals.rehearse import rates_around
from unstuck.observe.rehearsals.rows import Rows, batches, course, split
from unstuck.observe.rehearsals.stage import OutOfTime, Stage

layers = keras.layers


def original_of(model: keras.Model) -> Original:
    facts = model_facts(model, lambda layer: None)
    found = aside(lambda: original(model, facts, [rows(model)], 16), Clock(0))
    assert found is not None
    return found


def stage_of(found: Original, seconds: float = 60) -> Stage:
    optimizer = found.optimizer.from_config({**found.config, "learning_rate": found.rate})
    model = copy_of(found.model)
    return Stage(model, found.loss, found.output_loss, optimizer, Clock(seconds))


def predicted(model: keras.Model, x: np.ndarray) -> np.ndarray:
    outputs: np.ndarray = keras.ops.convert_to_numpy(model(x))
    return outputs[:, 0]


def test_a_copy_that_goes_on_does_what_the_model_itself_would_do():
    model = trained(layers.LSTM(3), layers.Dense(1), optimizer="adam")
    found = original_of(model)
    stage = stage_of(found)
    assert stage.resume(found.weights, dict(found.state))
    all_rows = Rows(X, Y)
    orders = batches(all_rows, 16, 5, seed=1)
    stage.train(all_rows, orders, found.rate)
    for order in orders:
        model.train_on_batch(X[order], Y[order])
    assert stage.loss(all_rows) == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-4)


def test_a_stage_that_is_started_again_does_the_same_again():
    found = original_of(trained(layers.LSTM(3, dropout=0.2), layers.Dense(1)))
    stage = stage_of(found)
    ends = []
    for rate in (0.1, 0.3, 0.1):
        stage.restart()
        stage.train(found.train, batches(found.train, 16, 4, seed=0), rate)
        ends.append(stage.loss(found.train))
    assert ends[0] == ends[2] != ends[1]


def test_a_training_ends_with_its_time():
    stage = stage_of(original_of(trained(layers.LSTM(3), layers.Dense(1))), seconds=0)
    with pytest.raises(OutOfTime):
        stage.train(Rows(X, Y), batches(Rows(X, Y), 16, 4, seed=0), 0.1)


def test_what_is_not_trained_keeps_its_values():
    scaling = layers.Normalization()
    scaling.adapt(X + 5)
    model = trained(scaling, layers.LSTM(3), layers.Dense(1))
    copy = copy_of(model)
    np.testing.assert_array_equal(copy.layers[0].mean, model.layers[0].mean)
    kernels = [one.get_layer(model.layers[1].name) for one in (model, copy)]
    first, second = (keras.ops.convert_to_numpy(one.cell.kernel) for one in kernels)
    assert not np.array_equal(first, second)


def test_both_modes_are_those_of_keras():
    model = trained(layers.BatchNormalization(momentum=0.9), layers.LSTM(3), layers.Dense(1))
    found = original_of(model)
    data = course(Rows(X, Y), None, found.output_loss, found.shape)
    facts = modes(found, copy_of(found.model), data)
    assert facts.layer == model.layers[0].name
    order = np.random.default_rng(0).permutation(48)
    parts = [order[start : start + 16] for start in (0, 16, 32)]
    inference = [np.mean((predicted(model, X[p]) - Y[p]) ** 2) for p in parts]
    assert facts.inference == pytest.approx(np.mean(inference), rel=1e-4)
    spread = [
        (X[p] - X[p].mean(axis=(0, 1))) / np.sqrt(X[p].var(axis=(0, 1)) + 1e-3) for p in parts
    ]
    rest = keras.Sequential([keras.Input((4, 2)), *model.layers[1:]])
    training = [
        np.mean((predicted(rest, x) - Y[p]) ** 2) for x, p in zip(spread, parts, strict=True)
    ]
    assert facts.training == pytest.approx(np.mean(training), rel=1e-3)


def test_standardized_rows_have_zero_mean_and_unit_spread_and_padding_stays():
    found = original_of(trained(layers.Masking(-9.0), layers.LSTM(3), layers.Dense(1)))
    padded = 100 + 10 * found.train.x
    padded[:, 2:] = -9.0
    moved = Original(**{**vars(found), "train": Rows(padded, 7 + 3 * found.train.y), "held": None})
    train, _ = standardized(moved)
    assert (train.x[:, 2:] == -9).all()
    np.testing.assert_allclose(train.x[:, :2].mean(axis=(0, 1)), 0, atol=1e-4)
    np.testing.assert_allclose(train.x[:, :2].std(axis=(0, 1)), 1, rtol=1e-4)
    assert train.y.mean() == pytest.approx(0, abs=1e-5)
    assert train.y.std() == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize("sequences", [False, True])
def test_the_plain_lstm_answers_in_the_shape_of_the_model(sequences):
    model = keras.Sequential(
        [keras.Input((4, 2)), layers.LSTM(3, return_sequences=sequences), layers.Dense(2)]
    )
    model.compile("sgd", "mse")
    target = np.zeros((48, 4, 2) if sequences else (48, 2), np.float32)
    sample = rows(model)
    sample.targets[output_names(model)[0]] = target
    facts = model_facts(model, lambda layer: None)
    found = aside(lambda: original(model, facts, [sample], 16), Clock(0))
    twin = plain_lstm(found)
    assert twin.output_shape == model.output_shape
    kinds = [type(layer).__name__ for layer in twin.layers]
    assert kinds == ["Bidirectional" if sequences else "LSTM", "Dense"]


@given(st.floats(1e-7, 10))
def test_the_users_rate_is_tried_first_and_none_twice(own):
    rates = rates_around(own)
    assert rates[0] == own
    assert len(set(rates)) == len(rates)
    assert all(rate / own >= 2 or own / rate >= 2 for rate in rates[1:])


@given(st.integers(1, 40), st.integers(1, 60), st.integers(1, 30))
def test_batches_are_whole_and_serve_all_rows_alike(count, size, steps):
    some = Rows(np.zeros((count, 2, 1)), np.zeros(count))
    orders = batches(some, size, steps, seed=0)
    assert len(orders) == steps
    assert {len(order) for order in orders} == {min(size, count)}
    served = np.bincount(np.concatenate(orders), minlength=count)
    passes = -(-steps // (count // min(size, count)))
    assert served.max() <= passes


def test_held_out_rows_are_none_of_those_trained_on():
    values = np.arange(40)
    train, held = split(Rows(values[:, None, None], values), None)
    assert sorted([*train.y, *held.y]) == list(range(40))
    assert len(held.y) == 8


def outcome(skill: float, held: float | None, signal: float = 0.9) -> OutcomeFacts:
    predictions = PredictionFacts((9, 1), 0, None, None, None, None, None, False, explained=skill)
    results = [("train", skill), ("validation", held)]
    return OutcomeFacts(
        tuple(
            OutputOutcome("y", name, 9, 1 - one, 1.0, None, 0.0, predictions)
            for name, one in results
            if one is not None
        ),
        (SignalFacts("y", signal, 0.0, 100),),
    )


RESTLESS = tuple(0.5 + 0.1 * (-1) ** epoch for epoch in range(12))
FALLING = tuple(0.5 - 0.03 * epoch for epoch in range(12))


@pytest.mark.parametrize(
    ("told", "losses", "asked"),
    [
        (outcome(0.85, 0.85), FALLING, set()),
        (outcome(0.2, 0.2), FALLING, {UNLEARNED}),
        (outcome(0.2, 0.2, signal=0.2), FALLING, set()),
        (outcome(0.2, 0.2, signal=-0.1), FALLING, {UNLEARNED}),
        (outcome(0.9, 0.1), FALLING, {UNGENERAL}),
        (outcome(0.85, 0.85), RESTLESS, {UNSETTLED}),
        (outcome(0.99, 0.99), RESTLESS, set()),
    ],
)
def test_only_what_a_training_left_open_is_asked(told, losses, asked):
    assert needs(told, losses) == asked


def test_tiny_batches_are_asked_whether_they_settle():
    assert needs(outcome(0.85, 0.85), FALLING, 1) == {UNSETTLED}
    assert needs(outcome(0.99, 0.99), FALLING, 1) == set()
    assert needs(outcome(0.85, 0.85), FALLING, 32) == set()


def test_the_curve_of_a_linear_task_follows_its_closed_form():
    # Least squares on n samples of d standard normal columns with noise s: the error outside is
    # s^2 (1 + d / (n - d - 1)).
    rng = np.random.default_rng(1)
    x = rng.normal(size=(600, 1, 12))
    noise = 0.5
    y = x[:, 0] @ (rng.normal(size=12) / 12**0.5) + noise * rng.normal(size=600)
    curve = learning_curve([x], y, False)
    assert curve.samples == (150, 300, 450)
    theory = [1 - noise**2 * (1 + 12 / (n - 13)) / y.var() for n in curve.samples]
    np.testing.assert_allclose(curve.scores, theory, atol=0.04)


def test_validation_data_of_the_same_kind_show_what_more_samples_would_bring():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(260, 1, 12))
    y = x[:, 0] @ (rng.normal(size=12) / 12**0.5) + 0.3 * rng.normal(size=260)
    few, others = ([x[:30]], y[:30]), ([x[30:]], y[30:])
    curve = learning_curve(*few, False, others)
    assert curve.samples == (30, 195)
    theory = [1 - 0.3**2 * (1 + 12 / (n - 13)) / y.var() for n in curve.samples]
    np.testing.assert_allclose(curve.scores, theory, atol=0.06)
    # Few beside the training data, they show nothing; of another kind, something else.
    apart = ([x[30:]], 3 - y[30:])
    assert learning_curve(*others, False, few).samples == (57, 115, 172)
    assert learning_curve(*few, False, apart).samples == (7, 15, 22)


def test_the_curve_of_noise_is_flat():
    rng = np.random.default_rng(2)
    curve = learning_curve([rng.normal(size=(200, 5, 2))], rng.normal(size=200), False)
    assert abs(curve.scores[-1] - curve.scores[0]) < 0.1
    assert learning_curve([np.zeros((10, 5, 2))], np.arange(10.0), False) is None


@given(st.floats(0, 2), st.floats(0.1, 5), st.floats(-1, 0.05))
def test_skill_runs_from_the_constant_to_perfection(loss, constant, perfect):
    def trial(value: float | None) -> float:
        return Rehearsal("rates", "Adam", 0.1, 8, 9, value, None, constant, None, perfect).skill

    assert trial(constant) == pytest.approx(0)
    assert trial(perfect) == pytest.approx(1)
    assert trial(None) == 0
    assert trial(loss) >= trial(loss + 1)
