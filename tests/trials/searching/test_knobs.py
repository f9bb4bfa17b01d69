"""Each setting reads what it sets, and Keras makes of the script what was set."""

from __future__ import annotations

import keras
import pytest

from unstuck.case.script import Script
from unstuck.trials.change import edited
from unstuck.trials.searching.knob import KNOBS, knob, steps
from unstuck.trials.searching.rungs import shorter
from unstuck.trials.searching.setting import Setting, as_one, point, settings, space
from unstuck.trials.version import Version

HEAD = """\
import keras
import numpy as np
from keras import layers

x = np.ones((64, 5, 2), "float32")
y = x.mean(axis=(1, 2))
"""
PLAIN = HEAD + """\
model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(8), layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=20, validation_split=0.25)
"""  # fmt: skip
WRITTEN = HEAD + """\
UNITS = 12
model = keras.Sequential()
model.add(keras.Input((5, 2)))
model.add(layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True)))
model.add(layers.Dropout(0.8))
model.add(layers.GRU(units=6, dropout=0.1))
model.add(layers.Dropout(0.25))
model.add(layers.Dense(1))
model.compile(keras.optimizers.AdamW(3e-6, clipnorm=1.0), loss="mse")
model.fit(x, y, 48, epochs=6)
"""  # fmt: skip
SCRIPTS = {"plain": PLAIN, "written": WRITTEN}
OWN = {
    "plain": {
        "batch_size": 32, "learning_rate": 1e-3, "weight_decay": 0.0, "units": 8, "dropout": 0.0,
        "schedule": "constant",
    },
    "written": {
        "batch_size": 48, "learning_rate": 3e-6, "weight_decay": 0.004, "units": 12, "dropout": 0.8,
    },
}  # fmt: skip


def built(text):
    """Runs a script up to its training, and returns its model."""
    names = {}
    exec(compile(text[: text.index("model.fit")], "train.py", "exec"), names)
    return names["model"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_own_values_are_read_and_are_among_those_worth_trying(script):
    text = SCRIPTS[script]
    assert point(text, KNOBS) == OWN[script]
    grids = space(text)
    assert grids.keys() == OWN[script].keys()
    assert all(OWN[script][name] in grid for name, grid in grids.items())
    assert all(len(set(grid)) == len(grid) for grid in grids.values())


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", [name for name in KNOBS if name != "schedule"])
def test_what_is_set_is_read_again_and_nothing_else_changes(script, name):
    text = SCRIPTS[script]
    for value in space(text)[name]:
        if value == OWN[script][name]:
            assert settings(text, {name: value}) == ()
            continue
        (setting,) = settings(text, {name: value})
        made = setting.on(Version(text)).text
        expected = OWN[script] | {name: value}
        assert point(made, KNOBS) == expected
        assert setting.on(Version(made)).text == made


def test_keras_makes_of_it_what_was_set():
    wanted = {
        "learning_rate": 1e-4, "weight_decay": 0.01, "units": 24, "dropout": 0.3, "batch_size": 96,
    }  # fmt: skip
    made = as_one(WRITTEN, settings(WRITTEN, wanted)).after
    model = built(made)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)
    assert model.optimizer.weight_decay == 0.01
    assert model.optimizer.clipnorm == 1.0
    assert [layer.rate for layer in model.layers if "dropout" in layer.name] == [0.3, 0.3]
    assert model.layers[0].forward_layer.units == 24
    assert [layer.units for layer in model.layers if isinstance(layer, keras.layers.GRU)] == [12]
    assert "fit(x, y, 96, epochs=6)" in made


def test_a_schedule_starts_from_the_rate_and_counts_the_batches():
    values = {"schedule": "cosine", "learning_rate": 0.01, "batch_size": 16, "weight_decay": 0.001}
    made = as_one(PLAIN, settings(PLAIN, values)).after
    rate = built(made).optimizer._learning_rate
    assert isinstance(rate, keras.optimizers.schedules.CosineDecay)
    assert rate.initial_learning_rate == 0.01
    assert rate.decay_steps == 20 * (1 + 48 // 16)
    assert "batch_size=16" in made
    assert built(made).optimizer.weight_decay == 0.001


def test_parts_can_be_left_out_of_settings_of_one_call():
    both = settings(PLAIN, {"learning_rate": 0.01, "weight_decay": 0.1})
    assert [part.knob for part in both] == ["learning_rate", "weight_decay"]
    for part in both:
        assert point(part.on(Version(PLAIN)).text, [part.knob]) == {part.knob: part.value}
    assert isinstance(both[0], Setting)
    assert Version(both[0].after) == both[0].on(Version(PLAIN))


def test_what_a_script_does_not_show_is_not_searched():
    streamed = PLAIN.replace("fit(x, y,", "fit(make(x, y),").replace("(8)", "(size())")
    assert space(streamed).keys() == {"learning_rate", "weight_decay", "dropout"}
    assert space("print('no model')") == {}
    assert space("not Python") == {}
    assert point("not Python", KNOBS) == {}


def test_steps_stay_within_their_bounds_and_keep_the_own_value():
    assert steps(30, 8, 256, 2) == (15 / 1, 30, 60, 120, 240)
    assert steps(1e-3, 1e-5, 1e-1, 10) == pytest.approx((1e-5, 1e-4, 1e-3, 1e-2, 1e-1))


def test_a_quarter_of_the_epochs_tells_early():
    assert shorter(PLAIN) == PLAIN.replace("epochs=20", "epochs=5")
    assert shorter(WRITTEN) is None, "six epochs are few enough"
    assert shorter(PLAIN.replace("epochs=20", "epochs=count()")) is None


@pytest.mark.parametrize("name", KNOBS)
def test_a_setting_says_what_it_does(name):
    assert knob(name).SUMMARY.count("{}") == 1
    assert knob(name).CAUSES
    assert edited(PLAIN, ()) is None
    assert Script.parse(PLAIN).models
