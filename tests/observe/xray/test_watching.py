"""When snapshots are taken of a training, and what becomes of them."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
from keras import layers

import unstuck
from unstuck.observe.measuring import Steps
from unstuck.observe.xray import watching
from unstuck.observe.xray.sites import variables
from unstuck.observe.xray.watching import JUMPS, SPREAD, XRays


def model_of_one():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4, 2)), layers.LSTM(3), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def steps_with(norm: float, first: int = 0, nonfinite: float = 0.0) -> Steps:
    values = np.zeros((4, 1, 6), np.float32)
    values[:, :, 0] = norm
    values[-1, :, 3] = nonfinite
    return Steps(first, np.ones(4, np.float32), np.ones(4, np.float32), values)


@pytest.fixture
def watched():
    model = model_of_one()
    xrays = XRays(model)
    xrays.begin(model)
    return model, xrays


def reasons(xrays: XRays) -> list[tuple[int, str]]:
    return [(shot.step, shot.reason) for shot in xrays._kept]


def passed(xrays: XRays, model, step: int, **changes) -> None:
    values = [np.asarray(v) + step for v in variables(model)]
    steps = steps_with(**{"norm": 1.0, **changes})
    xrays.pass_by(steps, step, lambda: values)


def test_snapshots_spread_by_doubling_and_stay_few(watched):
    model, xrays = watched
    for step in range(4, 4000, 4):
        passed(xrays, model, step)
    taken = reasons(xrays)
    assert taken[0] == (0, "start")
    spread = [step for step, reason in taken if reason == "spread"]
    assert len(spread) == SPREAD
    assert all(2 * a <= b for a, b in itertools.pairwise(spread))
    assert spread[-1] > 1000


def test_a_jump_or_a_number_that_is_none_is_kept_a_few_times(watched):
    model, xrays = watched
    passed(xrays, model, 4)
    passed(xrays, model, 5, norm=100.0)
    passed(xrays, model, 6, nonfinite=1.0)
    for step in range(7, 12):
        passed(xrays, model, step, norm=1000.0)
    jumps = [step for step, reason in reasons(xrays) if reason == "jump"]
    assert jumps == [5, 6][:JUMPS]


def test_a_snapshot_that_is_due_waits_until_the_variables_can_be_read(watched):
    _model, xrays = watched
    xrays.pass_by(steps_with(1.0), 4, lambda: None)
    assert reasons(xrays) == [(0, "start")]
    xrays.rest(8, lambda: [np.zeros(2)])
    assert reasons(xrays) == [(0, "start"), (8, "spread")]


def test_models_too_large_for_copies_are_not_copied(monkeypatch):
    monkeypatch.setattr(watching, "MOST_BYTES", 100)
    model = model_of_one()
    xrays = XRays(model)
    xrays.begin(model)
    assert reasons(xrays) == []


def test_a_model_without_recurrent_layers_leaves_nothing():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    xrays = XRays(model)
    xrays.begin(model)
    xrays.pass_by(steps_with(1.0), 4, lambda: pytest.fail("not to be read"))
    assert reasons(xrays) == []


@pytest.mark.backends
def test_a_training_is_seen_from_start_to_end_and_stays_the_same():
    x = np.random.default_rng(0).normal(size=(24, 4, 2)).astype("float32")
    weights, seen = {}, None
    for watch in (True, False):
        model = model_of_one()
        callbacks = [unstuck.Monitor()] if watch else []
        model.fit(x, x[:, 0, :1], epochs=6, batch_size=4, verbose=0, callbacks=callbacks)
        model.fit(x, x[:, 0, :1], epochs=2, batch_size=4, verbose=0)
        weights[watch] = model.get_weights()
        seen = callbacks[0].diagnosis().fits[0].xrays if watch else seen
    for a, b in zip(weights[True], weights[False], strict=True):
        np.testing.assert_array_equal(a, b)
    taken = [(one.step, one.reason) for one in seen]
    assert taken[0] == (0, "start")
    assert taken[-1] == (36, "end")
    assert [one for one in taken if one[1] == "spread"]
    assert all(one.withheld is None for one in seen)
    assert seen[0].loss > seen[-1].loss


def test_variables_are_read_in_the_middle_of_a_long_epoch():
    x = np.random.default_rng(0).normal(size=(400, 4, 2)).astype("float32")
    monitor = unstuck.Monitor()
    model = model_of_one()
    model.fit(x, x[:, 0, :1], epochs=1, batch_size=2, verbose=0, callbacks=[monitor])
    (fit,) = monitor.diagnosis().fits
    spread = [one.step for one in fit.xrays if one.reason == "spread"]
    assert spread
    assert all(0 < step < 200 for step in spread)
