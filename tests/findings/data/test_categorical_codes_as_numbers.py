"""DAT108: codes of categories that are read as magnitudes."""

from __future__ import annotations

import dataclasses

import pytest
from tests.findings import standins as given

from unstuck.case.edits import apply
from unstuck.case.facts import LayerFacts, Place
from unstuck.case.script import Script
from unstuck.observe.outcome import CodeFacts

LSTM = LayerFacts("lstm", "LSTM", {})
EMBEDDING = LayerFacts("embedding", "Embedding", {})
HEAD = "import keras\nfrom keras import layers\nfrom sklearn.preprocessing import LabelEncoder\n"
TAIL = (
    "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
)


def codes(numbers: float, categories: float, chance: float = 0.01) -> CodeFacts:
    return CodeFacts("dense", numbers, categories, chance, (0,), 24)


def judge(facts, layers=(LSTM,), *, array=None, scripts=None, **words):
    return given.judge(
        "DAT108",
        outcome=given.outcome(codes=(facts,)),
        inputs=(array,) if array else (),
        model=given.model(*layers),
        progress=given.progress(**words),
        scripts=scripts or {},
    )


def test_what_only_categories_explain():
    (found,) = judge(codes(0.02, 0.9), skill=0.05)
    assert found.severity == "error"
    assert found.evidence["explained_as_categories"].value == 0.9
    assert found.evidence["kinds"].value == 24


def test_a_little_is_a_warning():
    assert [one.severity for one in judge(codes(0.0, 0.2), skill=0.0)] == ["warning"]


@pytest.mark.parametrize(
    ("facts", "layers", "words"),
    [
        # Ages and counts are magnitudes.
        (codes(0.76, 0.62), (LSTM,), {"skill": 0.0}),
        (codes(0.6, 0.9), (LSTM,), {"skill": 0.0}),
        # Noise is no category.
        (codes(-0.01, 0.02), (LSTM,), {"skill": 0.0}),
        # The network has found it.
        (codes(0.02, 0.9), (LSTM,), {"skill": 0.8}),
        (codes(0.02, 0.9), (EMBEDDING, LSTM), {"skill": 0.0}),
        (codes(0.02, 0.9), (), {"skill": 0.0}),
    ],
    ids=["ages", "both", "noise", "learned", "embedded", "no cell"],
)
def test_magnitudes_and_networks_that_learn_are_left_alone(facts, layers, words):
    assert not judge(facts, layers, **words)


@pytest.mark.parametrize(
    ("inputs", "line"),
    [
        ("x = LabelEncoder().fit_transform(names).reshape(-1, 8, 1)\n", 4),
        ("encoder = LabelEncoder()\nx = encoder.fit_transform(names)\n", 5),
        ("import pandas as pd\nx = pd.factorize(names)[0].reshape(-1, 8, 1)\n", 5),
    ],
)
def test_an_encoder_whose_codes_are_the_inputs(suspected, inputs, line):
    (found,) = suspected("DAT108", HEAD + inputs + TAIL)
    assert (found.severity, found.level, found.location.line) == ("warning", "suspected", line)


@pytest.mark.parametrize(
    "script",
    [
        HEAD + "y = LabelEncoder().fit_transform(names)\n" + TAIL,
        HEAD
        + "x = LabelEncoder().fit_transform(names)\n"
        + TAIL.replace("layers.LSTM(4)", "layers.Embedding(9, 4), layers.LSTM(4)"),
        HEAD + "x = MinMaxScaler().fit_transform(names)\n" + TAIL,
    ],
)
def test_other_encodings_are_left_alone(suspected, script):
    assert not suspected("DAT108", script)


TABLE = given.array(shape=(400, 8, 1), integral=True, minimum=0.0, maximum=23.0, mean=11.5, std=7.0)
LIST = "model = keras.Sequential([keras.Input((8, 1)), layers.LSTM(4), layers.Dense(1)])\n"
ADDED = "model = keras.Sequential()\nmodel.add(keras.Input((8, 1)))\nmodel.add(layers.LSTM(4))\n"


@pytest.mark.parametrize(
    ("source", "line", "cured"),
    [
        (LIST, 4, "layers.Embedding(24, 8), layers.Reshape((8, 8)), layers.LSTM(4)"),
        (ADDED, 6, "model.add(layers.Embedding(24, 8))\nmodel.add(layers.Reshape((8, 8)))\n"),
        (LIST.replace("LSTM(4)", "LSTM(4, input_shape=(8, 1))"), 4, None),
    ],
)
def test_a_single_code_is_looked_up_in_a_table(source, line, cured):
    text = HEAD + source + "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
    scripts = {"train.py": Script.parse(text, "train.py")}
    layer = LayerFacts("lstm", "LSTM", {}, (None, 8, 1), place=Place("train.py", line))
    (found,) = judge(codes(0.02, 0.9), (layer,), array=TABLE, scripts=scripts, skill=0.0)
    edits = found.treatments[0].edits
    assert (cured in apply(text, edits)) if cured else edits == ()
    for other in ({"minimum": -1.0}, {"integral": False}, {"shape": (400, 8, 2)}):
        changed = dataclasses.replace(TABLE, **other)
        (found,) = judge(codes(0.02, 0.9), (layer,), array=changed, scripts=scripts, skill=0.0)
        assert not found.treatments[0].edits
