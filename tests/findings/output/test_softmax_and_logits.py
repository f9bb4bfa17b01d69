from __future__ import annotations

import numpy as np
import pytest

RNG = np.random.default_rng(3)
LABELS = np.arange(40) % 2
TEN = np.arange(40) % 10
SOURCE = (
    "from keras import Input, Sequential, layers, losses\n"
    "model = Sequential([Input((5, 2)), layers.LSTM(4),\n"
    "    layers.Dense(1, activation='softmax')])\n"
    "model.compile('adam', 'categorical_crossentropy')\n"
)


def probabilities(labels, classes, sure):
    """Rows that give the right class the probability ``sure``."""
    rows = np.full((len(labels), classes), (1 - sure) / (classes - 1))
    rows[np.arange(len(labels)), labels] = sure
    return rows


def test_softmax_on_one_unit_is_the_answer_with_its_edit(judged):
    (found,) = judged(
        "OUT101",
        LABELS,
        activation="softmax",
        loss="categorical_crossentropy",
        predictions=np.ones((40, 1)),
        source=SOURCE,
        head_line=3,
        compile_line=4,
    )
    assert (found.severity, found.level, found.location.line) == ("error", "observed", 3)
    assert found.evidence["lowest_prediction"].value == 1.0
    edits = {edit.line: edit.new for edit in found.treatments[0].edits}
    assert "'sigmoid'" in edits[3].replace('"', "'")
    assert "binary_crossentropy" in edits[4]


def test_softmax_on_one_unit_shows_before_any_prediction(judged):
    assert judged("OUT101", LABELS, activation="softmax", loss="binary_crossentropy")


@pytest.mark.parametrize(
    "words",
    [
        {"activation": "sigmoid"},
        {"activation": "softmax", "units": 2},
        {"activation": "softmax", "kind": "LSTM"},
        # Softmax over another axis than the units leaves values below 1.
        {"activation": "softmax", "predictions": np.full((40, 1), 0.2)},
    ],
)
def test_other_heads_are_left_alone(judged, words):
    assert not judged("OUT101", LABELS, loss="binary_crossentropy", **words)


def test_class_numbers_get_units_instead_of_a_sigmoid(judged):
    (found,) = judged("OUT101", np.arange(40) % 4, activation="softmax", loss="mean_squared_error")
    assert "4 units" in found.treatments[0].summary


def test_probabilities_read_as_logits_cannot_beat_their_floor(judged):
    surest = probabilities(TEN, 10, 1.0)
    exponentials = np.exp(surest)
    floor = -np.log((exponentials / exponentials.sum(1, keepdims=True))[np.arange(40), TEN]).mean()
    (found,) = judged(
        "OUT104",
        TEN,
        units=10,
        activation="softmax",
        loss="sparse_categorical_crossentropy",
        from_logits=True,
        predictions=probabilities(TEN, 10, 0.1),
        loss_value=2.30,
        constant=2.303,
    )
    assert found.severity == "error"
    assert found.evidence["lowest_possible_loss"].value == pytest.approx(floor, rel=1e-5)


def test_one_unit_has_a_floor_too(judged):
    best = np.where(LABELS == 1, 1.0, 0.0)
    chance = 1 / (1 + np.exp(-best))
    floor = -(LABELS * np.log(chance) + (1 - LABELS) * np.log(1 - chance)).mean()
    (found,) = judged(
        "OUT104",
        LABELS,
        activation="sigmoid",
        loss="binary_crossentropy",
        from_logits=True,
        predictions=np.full((40, 1), 0.5),
        loss_value=0.69,
        constant=0.693,
    )
    assert found.severity == "error"
    assert found.evidence["lowest_possible_loss"].value == pytest.approx(floor, rel=1e-5)


def test_a_run_that_learned_all_the_same_gets_a_warning(judged):
    (found,) = judged(
        "OUT104",
        TEN,
        units=10,
        activation="softmax",
        loss="sparse_categorical_crossentropy",
        from_logits=True,
        predictions=probabilities(TEN, 10, 0.97),
        loss_value=1.47,
        constant=2.303,
    )
    assert found.severity == "warning"


@pytest.mark.parametrize(
    ("activation", "kind"), [("linear", "Dense"), ("relu", "Dense"), ("tanh", "LSTM")]
)
def test_raw_scores_are_no_probabilities(judged, activation, kind):
    (found,) = judged(
        "OUT104",
        LABELS,
        activation=activation,
        kind=kind,
        loss="binary_crossentropy",
        from_logits=False,
        predictions=RNG.normal(size=(40, 1)),
        skill=0.01,
    )
    assert found.severity == "error"
    assert found.treatments


@pytest.mark.parametrize(
    ("activation", "from_logits"),
    [("linear", True), ("softmax", False), (None, False), (None, True)],
)
def test_agreement_and_the_unknown_are_left_alone(judged, activation, from_logits):
    assert not judged(
        "OUT104",
        TEN,
        units=10,
        activation=activation,
        loss="sparse_categorical_crossentropy",
        from_logits=from_logits,
    )


def test_from_logits_is_taken_out_of_the_loss(judged):
    source = (
        "from keras import Input, Sequential, layers, losses\n"
        "model = Sequential([Input((5, 2)), layers.LSTM(4), layers.Dense(10, 'softmax')])\n"
        "loss = losses.SparseCategoricalCrossentropy(from_logits=True)\n"
        "model.compile('adam', loss)\n"
    )
    (found,) = judged(
        "OUT104",
        TEN,
        units=10,
        activation="softmax",
        loss="sparse_categorical_crossentropy",
        from_logits=True,
        source=source,
        head_line=2,
        compile_line=4,
    )
    assert found.location.line == 3
    (edit,) = found.treatments[0].edits
    assert (edit.line, edit.new) == (3, "loss = losses.SparseCategoricalCrossentropy()")


def test_quantities_under_a_cross_entropy_are_another_rules(judged):
    words = {"loss": "binary_crossentropy", "from_logits": False}
    assert not judged("OUT104", RNG.normal(size=(40, 1)), **words)
    assert judged("OUT103", RNG.normal(size=(40, 1)), **words)


def test_labels_under_a_distance_get_a_sigmoid_first(judged):
    source = SOURCE.replace("categorical_crossentropy", "mse")
    words = {"activation": "softmax", "source": source, "head_line": 3, "compile_line": 4}
    (labels,) = judged("OUT101", LABELS, **words)
    (levels,) = judged("OUT101", RNG.normal(size=40), **words)
    assert [treatment.id for treatment in labels.treatments] == ["sigmoid-output", "linear-output"]
    assert [treatment.id for treatment in levels.treatments] == ["linear-output", "sigmoid-output"]
