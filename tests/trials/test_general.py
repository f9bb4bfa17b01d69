"""Treatments of the optimizer, of regularization, and of the samples; see test_treatments."""

from __future__ import annotations

import importlib

import keras
import numpy as np
import pytest

from unstuck.case.script import Script
from unstuck.record import Edit
from unstuck.trials.change import edited
from unstuck.trials.treatments import answering
from unstuck.trials.treatments.repeating import one_by_one

HEAD = """\
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
x = (rng.normal(size=(64, 5, 2)) * [1, 5]).astype("float32")
y = x.mean(axis=(1, 2))
"""
MODEL = """\
model = keras.Sequential(
    [
        keras.Input((5, 2)),
        layers.LSTM(4),
        layers.Dense(1),  # the head
    ]
)
"""
INLINE = "model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(4), layers.Dense(1)])\n"
ADDED = """\
model = keras.Sequential()
model.add(keras.Input((5, 2)))
model.add(layers.LSTM(4))
model.add(layers.Dense(1))
"""
FUNCTIONAL = """\
inputs = keras.Input((5, 2))
hidden = layers.LSTM(4)(inputs)
model = keras.Model(inputs, layers.Dense(1)(hidden))
"""
TAIL = """\
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=2, batch_size=16, validation_split=0.25, verbose=0)
"""
TEXT = HEAD + MODEL + TAIL
STYLES = {"listed": MODEL, "inline": INLINE, "added": ADDED, "functional": FUNCTIONAL}
AUGMENTING = {
    "jitter": keras.layers.GaussianNoise,
    "vary_sizes": keras.layers.GaussianDropout,
    "hide_steps": keras.layers.Dropout,
}


def treated(name, text):
    module = importlib.import_module(f"unstuck.trials.treatments.{name}")
    return edited(text, module.edits(Script.parse(text)))


def executed(text):
    names = {}
    exec(compile(text, "train.py", "exec"), names)
    return names


def layer(names, kind):
    (found,) = (one for one in names["model"].layers if isinstance(one, kind))
    return found


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", AUGMENTING)
def test_samples_vary_in_training_only(name, style):
    names = executed(treated(name, HEAD + STYLES[style] + TAIL).partition("model.compile")[0])
    model, x = names["model"], names["x"][:48]
    kinds = [type(one) for one in model.layers if type(one) is not keras.layers.InputLayer]
    assert kinds == [AUGMENTING[name], keras.layers.LSTM, keras.layers.Dense]
    varying = layer(names, AUGMENTING[name])
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(varying(x, training=False)), x)
    assert not np.array_equal(keras.ops.convert_to_numpy(varying(x, training=True)), x)


def test_noise_is_a_tenth_of_the_calmest_feature_of_the_training_part():
    names = executed(treated("jitter", TEXT))
    expected = 0.1 * names["x"][:48].std(axis=(0, 1)).min()
    assert layer(names, keras.layers.GaussianNoise).stddev == pytest.approx(expected, rel=1e-5)


def test_noise_of_large_values_is_what_keras_allows():
    names = executed(treated("jitter", TEXT.replace("[1, 5]", "[100, 500]")))
    assert layer(names, keras.layers.GaussianNoise).stddev == 1


def test_values_vary_by_a_tenth_and_zeros_stay():
    varying = layer(executed(treated("vary_sizes", TEXT)), keras.layers.GaussianDropout)
    ones = np.ones((200, 5, 20), np.float32)
    made = keras.ops.convert_to_numpy(varying(ones, training=True))
    assert made.std() == pytest.approx(0.1, rel=0.05)
    assert not np.any(keras.ops.convert_to_numpy(varying(0 * ones, training=True)))


def test_steps_are_hidden_whole():
    hiding = layer(executed(treated("hide_steps", TEXT)), keras.layers.Dropout)
    made = keras.ops.convert_to_numpy(hiding(np.ones((200, 20, 3), np.float32), training=True))
    hidden = made == 0
    assert hidden.mean() == pytest.approx(0.1, abs=0.02)
    np.testing.assert_array_equal(hidden.all(axis=-1), hidden.any(axis=-1))


@pytest.mark.parametrize("name", AUGMENTING)
def test_a_mask_and_a_normalization_read_the_data_as_they_are(name):
    first = "layers.Normalization(mean=0.0, variance=1.0),\n        layers.Masking()"
    text = TEXT.replace("layers.LSTM(4)", f"{first},\n        layers.LSTM(4)")
    names = executed(treated(name, text))
    kinds = [type(one).__name__ for one in names["model"].layers]
    assert kinds[:3] == ["Normalization", "Masking", AUGMENTING[name].__name__]
    if name == "jitter":
        assert layer(names, keras.layers.GaussianNoise).stddev == 0.1


@pytest.mark.parametrize("name", AUGMENTING)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("layers.LSTM(4)", "layers.Embedding(9, 4), layers.LSTM(4)"),
        ("layers.LSTM(4)", "layers.Lambda(lambda v: v), layers.LSTM(4)"),
        ("keras.Input((5, 2))", "keras.Input((5, 2), dtype='int32')"),
        ("y = x.mean", "(x, y), _ = keras.datasets.imdb.load_data()\ny = x.mean"),
    ],
)
def test_ids_are_not_varied(name, old, new):
    assert treated(name, TEXT.replace(old, new)) is None


def test_the_only_step_of_a_sample_is_not_hidden():
    assert treated("hide_steps", TEXT.replace("Input((5, 2))", "Input((1, 2))")) is None


def test_noise_is_not_measured_in_data_that_are_made_later():
    later = HEAD.replace("x = (", "x = 0\nz = (") + MODEL + "x = z\n" + TAIL
    assert treated("jitter", later) is None
    built = HEAD + "def build():\n    return " + INLINE[8:] + "model = build()\n" + TAIL
    assert treated("jitter", built) is None


def test_the_rate_falls_to_nothing_with_the_last_update():
    made = treated("cosine_decay", TEXT.replace('"adam"', "keras.optimizers.Adam(0.01)"))
    rate = executed(made)["model"].optimizer._learning_rate
    # 48 samples in batches of 16, twice; the source counts one batch more for each epoch.
    assert rate.decay_steps == 2 * 4
    assert float(rate(0)) == pytest.approx(0.01)
    assert float(rate(8)) == pytest.approx(0, abs=1e-6)


def test_the_rate_rises_before_it_falls():
    rate = executed(treated("warm_up", TEXT))["model"].optimizer._learning_rate
    assert float(rate(0)) == 0
    assert float(rate(1)) == pytest.approx(0.001)
    assert float(rate(6)) < 0.001


@pytest.mark.parametrize("name", ["cosine_decay", "warm_up"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("model.fit(x, y", "model.fit(zip(x, y)"),
        ("epochs=2", "epochs=2, steps_per_epoch=3"),
        ("epochs=2", "epochs=2, callbacks=[keras.callbacks.ReduceLROnPlateau()]"),
        ("epochs=2", "epochs=len(y)"),
        ("model.fit(x, y, epochs=2", "n = 2\nmodel.fit(x, y, epochs=n"),
        ("model.fit", "for _ in range(2):\n    model.fit"),
        ('"adam"', "keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 9))"),
        ("model.fit", "print(model.optimizer.learning_rate)\nmodel.fit"),
    ],
)
def test_a_schedule_needs_the_number_of_updates_and_the_rate_alone(name, old, new):
    text = TEXT.replace(old, new)
    assert text != TEXT
    assert treated(name, text) is None


def test_a_schedule_counts_by_the_names_that_the_script_uses():
    text = TEXT.replace("import numpy", "import argparse\nimport numpy")
    text = text.replace("rng =", "args = argparse.Namespace(epochs=2)\nrng =")
    made = treated("cosine_decay", text.replace("epochs=2, batch_size=16", "epochs=args.epochs"))
    assert "updates = args.epochs * (1 + len(y[" in made
    assert executed(made)["model"].optimizer._learning_rate.decay_steps == 2 * 2


def test_plain_descent_gets_momentum():
    for given in ('"sgd"', "keras.optimizers.SGD(0.02)"):
        names = executed(treated("momentum", TEXT.replace('"adam"', given)))
        assert names["model"].optimizer.momentum == 0.9
    assert treated("momentum", TEXT) is None
    given = "keras.optimizers.SGD(0.02, momentum=0.5)"
    assert treated("momentum", TEXT.replace('"adam"', given)) is None


def test_rmsprop_comes_with_its_defaults():
    optimizer = executed(treated("rmsprop", TEXT.replace('"adam"', '"sgd"')))["model"].optimizer
    assert isinstance(optimizer, keras.optimizers.RMSprop)
    assert treated("rmsprop", TEXT.replace('"adam"', '"rmsprop"')) is None


def test_adam_decays_weights_at_its_own_rate():
    made = treated("decay_weights", TEXT.replace('"adam"', "keras.optimizers.Adam(0.02)"))
    optimizer = executed(made)["model"].optimizer
    assert isinstance(optimizer, keras.optimizers.AdamW)
    assert float(optimizer.learning_rate) == pytest.approx(0.02)
    assert optimizer.weight_decay == 0.01
    for given in ('"sgd"', "keras.optimizers.Adam(0.02, clipnorm=1.0)"):
        assert treated("decay_weights", TEXT.replace('"adam"', given)) is None


def test_every_rate_of_dropout_comes_down():
    strong = "layers.LSTM(4, dropout=rate, recurrent_dropout=0.5),\n        layers.Dropout(rate)"
    text = TEXT.replace("layers.LSTM(4)", strong).replace("rng =", "rate = 0.6\nrng =")
    made = treated("less_dropout", text)
    assert "layers.LSTM(4, dropout=0.2),\n        layers.Dropout(0.2),\n" in made
    assert executed(made)["model"].layers[0].recurrent_dropout == 0
    assert treated("less_dropout", TEXT.replace("LSTM(4)", "LSTM(4, dropout=0.1)")) is None


def test_every_penalty_goes():
    strong = "LSTM(4, kernel_regularizer='l2', recurrent_regularizer=keras.regularizers.L2(0.1))"
    text = TEXT.replace("LSTM(4)", strong)
    text = text.replace("Dense(1)", "Dense(1, kernel_regularizer='l1')")
    assert treated("no_penalty", text) == TEXT
    assert treated("no_penalty", TEXT) is None


def test_initial_weights_go_back_to_their_defaults():
    bad = "LSTM(4, kernel_initializer='zeros', recurrent_initializer='ones'"
    text = TEXT.replace("LSTM(4", f"{bad}, unit_forget_bias=False")
    text = text.replace("Dense(1)", "Dense(1, kernel_initializer=keras.initializers.Zeros())")
    assert treated("default_weights", text) == TEXT
    assert treated("default_weights", TEXT) is None


def test_the_bias_of_a_head_and_weights_from_elsewhere_stay():
    for given in (
        "bias_initializer=keras.initializers.Constant(3.0)",
        "kernel_initializer=keras.initializers.Constant(np.load('weights.npy'))",
    ):
        assert treated("default_weights", TEXT.replace("Dense(1", f"Dense(1, {given}")) is None


def test_no_layer_carries_a_state():
    two = "layers.LSTM(4, stateful=True, return_sequences=True),\n        layers.LSTM(4)"
    text = TEXT.replace("layers.LSTM(4)", two.replace("(4)", "(4, stateful=True)"))
    made = treated("stateless", text)
    assert made == TEXT.replace("layers.LSTM(4)", two.replace("stateful=True, ", ""))
    assert treated("stateless", TEXT) is None
    assert treated("stateless", TEXT.replace("LSTM(4)", "LSTM(4, stateful=False)")) is None


@pytest.mark.parametrize(
    "frozen",
    [
        TEXT.replace("LSTM(4)", "LSTM(4, trainable=False)"),
        TEXT.replace("model.compile", "model.trainable = False\nmodel.compile"),
        TEXT.replace(
            "model.compile",
            "for one in model.layers:\n    one.trainable = False\nmodel.compile",
        ),
    ],
)
def test_everything_learns(frozen):
    model = executed(treated("thaw", frozen))["model"]
    assert len(model.trainable_variables) == 5


def test_what_may_have_learned_before_stays_frozen():
    frozen = TEXT.replace("LSTM(4)", "LSTM(4, trainable=False)")
    assert treated("thaw", frozen + TAIL) is None
    loading = frozen.replace("model.compile", "model.load_weights('a.h5')\nmodel.compile")
    assert treated("thaw", loading) is None
    assert treated("thaw", TEXT) is None


def test_treatments_come_in_the_order_of_what_they_cost_the_model():
    ids = [one.id for one in answering("insufficient_data", TEXT)]
    assert ids == [
        *("stop-early", "drop-out", "jitter", "vary-sizes", "hide-steps", "decay-weights"),
        "fewer-units",
    ]
    assert [one.id for one in answering("over_regularization", TEXT)] == []


def test_edits_of_one_line_become_one():
    script = Script.parse("a = 1\nb = 11\n")

    def step(current):
        line = current.lines[1]
        new = line.replace("1", "2", 1)
        return () if new == line else (Edit(2, line, new),)

    (edit,) = one_by_one(script, step)
    assert (edit.line, edit.old, edit.new) == (2, "b = 11", "b = 22")
