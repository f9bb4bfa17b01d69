"""DAT109: validation data unlike the training data."""

from __future__ import annotations

import dataclasses

import pytest
from tests.findings import standins as given

from unstuck.case.facts import DataFacts

HEAD = "import keras, numpy as np\nfrom keras import layers\n"
TAIL = (
    "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(x, y, validation_split=0.2)\n"
)
LEARNED = {"skill": 0.95, "explained": 0.95}


def judge(arrays, outputs, **words):
    return given.judge(
        "DAT109",
        data=DataFacts(arrays),
        outputs=outputs,
        progress=given.progress(**LEARNED | words),
    )


def classes(here, there):
    """Targets with these counts of classes."""
    counts = [{f"{name:.1f}": n for name, n in one.items()} for one in (here, there)]
    roles = ("target", "validation_target")
    return tuple(
        given.array(role, "dense", values=values)
        for role, values in zip(roles, counts, strict=True)
    )


def classifier(right: float):
    """Accuracy 0.95 on the training data and what is given on the rest."""
    known = [
        dataclasses.replace(given.PREDICTIONS, actual={"0": 100}, recall={"0": share})
        for share in (0.95, right)
    ]
    return given.output(
        "binary_crossentropy",
        train=given.result(predictions=known[0]),
        validation=given.result("validation", loss=2.0, predictions=known[1]),
    )


@pytest.mark.parametrize(("right", "severity"), [(0.1, "error"), (0.9, "warning")])
def test_a_class_that_the_training_lacks(right, severity):
    (found,) = judge(classes({0: 50, 1: 50}, {2: 40}), (classifier(right),))
    assert found.severity == severity
    assert "class 2 is 100% of them and 0% of the training" in found.message
    assert found.evidence["difference"].value == 1.0


def test_a_mix_like_that_of_the_training_is_left_alone():
    assert not judge(classes({0: 50, 1: 50}, {0: 15, 1: 25}), (classifier(0.1),))
    # Nine validation samples prove nothing.
    few = classes({0: 50, 1: 50}, {2: 9})
    few = (few[0], dataclasses.replace(few[1], read=9))
    assert not judge(few, (classifier(0.1),))


def numbers(mean: float, std: float = 1.0, role: str = "target"):
    name = "dense" if role == "target" else "x"
    return (
        given.array(role, name, features=(given.feature(),)),
        given.array(f"validation_{role}", name, features=(given.feature(mean, std),)),
    )


def regression(skill: float):
    held = given.result("validation", loss=1 - skill)
    return given.output(train=given.result(loss=0.05), validation=held)


@pytest.mark.parametrize(
    ("arrays", "skill", "severity"),
    [
        (numbers(2.5), -0.5, "error"),
        (numbers(2.5), 0.2, "warning"),
        (numbers(0.0, 9.0), -0.5, "error"),
        (numbers(3.0, role="input"), -0.5, "error"),
        (numbers(0.0, 0.1, role="input"), -0.5, "error"),
    ],
)
def test_values_from_elsewhere_that_are_not_predicted(arrays, skill, severity):
    assert [one.severity for one in judge(arrays, (regression(skill),))] == [severity]


@pytest.mark.parametrize(
    ("arrays", "skill"),
    [
        # A tail that differs and is predicted well.
        (numbers(2.5), 0.8),
        # Poor on a tail that does not differ: another cause.
        (numbers(0.5), -0.5),
        # A calm stretch at the end of a series.
        (numbers(0.0, 0.1), -0.5),
    ],
)
def test_other_tails_are_left_alone(arrays, skill):
    assert not judge(arrays, (regression(skill),))


def test_a_network_that_learned_nothing_has_another_fault():
    assert not judge(numbers(2.5), (regression(-0.5),), skill=0.0, explained=0.0)


@pytest.mark.parametrize(
    "made",
    [
        "y = np.concatenate([np.zeros(80), np.ones(80)])\n",
        "y = np.concatenate((np.zeros(80), np.full(80, 1)))\n",
        "y = np.array([0] * 80 + [1] * 80)\ny = np.hstack([np.zeros(8), 2 * np.ones(8)])\n",
        "y = np.repeat([0, 1], 80)\n",
        "order = np.argsort(labels)\nx, y = x[order], labels[order]\n",
        "y = np.sort(labels)\n",
    ],
)
def test_labels_in_blocks_are_seen_in_the_source(suspected, made):
    (found,) = suspected("DAT109", HEAD + made + TAIL)
    assert (found.severity, found.level) == ("warning", "suspected")
    assert found.location.line == len((HEAD + made + TAIL).splitlines())
    shuffled = HEAD + made + "order = np.random.permutation(len(x))\n" + TAIL
    assert not suspected("DAT109", shuffled)
    assert not suspected("DAT109", (HEAD + made + TAIL).replace(", validation_split=0.2", ""))


@pytest.mark.parametrize(
    "made",
    [
        "y = np.load('y.npy')\n",
        "y = np.concatenate([a, b])\n",
        "y = np.concatenate([np.zeros(80), noise])\n",
        "y = labels[order]\n",
    ],
)
def test_other_labels_are_not(suspected, made):
    assert not suspected("DAT109", HEAD + made + TAIL)
