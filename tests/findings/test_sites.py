"""Which call made a layer, and where a constant is changed."""

from __future__ import annotations

import pytest

from unstuck.case.edits import apply
from unstuck.case.facts import LayerFacts, Place
from unstuck.case.script import Script
from unstuck.findings.sites import (
    argument_edit,
    input_shape,
    keras_name,
    layer_call,
    option_edit,
    option_place,
)

HEAD = "import keras\nfrom keras import layers\n"


def layer(kind: str, line: int, **config: object) -> LayerFacts:
    return LayerFacts(kind.lower(), kind, config, place=Place("train.py", line))


def read(body: str) -> Script:
    return Script.parse(HEAD + body, "train.py")


@pytest.mark.parametrize(
    ("config", "written"),
    [
        ({"units": 8, "activation": "relu"}, "LSTM(8, 'relu')"),
        ({"units": 8, "activation": "tanh"}, "LSTM(8)"),
        ({"units": 4, "activation": "tanh"}, "LSTM(4)"),
        ({"units": 9, "activation": "tanh"}, None),
    ],
)
def test_of_several_layers_on_a_line_the_one_that_agrees_is_it(config, written):
    script = read("m = [layers.LSTM(8), layers.LSTM(8, 'relu'), layers.LSTM(4)]\n")
    call = layer_call(layer("LSTM", 3, **config), {"train.py": script})
    text = (
        None if call is None else script.lines[2][call.node.col_offset : call.node.end_col_offset]
    )
    assert text == (written and f"layers.{written}")


def test_of_two_alike_none_is_it():
    script = read("m = [layers.LSTM(8), layers.LSTM(8)]\n")
    assert layer_call(layer("LSTM", 3, units=8), {"train.py": script}) is None
    assert option_edit(layer("LSTM", 3, units=8), {"train.py": script}, "units", "4") == ()
    assert layer_call(layer("LSTM", 3, units=8), {}) is None


def test_a_layer_made_in_a_loop_has_one_call():
    script = read("for n in (4, 8):\n    m.append(layers.LSTM(n))\n")
    assert layer_call(layer("LSTM", 4, units=8), {"train.py": script}) is not None


@pytest.mark.parametrize(
    ("body", "cured"),
    [
        ("a = keras.optimizers.Adam(0.5)\n", "Adam(0.1)"),
        ("r = 0.5\na = keras.optimizers.Adam(r)\n", "r = 0.1\n"),
        ("r = 0.5\na = keras.optimizers.Adam(r)\nb = r\n", "Adam(0.1)"),
        ("r = s = 0.5\na = keras.optimizers.Adam(r)\n", "Adam(0.1)"),
        ("r = 1 / 2\na = keras.optimizers.Adam(r)\n", "Adam(0.1)"),
        ("c = dict(r=0.5)\na = keras.optimizers.Adam(c['r'])\n", "c = dict(r=0.1)\n"),
        ("def f(r=0.5):\n    return keras.optimizers.Adam(r)\nf()\n", "def f(r=0.1)"),
    ],
)
def test_a_number_is_changed_where_it_is_written(body, cured):
    script = read(body)
    (call,) = [call for call in script.calls if call.kind == "Adam"]
    edited = apply(script.text, argument_edit(call, script, "learning_rate", "0.1"))
    assert cured in edited
    (call,) = [call for call in Script.parse(edited).calls if call.kind == "Adam"]
    assert call.get("learning_rate").value == 0.1


@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("import keras\n", "keras.optimizers"),
        ("import tensorflow as tf\n", "tf.keras.optimizers"),
        ("from tensorflow import keras as k\n", "k.optimizers"),
        ("from keras import optimizers\n", "optimizers"),
        ("from keras.optimizers import Adam\n", None),
    ],
)
def test_what_the_script_calls_keras(imports, name):
    assert keras_name(Script.parse(imports), "optimizers") == name


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ("m = keras.Sequential([keras.Input((9, 2)), layers.LSTM(4)])\n", (9, 2)),
        ("m = keras.Sequential([layers.InputLayer(shape=(9, 2)), layers.LSTM(4)])\n", (9, 2)),
        ("m = keras.Sequential([layers.LSTM(4, input_shape=(9, 2))])\n", (9, 2)),
        ("m = keras.Sequential([keras.Input(batch_shape=(7, 9, 2)), layers.LSTM(4)])\n", (9, 2)),
        ("m = keras.Sequential([layers.LSTM(4), layers.Reshape((9, 2))])\n", ()),
        ("a, b = keras.Input((9, 2)), keras.Input((3,))\n"
         "m = keras.Model([a, b], layers.Concatenate()([layers.LSTM(3)(a), b]))\n", ()),
    ],
)  # fmt: skip
def test_the_axes_of_the_only_input(body, shape):
    (model,) = read(body).models
    assert tuple(axis.value for axis in input_shape(model)) == shape


@pytest.mark.parametrize(
    ("body", "option", "line"),
    [
        ("cell = layers.LSTM(8, dropout=0.9)\n", "dropout", 3),
        ("RATE = 0.9\n\ncell = layers.LSTM(8, dropout=RATE)\n", "dropout", 3),
        ("P = 2.0\n\ncell = layers.LSTM(8, bias_regularizer=keras.regularizers.L2(P))\n",
         "bias_regularizer", 3),
        ("START = 'zeros'\nfrom functools import partial\n"
         "Cell = partial(layers.LSTM, kernel_initializer=START)\n\ncell = Cell(8)\n",
         "kernel_initializer", 3),
        ("\ncell = layers.LSTM(8)\n", "dropout", 4),  # it is the default: the layer itself
    ],
)  # fmt: skip
def test_an_option_is_where_it_is_written(body, option, line):
    script = read(body)
    (made,) = [call for call in script.calls if call.kind == "LSTM"]
    place = option_place(layer("LSTM", made.line, units=8), {"train.py": script}, option)
    assert place is not None
    assert place.line == line
