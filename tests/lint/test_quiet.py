"""What tutorials do rightly, though it looks like a fault: nothing above a note is said."""

from __future__ import annotations

import json

import pytest

from unstuck.case.script import Script
from unstuck.lint import check

RIGHT = {
    "a linear activation that only casts": """
        x = layers.LSTM(8)(inputs)
        x = layers.Activation("softmax")(layers.Dense(5)(x))
        outputs = layers.Activation("linear", dtype="float32")(x)
        model = keras.Model(inputs, outputs)
        model.compile("adam", "sparse_categorical_crossentropy")
    """,
    "a last state that becomes an initial state": """
        encoded = layers.Bidirectional(layers.GRU(8), merge_mode="sum")(inputs)
        decoder = layers.GRU(8, return_sequences=True)
        outputs = layers.Dense(4, activation="softmax")(decoder(other(), initial_state=encoded))
        model = keras.Model(inputs, outputs)
        model.compile("adam", "sparse_categorical_crossentropy")
    """,
    "an initial state by position": """
        encoded = layers.GRU(8)(inputs)
        outputs = layers.Dense(4)(layers.GRU(8, return_sequences=True)(other(), encoded))
        model = keras.Model(inputs, outputs)
        model.compile("adam", "mse")
    """,
    "two losses, each with its own labels": """
        model = keras.Sequential([inputs, layers.LSTM(8), layers.Dense(5, activation="softmax")])
        y = keras.utils.to_categorical(labels)
        model.compile("adam", "categorical_crossentropy")
        model.fit(x, y, epochs=50)
        y = np.array(labels)
        model.compile("adam", "sparse_categorical_crossentropy")
    """,
    "a line fitted at a high rate": """
        model = keras.Sequential([layers.Normalization(), layers.Dense(1)])
        model.compile(keras.optimizers.Adam(learning_rate=0.1), "mae")
    """,
    "logits compiled once more, to be evaluated": """
        model = keras.Sequential([inputs, layers.LSTM(8), layers.Dense(5)])
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(x, y, epochs=50)
        export = keras.Sequential([layers.TextVectorization(), model])
        export.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=False))
        export.evaluate(x, y)
    """,
    "as many units as names that a loop collects": """
        names = []
        for name in os.listdir("classes"):
            names.append(name)
        model = keras.Sequential([inputs, layers.LSTM(8)])
        model.add(layers.Dense(len(names), activation="softmax"))
        model.compile("adam", "categorical_crossentropy")
    """,
    "as many units as a loop counts": """
        count = 0
        for name in os.listdir("classes"):
            count += 1
        model = keras.Sequential([inputs, layers.LSTM(8)])
        model.add(layers.Dense(count, activation="softmax"))
        model.compile("adam", "categorical_crossentropy")
    """,
}


def script(source: str) -> str:
    lines = [line[8:] for line in source.splitlines()]
    return "import os, keras\nimport numpy as np\nfrom keras import layers\n" + (
        "inputs = keras.Input((9, 2))\n" + "\n".join(lines)
    )


@pytest.mark.parametrize("source", RIGHT.values(), ids=RIGHT.keys())
def test_nothing_above_a_note_is_said(source):
    found = check(Script.parse(script(source)))
    assert [(one.code, one.message) for one in found if one.severity != "note"] == []


WRONG = {
    "a linear activation behind nothing": (
        """
        outputs = layers.Activation("linear")(layers.Dense(5)(layers.LSTM(8)(inputs)))
        model = keras.Model(inputs, outputs)
        model.compile("adam", "sparse_categorical_crossentropy")
        """,
        "OUT104",
    ),
    "a last state as the sequence": (
        """
        x = layers.GRU(8, return_sequences=True)(layers.GRU(8)(inputs), initial_state=other())
        model = keras.Model(inputs, layers.Dense(4)(x))
        model.compile("adam", "mse")
        """,
        "OUT106",
    ),
    "the labels of the last loss": (
        """
        model = keras.Sequential([inputs, layers.LSTM(8), layers.Dense(5, activation="softmax")])
        model.compile("adam", "categorical_crossentropy")
        model.compile("adam", "sparse_categorical_crossentropy")
        y = keras.utils.to_categorical(labels)
        model.fit(x, y, epochs=50)
        """,
        "DAT105",
    ),
    "a cell at a high rate": (
        """
        model = keras.Sequential([layers.Bidirectional(layers.LSTM(8)), layers.Dense(1)])
        model.compile(keras.optimizers.Adam(learning_rate=0.1), "mae")
        """,
        "OPT101",
    ),
    "as many units as names that a loop over known ones collects": (
        """
        names = []
        for name in ["yes"]:
            names.append(name)
        model = keras.Sequential([inputs, layers.LSTM(8)])
        model.add(layers.Dense(len(names), activation="softmax"))
        model.compile("adam", "binary_crossentropy")
        """,
        "OUT101",
    ),
}


@pytest.mark.parametrize(("source", "code"), WRONG.values(), ids=WRONG.keys())
def test_the_fault_that_it_looks_like_is_still_found(source, code):
    found = check(Script.parse(script(source)))
    assert code in [one.code for one in found if one.severity != "note"]


def test_a_message_names_lines_of_cells():
    cells = [
        "import keras\nfrom keras import layers\nx = keras.Input((9, 2))",
        "# a line\na = layers.LSTM(4)(x)",
        "model = keras.Model(x, layers.Dense(1)(layers.LSTM(4)(a)))\nmodel.compile(loss='mse')",
    ]
    document = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    (found,) = check(Script.parse(json.dumps(document), "n.ipynb"))
    assert "The LSTM in line 2 of cell 2" in found.message
    assert "the LSTM in line 1 of cell 3" in found.message
