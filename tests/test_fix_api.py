"""``unstuck.fix`` on small sick models, each of which trains in a second or two."""

from __future__ import annotations

import json
import random

import jsonschema
import keras
import numpy as np
import pytest

import unstuck
from unstuck.errors import UsageError
from unstuck.report import json as document
from unstuck.trials.specified.told import diagnosis

STEPS = 5


def sequences(count=240):
    x = np.random.default_rng(0).normal(size=(count, STEPS, 2)).astype("float32")
    return x, x[:, -1, :1] + 0.3 * x[:, -2, 1:]


def model_of(loss="mse", activation=None, rate=0.03):
    layers = [keras.layers.LSTM(6), keras.layers.Dense(1, activation=activation)]
    model = keras.Sequential([keras.Input((STEPS, 2)), *layers])
    model.compile(keras.optimizers.Adam(rate), loss)
    return model


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture(scope="module")
def scaled():
    """Targets in the thousands, which a linear head from zero would need ages to reach."""
    x, y = sequences()
    model = model_of()
    model.fit(x, 5000 + 900 * y, epochs=1, verbose=0)  # its optimizer has a state to be kept
    before = everything(model)
    keras.utils.set_random_seed(7)
    states = random.getstate(), np.random.get_state()[1].tolist()
    drawn = float(keras.ops.convert_to_numpy(keras.random.uniform(())))
    keras.utils.set_random_seed(7)
    fixed = unstuck.fix(model, x, 5000 + 900 * y, epochs=15)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    assert float(keras.ops.convert_to_numpy(keras.random.uniform(()))) == drawn
    for value, kept in zip(everything(model), before, strict=True):
        np.testing.assert_array_equal(value, kept)
    return x, 5000 + 900 * y, fixed


def everything(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [np.array(keras.ops.convert_to_numpy(one.value)) for one in variables]


@pytest.mark.slow
def test_a_model_is_made_to_train(scaled):
    x, y, fixed = scaled
    assert [change.id for change in fixed.changes] == ["scale-targets"]
    assert fixed.proven
    assert fixed.cured
    assert (fixed.verdict, fixed.before.verdict) == ("healthy", "stuck")
    guess = fixed.model.predict(x, verbose=0)
    assert ((guess - y) ** 2).mean() < 0.3 * y.var(), "in the unit of the user's targets"
    assert len(fixed.proof.pairs) == 3
    (scale,) = diagnosis(fixed).fix["scale"]
    assert scale["before"] < 0.1 < 0.8 < min(scale["healthy_twin"], scale["after"])


@pytest.mark.slow
def test_the_fixed_model_needs_keras_alone(scaled, tmp_path):
    x, _, fixed = scaled
    fixed.model.save(tmp_path / "fixed.keras")
    again = keras.saving.load_model(tmp_path / "fixed.keras", safe_mode=True)
    same = again.predict(x, verbose=0), fixed.model.predict(x, verbose=0)
    np.testing.assert_allclose(*same, rtol=1e-5)
    assert all(type(layer).__module__.startswith("keras.") for layer in again.layers)
    again.fit(*sequences(32), verbose=0)


@pytest.mark.slow
def test_it_says_what_it_did(scaled):
    told = str(scaled[2])
    assert repr(scaled[2]) == told
    assert "With scale-targets it trains." in told
    assert "rows that were held out" in told
    assert "a change that does nothing looks as good in 5% of draws" in told


@pytest.mark.slow
def test_it_is_written_as_json(scaled):
    found = json.loads(document.text(diagnosis(scaled[2])))
    jsonschema.validate(found, document.schema())
    assert found["fix"]["cured"]
    assert found["findings"][0]["level"] == "cured"
    assert found["fix"]["tried"][0]["id"] == "scale-targets"


@pytest.mark.slow
def test_a_model_that_trains_gets_no_change():
    x, y = sequences()
    fixed = unstuck.fix(model_of(), x, y, epochs=30)
    assert fixed.needless
    assert fixed.changes == fixed.tried == ()
    assert "nothing to fix" in fixed.sentence
    assert ((fixed.model.predict(x, verbose=0) - y) ** 2).mean() < 0.3 * y.var()


@pytest.mark.slow
def test_data_without_signal_sell_no_change():
    x, _ = sequences()
    noise = np.random.default_rng(1).normal(size=(240, 1))
    fixed = unstuck.fix(model_of(), x, noise, epochs=30)
    assert fixed.verdict in ("no_signal", "overfit")
    assert not fixed.proven
    assert not fixed.changes


@pytest.mark.slow
def test_a_model_that_had_no_chance_on_data_without_signal_is_sold_no_change():
    x, _ = sequences(800)
    noise = np.random.default_rng(1).normal(size=(len(x), 1))
    fixed = unstuck.fix(model_of(rate=1e-9), x, noise, epochs=10)
    assert fixed.hopeless
    assert not fixed.tried
    assert "the answer is about the data" in fixed.sentence
    (scale,) = diagnosis(fixed).fix["scale"]
    assert scale["healthy_twin"] < 0.05
    assert scale["settled"]


@pytest.mark.parametrize("wrong", [{"budget": 0}, {"budget": float("nan")}, {"seeds": 0}])
def test_wrong_numbers_are_refused(wrong):
    with pytest.raises(UsageError, match="Expected"):
        unstuck.fix(model_of(), *sequences(20), **wrong)
