"""What controls leave of the user's model, optimizer, random states and time."""

from __future__ import annotations

import random
import time

import keras
import numpy as np
import pytest
from tests.observe.rehearsals.models import X, Y, outcome_of, planned_of, trained

from unstuck.observe.rehearsals.clock import MOST, SECONDS, Budget, Clock, aside
from unstuck.observe.rehearsals.original import copyable

layers = keras.layers


def states(model: keras.Model) -> list[bytes]:
    """All that a later line of the user's could notice."""
    variables = [*model.variables, *model.optimizer.variables]
    values = [keras.ops.convert_to_numpy(one).tobytes() for one in variables]
    numpy_state = np.random.get_state()[1].tobytes()
    drawn = keras.ops.convert_to_numpy(keras.random.normal((3,))).tobytes()
    return [*values, numpy_state, repr(random.getstate()).encode(), drawn]


def seeded(model: keras.Model) -> None:
    keras.utils.set_random_seed(7)
    keras.random.normal((1,))


@pytest.mark.backends
def test_the_model_its_optimizer_and_all_random_states_stay_to_the_last_bit():
    model = trained(layers.LSTM(3, dropout=0.1), layers.Dense(1), optimizer="adam")
    reached = outcome_of(model)
    seeded(model)
    before, name = states(model), layers.Dense(1).name
    seeded(model)
    found = planned_of(model, reached).run(Budget(60), pytest.fail)
    assert found.of("rates")
    assert states(model) == before
    # Keras counts the names of layers: the next one is that which would have come anyway.
    assert int(layers.Dense(1).name.rpartition("_")[2]) == int(name.rpartition("_")[2]) + 1


@pytest.mark.backends
def test_the_weights_of_a_frozen_layer_are_still_there():
    model = trained(layers.LSTM(3, trainable=False), layers.Dense(1), optimizer="adam")
    reached = outcome_of(model)
    before = [keras.ops.convert_to_numpy(one).copy() for one in model.weights]
    assert planned_of(model, reached).run(Budget(60), pytest.fail).trials
    for value, kept in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(value), kept)


def test_training_goes_on_as_if_nothing_had_been():
    ends = []
    for watched in (False, True):
        keras.utils.set_random_seed(4)
        model = trained(layers.LSTM(3, dropout=0.1), layers.Dense(1), optimizer="adam")
        reached = outcome_of(model)
        if watched:
            planned_of(model, reached).run(Budget(5), pytest.fail)
        keras.utils.set_random_seed(5)
        model.fit(X, Y, batch_size=16, epochs=1, verbose=0)
        ends.append([keras.ops.convert_to_numpy(one) for one in model.variables])
    for without, with_controls in zip(*ends, strict=True):
        np.testing.assert_array_equal(without, with_controls)


def test_the_budget_is_kept():
    model = trained(layers.LSTM(3), layers.Dense(1))
    plan = planned_of(model)
    begun = time.monotonic()
    found = plan.run(Budget(1e-3), pytest.fail)
    # One compilation can't be interrupted; nothing is begun after it.
    assert len(found.trials) <= 1
    assert found.seconds < time.monotonic() - begun + 0.01


def test_without_a_budget_nothing_is_made():
    model = trained(layers.LSTM(3), layers.Dense(1))
    assert planned_of(model).run(Budget(0), pytest.fail).trials == ()
    assert Budget(0).none
    assert not Budget().none


@pytest.mark.parametrize(("trained_for", "limit"), [(1, SECONDS), (1000, 50), (1e6, MOST)])
def test_the_default_grows_with_the_training(trained_for, limit):
    assert Budget().clock(trained_for).limit == pytest.approx(limit)


def test_several_trainings_share_one_budget():
    budget = Budget(10)
    budget.spend(4)
    assert budget.clock(1.0).limit == 6
    budget.spend(40)
    assert budget.clock(1.0).left == 0


def test_waiting_for_others_counts_less_than_working_and_never_for_nothing(monkeypatch):
    now = {"monotonic": 0.0, "process_time": 0.0}
    for name in now:
        monkeypatch.setattr(time, name, lambda name=name: now[name])
    patient, strict = Budget().clock(1.0), Budget(20).clock(1.0)
    now.update(monotonic=30.0, process_time=5.0)
    assert patient.spent == 10  # a third of what passed, more than the work
    assert strict.left == 0
    now.update(process_time=15.0)
    assert patient.left == SECONDS - 15
    now.update(monotonic=60.0)
    assert patient.left == 0
    assert Budget().clock(1e6).left == MOST  # which is the end of all patience


class Mine(keras.layers.Layer):
    def call(self, x):
        return x * 2


class Step(keras.Sequential):
    def train_step(self, *args):
        return super().train_step(*args)


@pytest.mark.parametrize(
    "build",
    [
        lambda: trained(layers.LSTM(3), Mine(), layers.Dense(1)),
        lambda: Step([layers.LSTM(3), layers.Dense(1)]),
    ],
    ids=["layer", "step"],
)
def test_what_a_configuration_does_not_tell_is_left_alone(build):
    model = build()
    if not model.built:
        model.compile("sgd", "mse")
        model.build((None, 4, 2))
    assert not copyable(model)


def test_a_subclassed_model_is_left_alone():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.cell, self.head = layers.LSTM(3), layers.Dense(1)

        def call(self, x):
            return self.head(self.cell(x))

    model = Own()
    model.compile("sgd", "mse")
    model.fit(X, Y, epochs=1, verbose=0)
    assert not copyable(model)
    assert planned_of(model) is None


def test_a_model_that_carries_state_is_left_alone():
    model = keras.Sequential(
        [keras.Input(batch_shape=(16, 4, 2)), layers.LSTM(3, stateful=True), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    assert not copyable(model)


def test_an_error_aside_comes_through_and_random_states_are_put_back():
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tobytes()

    def fail():
        random.random()
        np.random.normal()
        raise KeyError("so")

    with pytest.raises(KeyError, match="so"):
        aside(fail, Clock(1))
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == before


def test_an_error_in_one_control_costs_that_one_only(monkeypatch):
    from unstuck.observe.rehearsals import rehearse

    monkeypatch.setattr(rehearse, "plain_lstm", lambda original: 1 / 0)
    complaints: list[BaseException] = []
    found = planned_of(trained(layers.LSTM(3), layers.Dense(1))).run(Budget(60), complaints.append)
    assert [type(one) for one in complaints] == [ZeroDivisionError]
    assert found.of("rates")
    assert found.of("few_rows")
