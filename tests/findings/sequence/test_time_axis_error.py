"""SEQ106: series whose time lies on another axis."""

from __future__ import annotations

import ast
import dataclasses

import keras
import numpy as np
import pytest
from tests.findings import standins as given

from unstuck.case.edits import apply
from unstuck.case.facts import LayerFacts, Place
from unstuck.case.script import Script
from unstuck.observe.framing import AxisFacts, LayoutFacts

LSTM = LayerFacts("lstm", "LSTM", {}, (None, 24, 3), (None, 8))
PIECES = LayoutFacts(0.9, 0.9, 0.02, 0.88, 0.01, False)
HEAD = "import numpy as np\nimport keras\nfrom keras import layers\n"
TAIL = (
    "model = keras.Sequential([keras.Input((24, 3)), layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
)


def facts(layouts, **told):
    given_axes = {"order": 0.001, "feature_order": 0.5, "own": 0.05, "own_by_chance": 0.08}
    given_axes |= {"own_order": 0.5, "feature_own": 0.05}
    return AxisFacts(0, 24, 3, told.pop("given", 0.4), told.pop("shifted", False), layouts,
                     **given_axes | told)  # fmt: skip


def judge(axes, *, layers=(LSTM,), source=None, **words):
    scripts = {"train.py": Script.parse(source, "train.py")} if source else {}
    return given.judge(
        "SEQ106",
        outcome=given.outcome(axes=(axes,) if axes else ()),
        model=given.model(*layers),
        progress=given.progress(**words),
        scripts=scripts,
    )


def test_likeness_that_breaks_off_at_the_seams_is_an_error_however_it_learns():
    for skill in (0.1, 0.9):
        (found,) = judge(facts({"reshaped": PIECES}), skill=skill)
        assert found.severity == "error"
    assert "3 series of 24 steps" in found.message
    assert "reshape(-1, 3, 24).transpose(0, 2, 1)" in found.treatments[0].summary


def test_a_network_that_gets_along_with_it_on_other_data_is_warned():
    (found,) = judge(facts({"reshaped": PIECES}), skill=0.9, validation_skill=0.8)
    assert found.severity == "warning"


@pytest.mark.parametrize(
    "layout",
    [
        LayoutFacts(0.9, 0.9, 0.85, 0.88, 0.01, False),
        LayoutFacts(0.9, 0.1, 0.02, 0.1, 0.01, False),
        LayoutFacts(0.45, 0.45, 0.02, 0.44, 0.01, False),
        LayoutFacts(0.9, 0.9, 0.02, 0.88, 0.2, False),
    ],
    ids=["one long series", "rows of curves", "no better", "by chance"],
)
def test_what_has_no_seams_is_left_alone(layout):
    assert not judge(facts({"reshaped": layout}))


def test_windows_that_move_on_along_the_steps_are_right_whatever_else_is_alike():
    assert not judge(facts({"reshaped": PIECES}, shifted=True))
    moved = LayoutFacts(0.0, 0.0, 0.0, 0.0, 0.1, True)
    (found,) = judge(facts({"swapped": moved}))
    assert "moved on in time" in found.message


SWAPPED = LayoutFacts(0.8, 0.0, 0.0, 0.0, 0.01, False)
CURVES = {"given": 0.0, "order": 0.6, "feature_order": 0.001}


@pytest.mark.parametrize(
    ("told", "skill", "severity"),
    [
        ({}, 0.1, "error"),
        ({}, 0.9, "warning"),
        ({"own": 0.9}, 0.1, "error"),
        ({"own": 0.9}, 0.4, "error"),
        ({"own": 0.9}, 0.9, "warning"),
        # Features have distributions of their own, so it is them that lie on the last axis.
        ({"feature_own": 0.9}, 0.1, None),
        ({"feature_order": 0.3}, 0.1, None),
        ({"order": 0.01, "given": 0.2}, 0.1, None),
        ({"order": 0.01, "given": 0.02}, 0.1, "error"),
        ({"given": 0.7}, 0.1, None),
    ],
)
def test_an_order_on_the_feature_axis_alone(told, skill, severity):
    found = judge(facts({"swapped": SWAPPED}, **CURVES | told), skill=skill)
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_model_that_moves_the_axes_itself_wants_them_so():
    permute = LayerFacts("permute", "Permute", {}, (None, 24, 3), (None, 3, 24))
    for axes in (facts({"swapped": SWAPPED}, **CURVES), facts({"reshaped": PIECES})):
        assert not judge(axes, layers=(permute, LSTM))
    # A convolution reads the same wrong steps.
    convolution = LayerFacts("conv", "Conv1D", {}, (None, 24, 3), (None, 22, 8))
    assert judge(facts({"reshaped": PIECES}), layers=(convolution, LSTM))


def test_a_reshape_in_the_model_that_swaps_two_sizes():
    reshape = LayerFacts(
        "reshape", "Reshape", {}, (None, 24, 3), (None, 3, 24), place=Place("train.py", 5)
    )
    source = HEAD + (
        "model = keras.Sequential([\n    keras.Input((24, 3)), layers.Reshape((3, 24)),\n"
        "    layers.LSTM(4)])\nmodel.compile('adam', 'mse')\nmodel.fit(x, y)\n"
    )
    (found,) = judge(None, layers=(reshape, LSTM), source=source)
    assert (found.severity, found.location.line) == ("error", 5)
    assert "layers.Permute((2, 1))" in apply(source, found.treatments[0].edits)
    same = LayerFacts("reshape", "Reshape", {}, (None, 72), (None, 24, 3))
    assert not judge(None, layers=(same, LSTM))


@pytest.mark.parametrize(
    ("lines", "line", "fixed"),
    [
        (
            "n, c, t = a.shape\nx = a.reshape(n, t, c)\n",
            5,
            "x = a.transpose(0, 2, 1)",
        ),
        (
            "x = a.reshape(a.shape[0], a.shape[2], a.shape[1])\n",
            4,
            "x = a.transpose(0, 2, 1)",
        ),
        (
            "x = np.reshape(a, (len(a), a.shape[-1], a.shape[1]))\n",
            4,
            "x = np.transpose(a, (0, 2, 1))",
        ),
        (
            "a = np.random.normal(size=(n, sensors, steps))\nx = a.reshape((n, steps, sensors))\n",
            5,
            "x = a.transpose(0, 2, 1)",
        ),
        (
            "a = np.array([heat, rain, wind])\nx = a.reshape(-1, 24, 3)\n",
            5,
            "a = np.stack([heat, rain, wind], axis=-1)",
        ),
        (
            "COLUMNS = 2\nx = np.stack([heat, rain]).reshape((-1, 24, COLUMNS))\n",
            5,
            "np.stack([heat, rain], axis=-1).reshape",
        ),
    ],
)
def test_reshapings_that_are_wrong_as_they_are_written(suspected, lines, line, fixed):
    source = HEAD + lines + TAIL
    (found,) = suspected("SEQ106", source)
    assert (found.severity, found.level, found.location.line) == ("warning", "suspected", line)
    cured = apply(source, found.treatments[0].edits)
    assert fixed in cured
    assert not suspected("SEQ106", cured)
    ast.parse(cured)


@pytest.mark.parametrize(
    "lines",
    [
        "x = a.reshape(-1, 24, 3)\n",
        "n, t, c = a.shape\nx = a.reshape(n, t, c)\n",
        "n, c, t = b.shape\nx = a.reshape(n, t, c)\n",
        "x = a.reshape(a.shape[0], a.shape[1], 1)\n",
        "x = np.array([heat, rain, wind]).T.reshape(-1, 24, 3)\n",
        "x = np.stack([heat, rain, wind], axis=1).reshape(-1, 24, 3)\n",
        "x = np.array([0.1, 0.2, 0.3]).reshape(-1, 1, 3)\n",
        "x = np.array(rows).reshape(-1, 24, 3)\n",
        "x = a.transpose(0, 2, 1)\n",
    ],
)
def test_other_reshapings_may_be_right(suspected, lines):
    assert not suspected("SEQ106", HEAD + lines + TAIL)


def test_a_reshape_layer_that_turns_its_input(suspected):
    source = HEAD + TAIL.replace("layers.LSTM", "layers.Reshape((3, 24)), layers.LSTM")
    (found,) = suspected("SEQ106", source)
    assert found.location.line == 4
    cured = apply(source, found.treatments[0].edits)
    assert "layers.Permute((2, 1)), layers.LSTM" in cured
    assert not suspected("SEQ106", cured)
    assert not suspected("SEQ106", source.replace("Reshape((3, 24))", "Reshape((12, 6))"))


def test_the_place_and_the_edit_are_those_of_the_reshaping_in_the_source():
    source = HEAD + "a = np.load('a.npy')\nx = a.reshape(-1, 24, 3)\n" + TAIL
    (found,) = judge(facts({"reshaped": PIECES}), source=source)
    assert found.location.line == 5
    cured = apply(source, found.treatments[0].edits)
    assert "x = a.reshape(-1, 3, 24).transpose(0, 2, 1)" in cured
    # The edit gives every series its own steps back.
    series = np.arange(2 * 24 * 3).reshape(2, 3, 24)
    assert (series.reshape(-1, 24, 3).reshape(-1, 3, 24).transpose(0, 2, 1)
            == series.transpose(0, 2, 1)).all()  # fmt: skip


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ({"skill": 0.1}, "error"),
        # Values that were learned by heart are no steps in time.
        ({"skill": 0.9}, "error"),
        ({"skill": 0.9, "validation_skill": 0.9}, "warning"),
    ],
)
def test_of_noise_the_source_tells_it(words, severity):
    source = HEAD + "n, c, t = a.shape\nx = a.reshape(n, t, c)\n" + TAIL
    noise = LayoutFacts(0.0, 0.0, 0.02, -0.02, 0.01, False)
    measured = facts({"reshaped": noise, "swapped": noise}, given=0.0, order=0.5)
    (found,) = judge(measured, source=source, **words)
    assert (found.severity, found.location.line) == (severity, 5)
    assert found.treatments[0].edits
    assert not judge(dataclasses.replace(measured, shifted=True), source=source, **words)


LISTED = "model = keras.Sequential([keras.Input((24, 3)), layers.LSTM(4), layers.Dense(1)])\n"
ADDED = "model = keras.Sequential()\nmodel.add(keras.Input((24, 3)))\nmodel.add(layers.LSTM(4))\n"
CALLED = "i = keras.Input((24, 3))\nh = layers.LSTM(4)(i)\nmodel = keras.Model(i, h)\n"


@pytest.mark.parametrize(
    ("model", "line"), [(LISTED, 4), (ADDED, 6), (CALLED, 5)], ids=["list", "add", "call"]
)
@pytest.mark.parametrize("reading", ["swapped", "reshaped", "strided"])
def test_without_a_reshape_in_the_source_the_model_reads_it_as_it_is_meant(model, line, reading):
    source = HEAD + model + "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
    layer = dataclasses.replace(LSTM, place=Place("train.py", line))
    measured = facts({reading: LayoutFacts(0.9, 0.9, 0.0, 0.9, 0.01, True)})
    (found,) = judge(measured, layers=(layer,), source=source)
    names = {}
    exec(apply(source, found.treatments[0].edits).partition("model.compile")[0], names)
    moving = [one for one in names["model"].layers if one.name[:4] in ("perm", "resh")]
    # Each place of the memory, as numbers, arrives where the reading has it.
    memory = np.arange(2 * 24 * 3).reshape(2, 24, 3).astype("float32")
    tensor = memory
    for one in moving:
        tensor = np.asarray(keras.ops.convert_to_numpy(one(tensor)))
    blocks = memory.reshape(2, 3, 24)
    wanted = {
        "swapped": memory.transpose(0, 2, 1),
        "reshaped": blocks.transpose(0, 2, 1),
        "strided": blocks,
    }[reading]
    assert (tensor == wanted).all()
