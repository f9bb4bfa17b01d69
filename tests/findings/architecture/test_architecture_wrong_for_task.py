"""ARC105: what the graph loses, and what a plain LSTM learns in the model's place."""

from __future__ import annotations

import pytest
from tests.findings.rehearsed import rehearsals, trial
from tests.findings.standins import judge, model, progress

from unstuck.case.facts import HeadFacts, LayerFacts, ModelFacts
from unstuck.findings.architecture.topology import flaw
from unstuck.findings.ranking import ranked
from unstuck.findings.registry import rule


def layer(kind: str, **config: object) -> LayerFacts:
    return LayerFacts(kind.lower(), kind, config)


POOLED = (layer("GlobalAveragePooling1D"), layer("RepeatVector"), layer("LSTM"))
PLAIN = (layer("LSTM"),)


def per_step(*layers: LayerFacts) -> ModelFacts:
    head = HeadFacts("dense", "dense", "Dense", "sigmoid", (None, 9, 1))
    return ModelFacts("m", "sequential", layers, (head,), 9, 9)


def found(layers, own=0.05, plain=0.9, skill=0.0, standardized=True, held=0.9, **told):
    trials = [trial("rates", own), trial("plain_lstm", plain, held=held)]
    trials += [trial("standardized", own)] if standardized else []
    facts = layers if isinstance(layers, ModelFacts) else model(*layers)
    seen = progress(skill=skill, explained=skill, **told)
    return judge("ARC105", model=facts, progress=seen, rehearsals=rehearsals(*trials))


def test_what_a_plain_lstm_learns_and_the_model_nowhere_does_is_its_topology():
    (finding,) = found(PLAIN)
    assert finding.severity == "error"
    assert finding.evidence["plain_lstm_skill"].value == 0.9


@pytest.mark.parametrize(
    "told",
    [
        {"own": 0.6},
        {"plain": 0.2},
        {"skill": 0.7},
        {"held": 0.1},  # learned by heart
        {"standardized": False},  # then the data's scale may be what it is
        {"diverged": True},
    ],
)
def test_a_model_that_learns_anywhere_is_left_alone(told):
    assert not found(PLAIN, **told)


def test_pooling_before_the_first_cell_is_seen_without_any_trial():
    seen = progress()
    (finding,) = judge("ARC105", model=model(*POOLED), progress=seen, rehearsals=None)
    assert (finding.severity, finding.location.layer) == ("error", "globalaveragepooling1d")
    for learned in (progress(skill=0.9, explained=0.9), progress(signal=0.0)):
        assert not judge("ARC105", model=model(*POOLED), progress=learned, rehearsals=None)


@pytest.mark.parametrize(
    ("facts", "name", "law"),
    [
        (model(*POOLED), "globalaveragepooling1d", True),
        (model(layer("LSTM"), *POOLED[:1]), None, False),
        (model(layer("Conv1D"), *POOLED), None, False),
        (model(layer("Dense", units=1, activation="sigmoid"), layer("LSTM")), None, False),
        (per_step(layer("LSTM"), layer("RepeatVector"), layer("LSTM")), "repeatvector", False),
        (per_step(layer("LSTM", return_sequences=True)), "lstm", False),
        (per_step(layer("Bidirectional", return_sequences=True)), None, False),
        (model(layer("LSTM", return_sequences=True), layer("LSTM")), None, False),
    ],
)
def test_what_a_graph_loses(facts, name, law):
    seen = flaw(facts)
    # The stand-in for a model has a head of the name "dense", which is no bottleneck.
    assert (seen.layer.name if seen else None) == name
    assert (seen.law if seen else False) is law


def test_a_hidden_unit_with_a_squashing_activation_is_a_bottleneck():
    narrow = LayerFacts("narrow", "Dense", {"units": 1, "activation": "sigmoid"})
    assert flaw(model(layer("LSTM"), narrow)).layer is narrow
    linear = LayerFacts("narrow", "Dense", {"units": 1, "activation": "linear"})
    assert flaw(model(layer("LSTM"), linear)) is None


def test_a_branch_may_carry_what_another_loses():
    joined = LayerFacts("add", "Add", {}, inputs=("a", "b"))
    assert flaw(model(*POOLED, joined)) is None


def source(*layers: str) -> str:
    body = ", ".join(["keras.Input((9, 2))", *(f"layers.{one}" for one in layers)])
    return f"import keras\nfrom keras import layers\nmodel = keras.Sequential([{body}])\n"


@pytest.mark.parametrize(
    ("layers", "found"),
    [
        (("GlobalMaxPooling1D()", "RepeatVector(9)", "LSTM(4)"), True),
        (("Conv1D(4, 3)", "GlobalMaxPooling1D()", "RepeatVector(9)", "LSTM(4)"), False),
        (("LSTM(4, return_sequences=True)", "GlobalMaxPooling1D()", "Dense(1)"), False),
    ],
)
def test_pooling_before_the_first_cell_is_read_in_the_source(suspected, layers, found):
    seen = suspected("ARC105", source(*layers) + "model.compile('adam', 'mse')\n")
    assert [one.severity for one in seen] == ["note"] * found


@pytest.mark.parametrize("code", ["GEN102", "ARC101", "OPT101"])
def test_it_is_the_last_resort(code):
    (finding,) = found(PLAIN)
    other = rule(code).found("It is so.")
    first, second = ranked([finding, other])
    assert (first.code, first.severity) == (code, "error")
    assert (second.code, second.severity) == ("ARC105", "warning")
