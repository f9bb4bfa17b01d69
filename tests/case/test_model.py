"""What the facts of a model say of its layers, and that taking them changes nothing."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

from unstuck.case.facts import ModelFacts, Place, from_plain
from unstuck.case.model import model_facts
from unstuck.record import plain


def by_name(facts):
    return {layer.name: layer for layer in facts.layers}


def stacked():
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Embedding(10, 4, mask_zero=True, name="words"),
            layers.Bidirectional(
                layers.LSTM(3, return_sequences=True, kernel_regularizer="l2", name="g"),
                name="both",
            ),
            layers.TimeDistributed(layers.Dense(2, name="each"), name="steps"),
            layers.LSTM(2, dropout=0.5, name="last"),
            layers.Dense(1, activation="sigmoid", name="out"),
        ],
        name="stacked",
    )


def test_sequential_model():
    model = stacked()
    facts = model_facts(model)
    assert (facts.name, facts.kind) == ("stacked", "sequential")
    assert facts.parameters == facts.trainable_parameters == model.count_params()
    found = by_name(facts)
    assert found["last"].config["dropout"] == 0.5
    assert found["last"].config["activation"] == "tanh"
    assert found["last"].config["recurrent_initializer"]["class_name"] == "Orthogonal"
    assert found["last"].config["return_sequences"] is False
    assert found["words"].config["mask_zero"] is True
    assert found["forward_g"].inside == "both"
    assert found["forward_g"].config["kernel_regularizer"] == {
        "class_name": "L2",
        "config": {"l2": pytest.approx(0.01)},
    }
    assert found["each"].inside == "steps"
    assert found["last"].inputs == ("steps",)
    assert found["last"].input_shape == (None, 6, 2)
    assert found["both"].output_shape == (None, 6, 6)
    assert found["both"].parameters == 2 * 4 * (4 * 3 + 3 * 3 + 3)


def test_masks_are_those_of_keras():
    model = stacked()
    found = by_name(model_facts(model))
    for layer in model.layers:
        node = layer._inbound_nodes[0]
        arriving = getattr(node.input_tensors[0], "_keras_mask", None) is not None
        assert found[layer.name].masked is arriving, layer.name
    assert found["forward_g"].masked
    assert not found["out"].masked


def test_mask_reaches_into_nested_models_and_stops_where_keras_drops_it():
    inner = keras.Sequential(
        [keras.Input((6, 4)), layers.LSTM(3, return_sequences=True, name="deep")], name="inner"
    )
    inputs = keras.Input((6,))
    outputs = inner(layers.Embedding(9, 4, mask_zero=True)(inputs))
    outputs = layers.Conv1D(2, 2, name="conv")(outputs)  # takes no masks
    found = by_name(model_facts(keras.Model(inputs, layers.LSTM(2, name="after")(outputs))))
    assert found["deep"].masked
    assert found["deep"].inside == "inner"
    assert found["conv"].masked
    assert found["after"].masked is False


def test_functional_graph_with_operations_and_a_shared_layer():
    left, right = keras.Input((5, 2), name="left"), keras.Input((5, 2), name="right")
    shared = layers.LSTM(3, name="shared")
    joined = layers.Concatenate(name="joined")([shared(left), shared(right)])
    whole = layers.LSTM(3, return_sequences=True, name="whole")(left)
    last = whole[:, -1, :]
    model = keras.Model(
        [left, right], layers.Dense(1, name="out")(joined + keras.ops.tile(last, (1, 2)))
    )
    found = by_name(model_facts(model))
    assert found["shared"].inputs == ("left", "right")
    assert found["joined"].inputs == ("shared",)
    cut = next(layer for layer in found.values() if layer.kind == "GetItem")
    assert (cut.inputs, cut.output_shape, cut.masked) == (("whole",), (None, 3), False)
    order = list(found)
    assert order.index("left") < order.index("shared") < order.index("joined") < order.index("out")


def test_sequential_model_that_is_not_built():
    model = keras.Sequential([layers.LSTM(3, name="a"), layers.Dense(1, "softmax", name="b")])
    facts = model_facts(model)
    assert [layer.inputs for layer in facts.layers] == [(), ("a",)]
    assert facts.layers[0].input_shape is None
    assert not model.built
    (head,) = facts.heads
    assert (head.layer, head.activation, head.shape) == ("b", "softmax", None)


def test_generic_rnn_shows_its_cells_and_lstm_does_not():
    cells = [layers.LSTMCell(2, name="one"), layers.LSTMCell(3, name="two")]
    model = keras.Sequential([keras.Input((4, 1)), layers.RNN(cells, name="loop")])
    found = by_name(model_facts(model))
    assert found["one"].inside == found["two"].inside
    assert found[found["one"].inside].inside == "loop"
    plain_lstm = keras.Sequential([keras.Input((4, 1)), layers.LSTM(2)])
    assert [layer.kind for layer in model_facts(plain_lstm).layers] == ["InputLayer", "LSTM"]


class Odd(layers.Layer):
    """A layer whose get_config can't be called, as Keras demands of this constructor."""

    def __init__(self, widths, factor=2.0):
        super().__init__(name="odd")
        self.widths, self.factor = object(), factor
        self.inner = layers.LSTM(2, name="hidden")

    def call(self, inputs):
        return self.inner(inputs) * self.factor


def named_activation(x):
    return keras.ops.tanh(x)


def test_odd_layers_never_raise_and_stay_json():
    inputs = keras.Input((4, 2))
    outputs = layers.Dense(2, activation=named_activation, name="mine")(Odd([1, 2])(inputs))
    outputs = layers.Lambda(lambda x: x * 2, name="doubled")(outputs)
    facts = model_facts(keras.Model(inputs, outputs))
    found = by_name(facts)
    assert not found["odd"].stock
    assert found["odd"].config["factor"] == 2.0
    assert found["hidden"].inside == "odd"
    assert found["mine"].config["activation"] == "named_activation"
    again = from_plain(ModelFacts, json.loads(json.dumps(plain(facts))))
    assert again == facts


class Forecaster(keras.Model):
    def __init__(self):
        super().__init__(name="forecaster")
        self.head = layers.Dense(1, name="head")  # made first, called last
        self.embed = layers.Embedding(9, 3, mask_zero=True, name="embed")
        self.lstm = layers.LSTM(3, name="lstm")
        self.unused = layers.Dense(5, name="unused")
        self.calls = 0

    def call(self, inputs, training=False):
        self.calls += 1
        np.random.random()
        random.random()
        self.features = self.lstm(self.embed(inputs["ids"]), training=training)
        return {"value": keras.ops.squeeze(keras.ops.sigmoid(self.head(self.features)), -1)}


def built_forecaster():
    model = Forecaster()
    model({"ids": np.ones((2, 5), "int32")})
    return model


def test_subclassed_model_is_seen_through_its_call():
    facts = model_facts(built_forecaster())
    assert facts.kind == "subclassed"
    names = [layer.name for layer in facts.layers]
    assert names[:3] == ["embed", "lstm", "head"]
    found = by_name(facts)
    assert found["lstm"].masked
    assert found["lstm"].inputs == ("embed",)
    assert found["lstm"].output_shape == (None, 3)
    assert found["unused"].input_shape is None
    (head,) = facts.heads
    assert (head.output, head.layer, head.activation) == ("value", "head", "sigmoid")
    assert head.shape == (None,)


def test_facts_leave_a_subclassed_model_as_it_was():
    model = built_forecaster()
    before = {name: id(value) for name, value in vars(model).items()}
    weights = model.get_weights()
    nodes = [len(layer._inbound_nodes) for layer in model._flatten_layers()]
    random.seed(3)
    np.random.seed(3)
    expected = random.random(), np.random.random(), layers.Dense(1).name
    random.seed(3)
    np.random.seed(3)
    model_facts(model)
    assert {name: id(value) for name, value in vars(model).items()} == before
    assert [len(layer._inbound_nodes) for layer in model._flatten_layers()] == nodes
    assert (random.random(), np.random.random()) == expected[:2]
    number = int(expected[2].rpartition("_")[2]) if "_" in expected[2] else 0
    assert layers.Dense(1).name == f"dense_{number + 1}"
    for left, right in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_subclassed_model_that_is_not_built_shows_its_layers():
    model = Forecaster()
    facts = model_facts(model)
    assert {layer.name for layer in facts.layers} == {"head", "embed", "lstm", "unused"}
    assert model.calls == 0
    assert not model.built
    assert facts.heads[0].activation is None


class Native(keras.Model):
    """Ends in a function of the backend, which takes no symbolic tensors of Keras."""

    def __init__(self):
        super().__init__()
        self.lstm = layers.LSTM(3, name="lstm")
        self.head = layers.Dense(1, activation="sigmoid", name="head")

    def call(self, inputs):
        outputs = self.head(self.lstm(inputs))
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            return tf.math.log(outputs)
        if keras.backend.backend() == "jax":
            import jax.numpy as jnp

            return jnp.log(outputs)
        import torch

        return torch.log(outputs)


def test_native_functions_leave_the_activation_unknown():
    model = Native()
    model(np.ones((2, 5, 1), "float32"))
    facts = model_facts(model)
    found = by_name(facts)
    assert found["head"].inputs == ("lstm",)
    assert found["head"].output_shape == (None, 1)
    (head,) = facts.heads
    assert (head.layer, head.activation) == ("head", None)
    assert "call" not in vars(model.lstm)


def test_places_are_asked_for_every_layer():
    model = stacked()
    place = Place("train.py", 3)
    facts = model_facts(model, lambda thing: place if thing is model.get_layer("last") else None)
    assert by_name(facts)["last"].place == place
    assert facts.place is None


def test_facts_do_not_load_tensorflow():
    if keras.backend.backend() == "tensorflow":
        pytest.skip("it is loaded anyway")
    script = (
        "import sys, keras; from unstuck.case.model import model_facts\n"
        "model = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(2)])\n"
        "already = 'tensorflow' in sys.modules; facts = model_facts(model)\n"
        "print(already, 'tensorflow' in sys.modules, facts.layers[1].config['units'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False", "2"], done.stderr
