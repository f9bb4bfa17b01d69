"""The healthy twin, on tasks whose answer is known."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.case.compiled import output_names
from unstuck.case.model import model_facts
from unstuck.observe.outcome import OutcomeFacts
from unstuck.observe.outcomes import Sample
from unstuck.observe.rehearsals import twin
from unstuck.observe.rehearsals.clock import Budget, Clock, aside
from unstuck.observe.rehearsals.facts import HEALTHY_TWIN, TWIN_OF_CHANGES
from unstuck.observe.rehearsals.original import Original, original
from unstuck.observe.rehearsals.planned import planned
from unstuck.observe.rehearsals.twin import (
    ENOUGH,
    LEARNED,
    LOOK,
    SHORTEST,
    healthy_twin,
    of_changes,
)

layers = keras.layers
RNG = np.random.default_rng(0)
X = (5 + 3 * RNG.normal(size=(240, 5, 2))).astype(np.float32)
NOISE = RNG.normal(size=240)


def sampled(y: np.ndarray) -> tuple[keras.Model, Sample]:
    """A hopeless model of the user's, with unscaled targets and a rate of nothing."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(3), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1e-9), "mse")
    model.fit(X, y, epochs=1, verbose=0)
    return model, Sample("train", X, {output_names(model)[0]: y}, {}, None, y)


def original_of(y: np.ndarray) -> Original:
    model, sample = sampled(y)
    facts = model_facts(model, lambda layer: None)
    found = aside(lambda: original(model, facts, [sample], 32), Clock(0))
    assert found is not None
    return found


def test_it_learns_what_is_there_to_be_learned_whatever_the_users_model_does():
    clock = Clock(60)
    found = aside(lambda: healthy_twin(original_of(1000 * X[:, -1, 0]), clock), clock)
    assert [one.control for one in found] == [HEALTHY_TWIN]
    assert found[0].held_out_skill >= ENOUGH
    assert found[0].settled


def test_on_noise_it_settles_at_a_constant(monkeypatch):
    monkeypatch.setattr(twin, "ADAM_RATES", (1e-2,))
    clock = Clock(60)
    (found,) = aside(lambda: healthy_twin(original_of(NOISE), clock), clock)
    assert found.settled
    assert found.held_out_skill < 0.05
    assert found.steps <= SHORTEST, "as it was at its best, not as it ended"


def test_what_learns_nothing_at_all_is_not_called_settled(monkeypatch):
    """It may sit on a plateau that it leaves later."""
    monkeypatch.setattr(twin, "ADAM_RATES", (1e-9,))
    monkeypatch.setattr(twin, "LONGEST", 8 * LOOK)
    clock = Clock(60)
    (found,) = aside(lambda: healthy_twin(original_of(NOISE), clock), clock)
    assert found.skill < LEARNED
    assert not found.settled


def test_without_time_it_says_nothing():
    clock = Clock(0)
    assert aside(lambda: healthy_twin(original_of(NOISE), clock), clock) == ()


@pytest.mark.parametrize("asked", [True, False])
def test_it_is_trained_where_it_is_asked_for_though_nothing_else_is(asked, monkeypatch):
    monkeypatch.setattr("unstuck.observe.rehearsals.planned.needs", lambda *given: frozenset())
    monkeypatch.setattr(twin, "LONGEST", LOOK)
    y = X[:, -1, 0]
    model, sample = sampled(y)
    facts = model_facts(model, lambda layer: None)
    plan = planned(model, facts, OutcomeFacts(()), [sample], 32, (), 1.0, asked)
    if not asked:
        assert plan is None
        return
    complaints: list[BaseException] = []
    found = plan.run(Budget(30, twin=True), complaints.append)
    assert {one.control for one in found.trials} == {HEALTHY_TWIN}
    assert not complaints
    spent = Budget(30, twin=True)
    spent.twin.spend(30)
    assert plan.run(spent, complaints.append).trials == ()


SERIES = np.cumsum(RNG.normal(size=360)).astype(np.float32)
WINDOWS = np.lib.stride_tricks.sliding_window_view(SERIES, 6)[:-1, :, None]
NEXT = SERIES[6:]


def forecast(loss: object = "mse") -> Original:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((6, 1)), layers.LSTM(3), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1e-9), loss)
    model.fit(WINDOWS, NEXT, epochs=1, verbose=0)
    sample = Sample("train", WINDOWS, {output_names(model)[0]: NEXT}, {}, None, NEXT)
    facts = model_facts(model, lambda layer: None)
    found = aside(lambda: original(model, facts, [sample], 32), Clock(0))
    assert found is not None
    return found


def test_the_forecast_of_a_change_starts_where_the_naive_one_ends():
    given = forecast()
    changes = of_changes(given, 0)
    x, y = given.train.x, given.train.y
    np.testing.assert_array_equal(changes.train.y, y - x[:, -1, 0])
    np.testing.assert_array_equal(changes.train.x[..., :1], x)
    np.testing.assert_array_equal(changes.train.x[..., 1], x[..., 0] - x[:, -1:, 0])
    assert (changes.train.y**2).mean() == pytest.approx(((y - x[:, -1, 0]) ** 2).mean())
    assert changes.held.count == given.held.count


@pytest.mark.parametrize("loss", ["mae", keras.losses.Huber(), "mean_squared_error"])
def test_losses_of_differences_judge_levels_and_changes_alike(loss):
    assert of_changes(forecast(loss), 0) is not None


@pytest.mark.parametrize("loss", ["mape", "msle", keras.losses.MeanAbsolutePercentageError()])
def test_other_losses_are_not_asked_of_a_change(loss):
    assert of_changes(forecast(loss), 0) is None


def test_without_a_series_there_is_no_change():
    assert of_changes(forecast(), None) is None


def test_the_changes_of_a_random_walk_are_noise(monkeypatch):
    monkeypatch.setattr(twin, "ADAM_RATES", (1e-2,))
    clock = Clock(60)
    changes = of_changes(forecast(), 0)
    (found,) = aside(lambda: healthy_twin(changes, clock, control=TWIN_OF_CHANGES), clock)
    assert found.control == TWIN_OF_CHANGES
    assert found.settled
    assert found.held_out_skill < 0.1
