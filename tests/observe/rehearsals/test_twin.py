"""The healthy twin, on tasks whose answer is known."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.case.compiled import output_names
from unstuck.case.model import model_facts
from unstuck.observe.outcomes import Sample
from unstuck.observe.rehearsals import twin
from unstuck.observe.rehearsals.clock import Budget, Clock, aside
from unstuck.observe.rehearsals.facts import HEALTHY_TWIN
from unstuck.observe.rehearsals.original import Original, original
from unstuck.observe.rehearsals.planned import planned
from unstuck.observe.rehearsals.twin import ENOUGH, LEARNED, LOOK, SHORTEST, healthy_twin

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
    plan = planned(model, facts, None, [sample], 32, (), 1.0, asked)
    if not asked:
        assert plan is None
        return
    complaints: list[BaseException] = []
    found = plan.run(Budget(30, twin=True), complaints.append)
    assert {one.control for one in found.trials} == {HEALTHY_TWIN}
    assert not complaints
    spent = Budget(30, twin=True)
    spent.spend_on_twin(30)
    assert plan.run(spent, complaints.append).trials == ()
