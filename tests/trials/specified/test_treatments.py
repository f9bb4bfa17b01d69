"""What each treatment does to a specification, and where it does not apply."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.trials.specified.building import built
from unstuck.trials.specified.change import UNKNOWN, Change, together
from unstuck.trials.specified.layers import layers
from unstuck.trials.specified.specification import Specification
from unstuck.trials.specified.treatments import TREATMENTS, answering


def treatment(name):
    every = {module.__name__.rpartition(".")[2]: module for module in _all()}
    return every[name].applied


def _all():
    import importlib

    for name in TREATMENTS:
        yield importlib.import_module(f"unstuck.trials.specified.treatments.{name}")


def option(spec, kind, name):
    return next(config[name] for found, config in layers(spec.architecture) if found == kind)


@pytest.fixture
def spec(make, data):
    return Specification.of(make(), *data, epochs=2, batch_size=16)


def functional(x, y, **options):
    inputs = keras.Input(x.shape[1:])
    states = keras.layers.LSTM(4, name="lstm")(inputs)
    skip = keras.layers.GlobalAveragePooling1D()(inputs)
    joined = keras.layers.Concatenate()([states, skip])
    model = keras.Model(inputs, keras.layers.Dense(1, name="head")(joined))
    model.compile("adam", "mse")
    return Specification.of(model, x, y, **options)


def test_every_treatment_answers_a_cause_and_says_what_it_does():
    told = {module.__name__: summary for module, summary in answering(UNKNOWN)}
    assert len(told) >= 10
    assert all(summary.endswith(".") for summary in told.values())
    causes = ["no_input_scaling", "no_target_scaling", "class_imbalance", "lr_too_low"]
    causes += ["output_softmax_single_unit", "stateful_misuse", "over_regularization"]
    assert all(list(answering(cause)) for cause in causes)


@pytest.mark.parametrize("how", ["sequential", "functional"])
def test_inputs_are_normalized_by_the_training_rows_alone(make, data, how):
    x, y = 7 + 3 * data[0], data[1]
    x[..., 2] = 4.0
    spec = Specification.of(make(), x, y) if how == "sequential" else functional(x, y)
    made = treatment("normalize_inputs")(spec)
    before, after = built(spec), built(made)
    flat = spec.data.x.reshape(-1, 3).astype(float)
    spread = np.where(flat.std(0) > 0, flat.std(0), 1)
    by_hand = ((x - flat.mean(0)) / spread).astype("float32")
    np.testing.assert_allclose(
        after.predict(x, verbose=0), before.predict(by_hand, verbose=0), atol=1e-4
    )
    assert treatment("normalize_inputs")(made) is None, "once is enough"


def test_ids_and_masked_sequences_are_not_normalized(data):
    x, y = data
    for front, inputs in (
        (keras.layers.Embedding(9, 2), np.abs(x[:, :, 0]).astype(int)),
        (keras.layers.Masking(), x),
    ):
        layers = [front, keras.layers.LSTM(2), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input(inputs.shape[1:]), *layers])
        model.compile("adam", "mse")
        assert treatment("normalize_inputs")(Specification.of(model, inputs, y)) is None


def test_targets_are_scaled_where_the_head_is_linear(make, data):
    x, y = data
    found = treatment("scale_targets")(Specification.of(make(), x, 50 + 9 * y))
    assert found.unit.mean[0] == pytest.approx(50, abs=5)
    assert treatment("scale_targets")(found) is None
    assert treatment("scale_targets")(Specification.of(make(activation="sigmoid"), x, y)) is None


def test_rates_change_by_decades(spec):
    assert treatment("faster")(spec).rate == pytest.approx(0.1)
    assert treatment("slower")(spec).rate == pytest.approx(0.001)
    assert treatment("faster")(spec).program() == spec.program()


def test_optimizers(make, data):
    sgd = Specification.of(make(keras.optimizers.SGD(0.1)), *data)
    adam = treatment("adam")(sgd)
    assert (adam.compiled["optimizer"]["class_name"], adam.rate) == ("Adam", pytest.approx(1e-3))
    assert treatment("adam")(adam) is None
    assert treatment("momentum")(sgd).compiled["optimizer"]["config"]["momentum"] == 0.9
    assert treatment("momentum")(adam) is None
    assert treatment("rmsprop")(sgd).compiled["optimizer"]["class_name"] == "RMSprop"
    assert built(treatment("decay_weights")(adam)).optimizer.weight_decay == 0.01
    clipped = treatment("clip_gradients")(sgd)
    assert built(clipped).optimizer.clipnorm == 1.0
    assert treatment("clip_gradients")(clipped) is None
    decayed = treatment("cosine_decay")(sgd)
    assert decayed.rate is None
    assert type(built(decayed).optimizer._learning_rate).__name__ == "CosineDecay"


def test_cells_get_their_defaults_back(make, data):
    sick = make(
        unit_forget_bias=False,
        kernel_initializer=keras.initializers.RandomNormal(stddev=5.0),
    )
    spec = Specification.of(sick, *data)
    made = treatment("default_cells")(spec)
    assert option(made, "LSTM", "unit_forget_bias") is True
    assert option(made, "LSTM", "kernel_initializer")["class_name"] == "GlorotUniform"
    name = "lstm/lstm_cell/kernel"
    assert made.weights[name].std() < 0.2 * spec.weights[name].std()
    assert treatment("default_cells")(made) is None
    assert treatment("default_weights")(made) is None


def test_frozen_layers_are_thawed_with_their_weights(make, data):
    model = make()
    model.get_layer("lstm").trainable = False
    spec = Specification.of(model, *data)
    made = treatment("thaw")(spec)
    assert len(built(made).trainable_weights) == 5
    for name, value in spec.weights.items():
        np.testing.assert_array_equal(made.weights[name], value)
    assert treatment("thaw")(made) is None


def test_regularization_is_taken_back(data):
    layers = [
        keras.layers.LSTM(4, dropout=0.1, recurrent_dropout=0.5, kernel_regularizer="l2"),
        keras.layers.Dropout(0.8),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential([keras.Input((6, 3)), *layers])
    model.compile("adam", "mse")
    spec = Specification.of(model, *data)
    made = treatment("less_dropout")(spec)
    assert option(made, "Dropout", "rate") == 0.2
    assert option(made, "LSTM", "recurrent_dropout") == 0.0
    assert option(made, "LSTM", "dropout") == 0.1
    assert option(treatment("no_penalty")(spec), "LSTM", "kernel_regularizer") is None


def test_sizes_change_and_the_rest_follows(data):
    layers = [
        keras.layers.Bidirectional(keras.layers.LSTM(8, return_sequences=True)),
        keras.layers.LSTM(4),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential([keras.Input((6, 3)), *layers])
    model.compile("adam", "mse")
    spec = Specification.of(model, *data)
    assert built(treatment("more_units")(spec)).layers[0].output.shape == (None, 6, 64)
    assert built(treatment("fewer_units")(spec)).layers[1].units == 1


def test_states_are_not_carried(data):
    x, y = data
    layers = [keras.layers.LSTM(4, stateful=True), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input(batch_shape=(10, 6, 3)), *layers])
    model.compile("adam", "mse")
    spec = Specification.of(model, x, y, batch_size=10, shuffle=False)
    assert spec.held is None
    made = treatment("stateless")(spec)
    assert not built(made).layers[0].stateful
    assert treatment("stateless")(made) is None
    assert treatment("usual_batches")(made) is None, "the model fixes its batches"


def test_how_long_and_in_which_batches(spec, make, data):
    x, y = data
    assert treatment("more_epochs")(spec).fit.epochs == 6
    assert treatment("usual_batches")(spec).fit.batch_size == 32
    assert treatment("stop_early")(spec) is None, "no validation data of the user's own"
    own = Specification.of(make(), x, y, validation_data=(x, y))
    assert treatment("stop_early")(own).fit.callbacks[0][0] == "EarlyStopping"
    slower = treatment("lower_rate_on_plateau")(own)
    assert slower.fit.callbacks[0][0] == "ReduceLROnPlateau"
    assert treatment("lower_rate_on_plateau")(slower) is None


ONE_HOT = np.eye(3, dtype="float32")


@pytest.mark.parametrize(
    ("targets", "head", "activation", "loss", "expected"),
    [
        ("yes", 1, "softmax", "binary_crossentropy", ("sigmoid", "binary_crossentropy", 1)),
        ("yes", 1, "tanh", "mse", ("sigmoid", "binary_crossentropy", 1)),
        ("yes", 1, "sigmoid", "binary_crossentropy", None),
        ("yes", 1, None, keras.losses.BinaryCrossentropy(from_logits=True), None),
        (
            *("yes", 1, "sigmoid", keras.losses.BinaryCrossentropy(from_logits=True)),
            ("sigmoid", "binary_crossentropy", 1),
        ),
        (
            *("class", 3, "sigmoid", "mse"),
            ("softmax", "sparse_categorical_crossentropy", 3),
        ),
        (
            *("class", 1, "sigmoid", "binary_crossentropy"),
            ("softmax", "sparse_categorical_crossentropy", 3),
        ),
        ("class", 3, "softmax", "sparse_categorical_crossentropy", None),
        ("class", 1, None, "mse", None),
        ("hot", 3, "softmax", "binary_crossentropy", ("softmax", "categorical_crossentropy", 3)),
        ("number", 1, "sigmoid", "mse", ("linear", "mean_squared_error", 1)),
        ("number", 1, "sigmoid", "mae", ("linear", "mean_absolute_error", 1)),
        ("number", 1, "sigmoid", "binary_crossentropy", ("linear", "mean_squared_error", 1)),
        ("number", 1, None, "mse", None),
        ("number", 1, "exponential", "poisson", None),
    ],
)
def test_output_and_loss_fit_the_targets(make, data, targets, head, activation, loss, expected):
    x, y = data
    numbers = np.digitize(y[:, 0], [-0.5, 0.5])
    kinds = {"yes": (y > 0).astype(int), "class": numbers, "hot": ONE_HOT[numbers], "number": y}
    spec = Specification.of(make(loss=loss, head=head, activation=activation), x, kinds[targets])
    made = treatment("fit_output")(spec)
    if expected is None:
        assert made is None
        return
    found = option(made, "Dense", "activation"), made.compiled["loss"]
    assert (*found, option(made, "Dense", "units")) == expected
    assert treatment("fit_output")(made) is None
    built(made)


def test_rare_classes_weigh_more(make, data):
    x, y = data
    y = (y[:, 0] > 1.2).astype(int)
    spec = Specification.of(make(loss="binary_crossentropy", activation="sigmoid"), x, y)
    weights = treatment("weigh_classes")(spec).fit.class_weight
    counts = np.bincount(spec.data.y)
    assert weights[0] * counts[0] == pytest.approx(weights[1] * counts[1])
    assert treatment("weigh_classes")(Specification.of(make(), *data)) is None


def test_a_change_that_keras_refuses_does_not_apply(spec):
    def refuse(spec):
        raise ValueError("no such layer")

    change = Change("X", "x", "x", "X.", refuse)
    assert together(spec, [change]) is None
    assert together(spec, []) is spec


def test_the_same_changes_of_other_starts_share_a_program(spec):
    for name in TREATMENTS:
        one, other = (treatment(name)(start) for start in (spec.started(1), spec.started(2)))
        if one is not None:
            assert one.program() == other.program(), name
