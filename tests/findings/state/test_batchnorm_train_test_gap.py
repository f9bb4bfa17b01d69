"""STA102: two losses of the same weights on the same rows."""

from __future__ import annotations

import pytest
from tests.findings.rehearsed import rehearsals
from tests.findings.standins import judge, model, progress

from unstuck.case.edits import apply
from unstuck.case.facts import LayerFacts, Place
from unstuck.case.script import Script
from unstuck.observe.rehearsals.facts import ModeFacts

LAYER = LayerFacts("norm", "BatchNormalization", {"momentum": 0.99}, place=Place("train.py", 2))


def found(training=0.1, inference=2.0, momentum=0.99, steps=60, scripts=None):
    modes = ModeFacts("norm", training, inference, 1.0, 0.0, momentum)
    return judge(
        "STA102",
        rehearsals=rehearsals(modes=modes),
        model=model(LAYER),
        progress=progress(steps=steps),
        scripts=scripts or {},
    )


@pytest.mark.parametrize(
    ("training", "inference", "named"),
    [(0.1, 2.0, True), (0.1, 0.7, True), (0.1, 0.2, False), (0.9, 5.0, False), (0.5, 0.1, False)],
)
def test_a_model_that_knows_its_rows_in_training_mode_only_is_found(training, inference, named):
    assert bool(found(training, inference)) is named


def test_averages_that_have_not_arrived_are_told_by_their_momentum():
    (slow,), (arrived,) = found(steps=60), found(steps=2000)
    assert slow.evidence["share_of_first_averages"].value == pytest.approx(0.99**60, rel=1e-5)
    assert slow.treatments[0].id == "quicker-averages"
    assert arrived.treatments[0].id == "layer-normalization"
    assert (slow.location.line, slow.location.layer) == (2, "norm")


def test_the_momentum_is_changed_where_the_layer_is_made():
    text = "import keras\nnorm = keras.layers.BatchNormalization(momentum=0.99)\n"
    (finding,) = found(scripts={"train.py": Script.parse(text, "train.py")})
    assert "momentum=0.9)" in apply(text, finding.treatments[0].edits)


def test_no_layer_that_normalizes_by_its_batch_has_two_modes():
    assert not judge("STA102", rehearsals=rehearsals(), model=model(), progress=progress())


@pytest.mark.parametrize(("momentum", "notes"), [("0.9999", 1), ("0.99", 0), ("m", 0)])
def test_averages_that_hardly_move_are_a_note(suspected, momentum, notes):
    layer = f"keras.layers.BatchNormalization(momentum={momentum})"
    seen = suspected("STA102", f"import keras\nmodel = keras.Sequential([{layer}])\n")
    assert [one.severity for one in seen] == ["note"] * notes
