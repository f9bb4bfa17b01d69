from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unstuck.case.facts import Place
from unstuck.findings.output.shapes import aligned, broadcast
from unstuck.observe.outcome import FailureFacts

FLAT = np.linspace(-1, 1, 48)
SHAPES = st.lists(st.integers(1, 3), max_size=4).map(tuple)


@given(SHAPES, SHAPES)
def test_broadcasting_is_that_of_numpy(one, other):
    try:
        expected = np.broadcast_shapes(one, other)
    except ValueError:
        expected = None
    assert broadcast(one, other) == expected


@pytest.mark.parametrize(
    ("targets", "predictions", "squeezed", "agree", "together"),
    [
        ((48,), (None, 1), True, True, (16, 1)),
        ((48, 1), (None,), True, True, (16, 1)),
        ((48, 5, 1), (None, 5), True, True, (16, 5)),
        ((48, 5), (None, None, 1), True, True, (16, 5)),
        ((48,), (None, 1), False, False, (16, 16)),
        ((48, 1), (None, 5, 1), True, False, (16, 5)),
        ((48, 5, 1), (None, 1), True, False, (16, 5)),
        ((48, 3), (None, 4), True, False, None),
    ],
)
def test_shapes_meet_as_keras_lets_them(targets, predictions, squeezed, agree, together):
    meeting = aligned(targets, predictions, 16, squeezed)
    assert (meeting.agree, meeting.together) == (agree, together)


@pytest.mark.parametrize("units", [1, 2])
def test_another_number_of_columns_broadcasts(judged, units):
    targets = FLAT[:, None].repeat(3 - units, axis=1)
    (found,) = judged("OUT105", targets, units=units, predictions=np.zeros((48, units)), skill=0.1)
    assert found.severity == "error"
    assert found.evidence["uses_of_each_entry"].value == 2


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (FLAT, {}),
        (FLAT[:, None], {}),
        (FLAT.reshape(16, 3, 1), {"shape": (None, 3, 1)}),
        (FLAT.reshape(16, 3), {"shape": (None, 3, 1)}),
        (np.arange(48) % 3, {"units": 3, "loss": "sparse_categorical_crossentropy"}),
        # A quantile loss has several outputs for one target, and packs weights into the last axis.
        (FLAT[:, None], {"units": 3, "custom": True, "loss": "pinball"}),
        (FLAT.reshape(24, 2), {"custom": True, "loss": "weighted"}),
    ],
)
def test_shapes_that_agree_are_left_alone(judged, targets, words):
    assert not judged("OUT105", targets, **words)


OWN_CLASS = """
import keras
from keras import ops
class Distance(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred))
model.compile('adam', Distance())
"""


def test_keras_adapts_nothing_for_a_loss_class(judged):
    words = {"custom": True, "loss": "Distance", "predictions": np.zeros((48, 1)), "skill": 0.0}
    (found,) = judged("OUT105", FLAT, source=OWN_CLASS, compile_line=7, **words)
    assert (found.severity, found.location.line) == ("error", 6)
    assert found.evidence["compared_shape"].value == "(16, 16)"
    careful = OWN_CLASS.replace("y_pred))", "ops.squeeze(y_pred)))")
    assert not judged("OUT105", FLAT, source=careful, compile_line=7, **words)
    function = OWN_CLASS.replace(
        "class Distance(keras.losses.Loss):\n    def call(self, ", "if 1:\n    def Distance("
    )
    assert not judged("OUT105", FLAT, source=function, compile_line=7, **words)


OWN_STEP = """
import keras
from keras import ops
class River(keras.Model):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return ops.mean(ops.square(y - y_pred))
"""


def test_keras_adapts_nothing_for_compute_loss(judged):
    (found,) = judged("OUT105", FLAT, own_step=True, source=OWN_STEP)
    assert (found.severity, found.location.line) == ("error", 6)
    assert not judged("OUT105", FLAT[:, None], own_step=True, source=OWN_STEP)
    careful = OWN_STEP.replace("(y - ", "(ops.reshape(y, (-1, 1)) - ")
    assert not judged("OUT105", FLAT, own_step=True, source=careful)


SEQUENCE = FLAT[:40].reshape(8, 5, 1)


def test_a_sequence_needs_a_state_at_each_step(judged, lstm):
    source = "from keras.layers import LSTM\nlayer = LSTM(\n    32,\n    dropout=0.1,\n)\n"
    (found,) = judged(
        "OUT106", SEQUENCE, layers=(lstm(False, line=2),), source=source,
        predictions=np.zeros((8, 1)), skill=0.2,
    )  # fmt: skip
    assert (found.severity, found.location.line, found.location.layer) == ("error", 2, "lstm")
    (edit,) = found.treatments[0].edits
    assert edit.new.strip() == "return_sequences=True,"


def test_one_value_needs_the_last_state(judged, lstm):
    (found,) = judged(
        "OUT106", FLAT[:8, None], shape=(None, 5, 1), layers=(lstm(True, line=1),),
        source="from keras.layers import LSTM; layer = LSTM(32, return_sequences=True)",
        predictions=np.zeros((8, 5, 1)), skill=0.2,
    )  # fmt: skip
    (edit,) = found.treatments[0].edits
    assert edit.new.endswith("LSTM(32)")


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_a_refused_shape_is_explained_too(judged, lstm, loss):
    labels = np.arange(40).reshape(8, 5) % 3
    targets = labels if loss.startswith("sparse") else np.eye(3)[labels]
    failure = FailureFacts("ValueError", "Arguments must have the same shape")
    words = {"units": 3, "activation": "softmax", "loss": loss, "failure": failure}
    (found,) = judged("OUT106", targets, layers=(lstm(False),), **words)
    assert found.severity == "error"
    single = targets[:, -1]
    assert judged("OUT106", single, layers=(lstm(True),), shape=(None, 5, 3), **words)
    assert not judged("OUT106", single, layers=(lstm(False),), **words)
    assert not judged("OUT106", targets, layers=(lstm(True),), shape=(None, 5, 3), **words)


@pytest.mark.parametrize(
    ("targets", "returns", "words"),
    [
        (SEQUENCE, True, {"shape": (None, 5, 1)}),
        (FLAT[:8, None], False, {}),
        (FLAT[:8], False, {}),
        # Five targets of one sequence, one unit for each.
        (SEQUENCE[..., 0], False, {"units": 5}),
        # Three steps ahead are another matter than the five steps of the input.
        (FLAT[:24].reshape(8, 3, 1), False, {}),
        # A loss of one's own may look at the last step only; this run says that it does.
        (FLAT[:8, None], True, {
            "shape": (None, 5, 1), "custom": True, "loss": "last_step",
            "predictions": np.zeros((8, 5, 1)), "skill": 0.95}),
    ],
)  # fmt: skip
def test_sequences_where_they_belong_are_left_alone(judged, lstm, targets, returns, words):
    assert not judged("OUT106", targets, layers=(lstm(returns),), **words)


def test_the_cause_comes_before_the_broadcast():
    from unstuck.findings.ranking import ranked
    from unstuck.findings.registry import rule

    place = Place("train.py", 3)
    findings = [rule(code).found("", place=place) for code in ("OUT105", "OUT106")]
    assert [finding.code for finding in ranked(findings)] == ["OUT106", "OUT105"]


STACKED = """
from keras import Input, Sequential, layers
model = Sequential([Input((5, 2)),
    layers.LSTM(8),
    layers.LSTM(4),
    layers.Dense(1)])
"""
FUNCTIONAL = """
from keras import Input, Model, layers
x = Input((5, 2))
h = layers.Bidirectional(
    layers.LSTM(8))(x)
h = layers.Dropout(0.2)(layers.GRU(4)(h))
model = Model(x, layers.Dense(1)(h))
"""


@pytest.mark.parametrize(("source", "line"), [(STACKED, 4), (FUNCTIONAL, 5)])
def test_a_stack_without_sequences_shows_in_the_source(suspected, source, line):
    (found,) = suspected("OUT106", source)
    assert (found.level, found.location.line) == ("suspected", line)
    (edit,) = found.treatments[0].edits
    assert "LSTM(8, return_sequences=True)" in edit.new


DECODER = """
from keras import Input, Model, layers
x = Input((5, 2)); z = Input((5, 1))
_, h, c = layers.LSTM(8, return_state=True)(x)
d = layers.LSTM(8, return_sequences=True)(z, initial_state=[h, c])
model = Model([x, z], layers.Dense(1)(d))
"""


@pytest.mark.parametrize(
    "source",
    [
        STACKED.replace("LSTM(8)", "LSTM(8, return_sequences=True)"),
        STACKED.replace("LSTM(8)", "LSTM(8), layers.RepeatVector(3)"),
        STACKED.replace("LSTM(8)", "LSTM(8), layers.Reshape((4, 2))"),
        STACKED.replace("layers.LSTM(8),\n", ""),
        DECODER,
        "from keras import Sequential, layers\nmodel = Sequential()\nfor i in range(3):\n"
        "    model.add(layers.LSTM(8, return_sequences=i < 2))\nmodel.add(layers.Dense(1))\n",
    ],
)
def test_stacks_that_build_are_not_suspected(suspected, source):
    assert not suspected("OUT106", source)


def test_repeating_a_sequence_shows_in_the_source(suspected):
    source = STACKED.replace("LSTM(8)", "LSTM(8, return_sequences=True), layers.RepeatVector(3)")
    (found,) = suspected("OUT106", source)
    assert found.treatments[0].id == "return-last-state"
