"""OUT104 as the source shows it."""

from __future__ import annotations

import math

import pytest

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.findings.output.logits_probability_mismatch import LogitsProbabilityMismatch

RULE = LogitsProbabilityMismatch()


def script(head: str, loss: str) -> str:
    return (
        "from keras import Input, Sequential, layers, losses\n"
        f"m = Sequential([Input((9, 2)), layers.LSTM(4), {head}])\n"
        f"m.compile('adam', {loss})\n"
    )


def suspect(source: str):
    return list(RULE.suspect(Script.parse(source, "train.py")))


def test_the_examples_of_the_page():
    (finding,) = suspect(RULE.sick)
    assert suspect(RULE.healthy) == []
    assert [treatment.id for treatment in finding.treatments] == [
        "probabilities-once",
        "logits-once",
    ]
    for treatment in finding.treatments:
        assert suspect(apply(RULE.sick, treatment.edits)) == []


@pytest.mark.parametrize(
    ("head", "loss", "line"),
    [
        ("layers.Dense(5, 'softmax')", "losses.CategoricalCrossentropy(True)", 3),
        ("layers.Dense(1, 'sigmoid')", "losses.BinaryCrossentropy(from_logits=True)", 3),
        (
            "layers.Dense(5), layers.Softmax()",
            "losses.SparseCategoricalCrossentropy(from_logits=True)",
            3,
        ),
        ("layers.Dense(5)", "'sparse_categorical_crossentropy'", 2),
        ("layers.Dense(1)", "'binary_crossentropy'", 2),
        ("layers.Dense(5)", "losses.categorical_crossentropy", 2),
        ("layers.Dense(5)", "losses.CategoricalCrossentropy(from_logits=False)", 2),
    ],
)
def test_a_mismatch_is_found_and_each_edit_cures_it(head, loss, line):
    source = script(head, loss)
    (finding,) = suspect(source)
    assert finding.location.line == line
    edited = [apply(source, treatment.edits) for treatment in finding.treatments]
    assert any(text != source for text in edited)
    assert all(suspect(text) == [] for text in edited if text != source)


@pytest.mark.parametrize(
    ("head", "loss"),
    [
        ("layers.Dense(5, 'softmax')", "'sparse_categorical_crossentropy'"),
        ("layers.Dense(1, 'sigmoid')", "'binary_crossentropy'"),
        ("layers.Dense(5)", "losses.SparseCategoricalCrossentropy(from_logits=True)"),
        ("layers.Dense(5)", "'mse'"),
        ("layers.Dense(5)", "my_loss"),
        ("layers.Dense(5)", "losses.CategoricalCrossentropy(from_logits=flag)"),
        ("layers.Dense(5, activation=act)", "'categorical_crossentropy'"),
        ("layers.Dense(5), Custom()", "'categorical_crossentropy'"),
        ("layers.Dense(5), layers.Lambda(f)", "'categorical_crossentropy'"),
    ],
)
def test_a_match_and_what_is_not_known_are_left_alone(head, loss):
    assert suspect(script(head, loss)) == []


def test_the_page_states_the_floor_of_a_double_softmax():
    page = " ".join((LogitsProbabilityMismatch.__doc__ or "").split())
    for classes, said in ((2, "0.31 for two classes"), (10, "1.46 for ten")):
        sure = [1.0] + [0.0] * (classes - 1)
        total = sum(math.exp(value) for value in sure)
        assert f"{-math.log(math.exp(1.0) / total):.2f}" == said.split()[0]
        assert said in page
