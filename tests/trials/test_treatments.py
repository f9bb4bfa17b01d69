from __future__ import annotations

import importlib

import keras
import numpy as np
import pytest

from unstuck.case.script import Script
from unstuck.trials.change import edited
from unstuck.trials.treatments import TREATMENTS, answering

HEAD = """\
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(300, 50, size=(64, 5, 2)).astype("float32")
y = 1e4 + 20 * x.mean(axis=(1, 2))
"""
LISTED = """\
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
outputs = layers.Dense(1)(hidden)
model = keras.Model(inputs, outputs)
"""
TAIL = """\
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=1, validation_split=0.25, verbose=0)
"""
STYLES = {"listed": LISTED, "inline": INLINE, "added": ADDED, "functional": FUNCTIONAL}


def treated(name, text):
    module = importlib.import_module(f"unstuck.trials.treatments.{name}")
    return edited(text, module.edits(Script.parse(text)))


def executed(text):
    """Runs a script up to its training."""
    names = {}
    exec(compile(text[: text.index("model.fit")], "train.py", "exec"), names)
    return names


@pytest.mark.parametrize("style", STYLES)
def test_inputs_are_normalized_by_the_training_part_inside_the_model(style):
    names = executed(treated("normalize_inputs", HEAD + STYLES[style] + TAIL))
    first = next(one for one in names["model"].layers if one.name != "input_layer")
    (normalizing,) = (
        one for one in names["model"].layers if isinstance(one, keras.layers.Normalization)
    )
    assert normalizing is first or style == "functional"
    seen = names["x"][:48].reshape(-1, 2)
    np.testing.assert_allclose(np.asarray(normalizing.mean).ravel(), seen.mean(axis=0), rtol=1e-4)


def test_a_saved_model_needs_keras_alone(tmp_path):
    text = treated("normalize_inputs", HEAD + LISTED + TAIL)
    names = executed(treated("scale_targets", text))
    model, x = names["model"], names["x"]
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert {type(one).__module__.split(".")[0] for one in loaded.layers} == {"keras"}
    np.testing.assert_allclose(loaded.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5)


@pytest.mark.parametrize("style", STYLES)
def test_predictions_keep_the_units_of_the_targets(style):
    names = executed(treated("scale_targets", HEAD + STYLES[style] + TAIL))
    model, y = names["model"], names["y"][:48]
    last = model.layers[-1]
    assert isinstance(last, keras.layers.Rescaling)
    assert float(last.scale) == pytest.approx(y.std(), rel=1e-4)
    assert float(last.offset) == pytest.approx(y.mean(), rel=1e-4)


@pytest.mark.parametrize("name", TREATMENTS)
@pytest.mark.parametrize("style", STYLES)
def test_every_treatment_that_has_a_place_gives_a_script(name, style):
    text = HEAD + STYLES[style] + TAIL
    made = treated(name, text)
    if made is not None:
        before, after = text.splitlines(), made.splitlines()
        assert made != text
        assert len([line for line in before if line not in after]) <= 2
        assert ("# the head" in made) == ("# the head" in text)


def test_a_treatment_answers_the_causes_that_it_names():
    text = HEAD + LISTED + TAIL
    assert [one.id for one in answering("no_input_scaling", text)] == ["normalize-inputs"]
    assert [one.id for one in answering("no_such_cause", text)] == []
    assert all(one.edits for one in answering("undetermined", text))


def test_ids_and_masked_steps_are_not_normalized():
    for first in ("layers.Embedding(9, 4)", "layers.Masking()"):
        text = HEAD + LISTED.replace("layers.LSTM(4)", f"{first}, layers.LSTM(4)") + TAIL
        assert treated("normalize_inputs", text) is None


def test_classes_have_no_scale():
    text = HEAD + LISTED + TAIL.replace('"mse"', '"binary_crossentropy"')
    assert treated("scale_targets", text) is None
    text = HEAD + LISTED.replace("Dense(1)", "Dense(1, activation='relu')") + TAIL
    assert treated("scale_targets", text) is None


def test_keras_is_imported_below_what_chooses_its_backend():
    text = (
        "import os\nos.environ['KERAS_BACKEND'] = 'jax'\n"
        "from keras.models import Sequential\nfrom keras.layers import LSTM, Dense, Input\n"
        "import numpy as np\nx, y = np.ones((8, 5, 2)), np.ones(8)\n"
        "model = Sequential([Input((5, 2)), LSTM(4), Dense(1)])\n"
        "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
    )
    lines = treated("normalize_inputs", text).splitlines()
    assert lines.index("import keras") == 2
    assert "normalize = keras.layers.Normalization()" in lines


def test_early_stopping_joins_other_callbacks_and_needs_validation_data():
    text = HEAD + LISTED + TAIL.replace("verbose=0", "callbacks=[keras.callbacks.History()]")
    made = treated("stop_early", text)
    assert "callbacks=[keras.callbacks.History(), keras.callbacks.EarlyStopping(" in made
    assert treated("stop_early", text.replace("validation_split=0.25, ", "")) is None


def test_sizes_are_changed_where_they_are_written():
    text = HEAD + "units = 64\n" + LISTED.replace("LSTM(4)", "LSTM(units)") + TAIL
    assert "units = 16\n" in treated("fewer_units", text)
    assert "epochs=3" in treated("more_epochs", text)
    assert treated("usual_batches", text) is None
    assert "batch_size=32" in treated("usual_batches", text.replace("epochs=1", "batch_size=2"))


def test_cells_go_back_to_their_defaults():
    text = HEAD + LISTED.replace("LSTM(4)", "LSTM(4, activation='relu')") + TAIL
    assert treated("default_cells", text) == HEAD + LISTED + TAIL


def test_two_models_are_one_too_many_to_guess():
    text = HEAD + LISTED + TAIL + LISTED + TAIL
    assert treated("normalize_inputs", text) is None
