"""Scripts in the style of Keras's own examples: nothing above a note is said of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from unstuck.case.script import Script
from unstuck.lint import check

OFFICIAL = sorted(Path(__file__).with_name("official").glob("*.py"))
RECURRENT = {"LSTM", "GRU", "SimpleRNN", "ConvLSTM2D", "RNN", "LSTMCell"}


def test_there_are_many_and_every_way_of_writing_is_among_them():
    text = "\n".join(path.read_text() for path in OFFICIAL)
    assert len(OFFICIAL) >= 12
    for way in ("keras.Sequential(", "keras.Model(", "(keras.Model)", ".add(", "from keras import"):
        assert way in text
    for way in ("from tensorflow.keras", "tf.keras.", "ops.", "train_step", "GradientTape"):
        assert way in text


@pytest.mark.parametrize("path", OFFICIAL, ids=lambda path: path.stem)
def test_nothing_above_a_note_is_said_of_an_official_example(path):
    script = Script.read(path)
    ast.parse(script.text)
    assert any(layer.kind in RECURRENT for layer in script.layers())
    grave = [
        f"{one.location.line}: {one.code} {one.severity}: {one.message}"
        for one in check(script)
        if one.severity != "note"
    ]
    assert grave == []


def test_dividing_by_the_sum_of_a_mask_is_at_most_a_note():
    source = (Path(__file__).with_name("official") / "nmt_attention.py").read_text()
    source = source.replace("ops.sum", "tf.reduce_sum").replace(
        "import keras", "import tensorflow as tf\nimport keras", 1
    )
    found = check(Script.parse(source))
    assert [(one.code, one.severity) for one in found] == [("OUT107", "note")]


@pytest.mark.parametrize(
    ("start", "severities"),
    [
        ("layers.Dense(9, kernel_initializer='zeros')", ["note"]),
        ("layers.LSTM(9, kernel_initializer='zeros', return_sequences=True)", ["warning"]),
    ],
)
def test_zeros_in_front_of_other_layers_are_a_fault_of_cells(start, severities):
    source = (
        "import keras\nfrom keras import layers\n"
        f"model = keras.Sequential([keras.Input((9, 9)), {start}, layers.LSTM(4)])\n"
        "model.add(layers.Dense(1))\nmodel.compile('adam', 'mse')\n"
    )
    found = check(Script.parse(source))
    assert [one.severity for one in found if one.code == "INI101"] == severities
