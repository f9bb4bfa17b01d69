"""ARC101, ARC102 and ARC103: too narrow, too large, too deep."""

from __future__ import annotations

import pytest
from tests.findings import standins as given
from tests.findings.xrayed import site, xray

from unstuck.case.edits import apply
from unstuck.case.facts import LayerFacts, Place
from unstuck.case.script import Script
from unstuck.findings.course import Course

SOUND = Course("Adam", 0.001, 0.001, 0.005, 1.1, None, None, 0.0, False)
FILE = "train.py"
SOURCE = (
    "import keras\nfrom keras import layers\n"
    "model = keras.Sequential([layers.LSTM(1), layers.Dense(8)])\n"
)


def cell(units: int, name: str = "lstm", **told) -> LayerFacts:
    inside = told.pop("inside", None)
    return LayerFacts(
        name, "LSTM", {"units": units, **told}, inside=inside, place=Place(FILE, 3), parameters=9
    )


def narrow(*layers, **words):
    return given.judge(
        "ARC101",
        model=given.model(*layers),
        progress=given.progress(**words),
        course=SOUND,
        scripts={FILE: Script.parse(SOURCE, FILE)},
    )


def test_a_single_unit_that_has_settled():
    (found,) = narrow(cell(1), skill=0.2)
    assert (found.severity, found.location.line) == ("error", 3)
    assert found.evidence["units"].value == 1
    assert "LSTM(32)" in apply(SOURCE, found.treatments[0].edits)
    assert [f.severity for f in narrow(cell(64), cell(2), skill=0.6)] == ["warning"]


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((cell(8),), {}),
        # Both directions of one unit are two numbers a step, of two they are four.
        ((LayerFacts("both", "Bidirectional", {}), cell(2, inside="both")), {}),
        ((cell(1, "dense"),), {}),
        ((cell(1),), {"skill": 0.9}),
        ((cell(1),), {"steps": 100, "travel": 0.1}),
        ((cell(1),), {"falling": 0.2}),
        ((cell(1),), {"signal": 0.0}),
    ],
    ids=["wide", "both directions", "head", "learned", "short", "falling", "no signal"],
)
def test_other_widths_and_runs_are_left_alone(layers, words):
    assert not narrow(*layers, **words)


def test_the_source_shows_one_unit(suspected):
    (found,) = suspected("ARC101", SOURCE)
    assert (found.severity, found.location.line) == ("note", 3)
    assert not suspected("ARC101", apply(SOURCE, found.treatments[0].edits))
    # As a head it has the units that the targets have.
    assert not suspected("ARC101", SOURCE.replace(", layers.Dense(8)", ""))


def large(parameters=20_000, samples=100, *, output=None, **words):
    return given.judge(
        "ARC102",
        model=given.model(cell(64), parameters=parameters),
        outputs=(output or given.output(),),
        fit=given.fit(samples=samples),
        progress=given.progress(**{"skill": 0.99, "validation_skill": 0.1} | words),
    )


def test_weights_that_remember_their_few_targets():
    (found,) = large()
    assert found.severity == "warning"
    assert found.evidence["target_values"].value == 100
    assert "200 for each" in found.message


@pytest.mark.parametrize(
    "words",
    [
        {"samples": 10_000},
        {"validation_skill": 0.8},
        {"validation_skill": None},
        # No model does better on the rest: the data are too few or say nothing.
        {"signal": 0.08},
        {"skill": 0.1},
    ],
)
def test_other_networks_are_left_alone(words):
    assert not large(**words)


def test_every_step_of_a_target_counts_and_a_class_once():
    steps = given.output(target=given.array("target", "dense", shape=(100, 50, 1)))
    assert not large(output=steps)
    hot = given.array("target", "dense", shape=(100, 30), one_hot=1.0)
    classes = given.output("categorical_crossentropy", target=hot)
    assert large(output=classes)[0].evidence["target_values"].value == 100


def stack(count: int, ratio: float, *, branched: bool = False, **words):
    layers = [cell(8, f"lstm_{i}", inputs=()) for i in range(count)]
    merge = LayerFacts("add", "Add", {}, inputs=("lstm_0", "lstm_1"))
    gates = [1e-3 * ratio ** (1 - i / max(count - 1, 1)) for i in range(count)]
    sites = [site(f"lstm_{i}", gates={"all": {"gradient": value}}) for i, value in enumerate(gates)]
    return given.judge(
        "ARC103",
        model=given.model(*layers, *((merge,) if branched else ())),
        progress=given.progress(**words),
        xrays=(xray(*sites),),
    )


def test_a_gradient_that_fades_through_a_stack_that_does_not_learn():
    (found,) = stack(6, 1e-3)
    assert (found.severity, found.location.layer) == ("error", "lstm_0")
    assert found.evidence["first_over_last_gradient"].value == pytest.approx(1e-3)
    assert [f.severity for f in stack(6, 1e-3, skill=0.5)] == ["warning"]


@pytest.mark.parametrize(
    ("count", "ratio", "words"),
    [
        (3, 1e-3, {}),
        (6, 0.3, {}),
        (6, 1e-3, {"skill": 0.95}),
        (6, 1e-3, {"signal": 0.0}),
        (6, 1e-3, {"branched": True}),
    ],
    ids=["three", "passes", "learned", "no signal", "residual"],
)
def test_other_stacks_are_left_alone(count, ratio, words):
    assert not stack(count, ratio, **words)


def test_the_source_shows_a_stack(suspected):
    layers = ", ".join(["layers.LSTM(8, return_sequences=True)"] * 4 + ["layers.LSTM(8)"])
    source = f"import keras\nfrom keras import layers\nm = keras.Sequential([{layers}])\n"
    assert [found.severity for found in suspected("ARC103", source)] == ["note"]
    shallow = source.replace("layers.LSTM(8, return_sequences=True), " * 3, "")
    assert not suspected("ARC103", shallow)
