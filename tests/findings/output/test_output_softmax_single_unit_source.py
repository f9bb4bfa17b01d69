"""OUT101 as the source shows it."""

from __future__ import annotations

import pytest

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.findings.output.output_softmax_single_unit import OutputSoftmaxSingleUnit

RULE = OutputSoftmaxSingleUnit()
HEAD = "import keras\nfrom keras import layers\ni = keras.Input((9, 2))\nh = layers.LSTM(4)(i)\n"


def suspect(source: str):
    return list(RULE.suspect(Script.parse(source, "train.py")))


def functional(end: str, loss: str = "binary_crossentropy") -> str:
    return f"{HEAD}{end}\nm = keras.Model(i, y)\nm.compile('adam', '{loss}')\n"


def test_the_examples_of_the_page():
    (finding,) = suspect(RULE.sick)
    assert suspect(RULE.healthy) == []
    cured = apply(RULE.sick, finding.treatments[0].edits)
    assert cured == RULE.healthy
    assert (finding.severity, finding.level) == ("error", "suspected")
    assert finding.evidence["units"].value == 1


@pytest.mark.parametrize(
    ("end", "line", "cured"),
    [
        ("y = layers.Dense(1, activation='softmax')(h)", 5, "activation='sigmoid'"),
        ("y = layers.Dense(1, 'softmax')(h)", 5, "'sigmoid'"),
        ("z = layers.Dense(1)(h)\ny = layers.Activation('softmax')(z)", 6, "('sigmoid')"),
        ("z = layers.Dense(1)(h)\ny = layers.Softmax()(z)", 6, 'Activation("sigmoid")'),
        ("y = layers.Dense(1, activation=keras.activations.softmax)(h)", 5, '="sigmoid"'),
        ("y = layers.TimeDistributed(layers.Dense(1, activation='softmax'))(h)", 5, "'sigmoid'"),
    ],
)
def test_every_way_to_write_it_is_found_and_cured(end, line, cured):
    source = functional(end)
    (finding,) = suspect(source)
    assert finding.location.line == line
    edited = apply(source, finding.treatments[0].edits)
    assert cured in edited
    assert suspect(edited) == []


@pytest.mark.parametrize(
    "end",
    [
        "y = layers.Dense(2, activation='softmax')(h)",
        "y = layers.Dense(1, activation='sigmoid')(h)",
        "y = layers.Dense(n, activation='softmax')(h)",
        "y = layers.Dense(1, activation=choose())(h)",
        # Attention: the steps are moved to the last axis before the softmax.
        "y = layers.Activation('softmax')(layers.Flatten()(layers.Dense(1)(h)))",
    ],
)
def test_other_heads_are_left_alone(end):
    assert suspect(functional(end)) == []


def test_for_a_number_the_first_change_is_no_activation():
    source = functional("y = layers.Dense(1, activation='softmax')(h)", "mse")
    (finding,) = suspect(source)
    assert [treatment.id for treatment in finding.treatments] == ["linear-output", "sigmoid-output"]
    assert "activation='linear'" in apply(source, finding.treatments[0].edits)


def test_with_a_loss_for_classes_the_loss_changes_too():
    source = functional("y = layers.Dense(1, activation='softmax')(h)", "categorical_crossentropy")
    (finding,) = suspect(source)
    edited = apply(source, finding.treatments[0].edits)
    assert "activation='sigmoid'" in edited
    assert "m.compile('adam', 'binary_crossentropy')" in edited


def test_weights_over_one_unit_in_the_middle_are_a_warning():
    source = functional(
        "w = layers.Dense(1, activation='softmax')(h)\ny = layers.Dense(1)(h * w)", "mse"
    )
    (finding,) = suspect(source)
    assert (finding.severity, finding.location.line) == ("warning", 5)
