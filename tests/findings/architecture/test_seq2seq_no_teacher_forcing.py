"""ARC106: decoders that are not told what came before."""

from __future__ import annotations

import pytest
from tests.findings import standins as given

from unstuck.case.facts import LayerFacts, Place
from unstuck.case.script import Script
from unstuck.observe.framing import DecodingFacts

READER = LayerFacts("reader", "LSTM", {})
REPEAT = LayerFacts("repeat", "RepeatVector", {"n": 8}, place=Place("train.py", 7))
WRITER = LayerFacts("writer", "LSTM", {"return_sequences": True})
CHAINED = (READER, REPEAT, WRITER)
SOURCE = (
    "import numpy as np\nimport keras\nfrom keras import layers\n"
    "told = np.zeros_like(words)\n"
    "reader, writer = keras.Input((3, 9)), keras.Input((8, 9))\n"
    "_, *states = layers.LSTM(16, return_state=True)(reader)\n"
    "h = layers.LSTM(16, return_sequences=True)(writer, initial_state=states)\n"
    "model = keras.Model([reader, writer], layers.Dense(9, activation='softmax')(h))\n"
    "model.compile('adam', 'sparse_categorical_crossentropy')\n"
    "model.fit([source, told], words, epochs=25)\n"
)


def facts(model, *, unigram=2.2, bigram=0.7, shifts=(None,), constant=(False,)):
    return DecodingFacts("dense", unigram, bigram, model, shifts, constant)


def judge(measured, layers=CHAINED, *, source=None, **words):
    return given.judge(
        "ARC106",
        outcome=given.outcome(decoding=(measured,)),
        model=given.model(*layers),
        progress=given.progress(**{"skill": 0.2} | words),
        fit=given.fit(place=Place("train.py", 10)),
        scripts={"train.py": Script.parse(source, "train.py")} if source else {},
    )


def test_a_table_of_pairs_that_knows_more_than_the_network():
    (found,) = judge(facts(1.8))
    assert (found.severity, found.location.line) == ("error", 7)
    assert found.evidence["loss_of_pairs"].value == 0.7
    # On its way, with a little missing.
    for loss, severity in ((0.9, "warning"), (1.1, "error")):
        found = judge(facts(loss), skill=0.7, signal=None)
        assert [one.severity for one in found] == [severity]


def test_a_constant_is_no_better_than_one_vector_again():
    measured = facts(1.8, shifts=(None, None), constant=(False, True))
    (found,) = judge(measured, (READER, WRITER), source=SOURCE)
    assert (found.severity, found.location.line) == ("error", 4)


@pytest.mark.parametrize(
    ("measured", "layers"),
    [
        (facts(0.3), CHAINED),
        (facts(2.2, bigram=2.1), CHAINED),
        (facts(1.8, shifts=(None, 1), constant=(False, False)), CHAINED),
        (facts(1.8), (READER, WRITER)),
        (facts(1.8), (WRITER, LayerFacts("repeat", "RepeatVector", {}))),
    ],
    ids=["learns", "nothing to be told", "taught", "no decoder", "nothing reads it"],
)
def test_decoders_that_need_not_be_told_or_are_told(measured, layers):
    assert not judge(measured, layers)


def test_targets_that_are_not_moved_on_are_a_leak():
    measured = facts(0.01, shifts=(None, 0), constant=(False, False))
    source = SOURCE.replace("[source, told]", "[source, words]")
    (found,) = judge(measured, (READER, WRITER), source=source)
    assert found.severity == "error"
    assert "Input 1 of the model is its targets" in found.message
    assert found.location.line == 10
    # An autoencoder has them for its only input.
    assert not judge(facts(0.01, shifts=(0,)), (READER, WRITER))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("", ""), 4),
        (("[source, told]", "[source, words]"), 10),
        (("np.zeros_like(words)", "np.full((9, 8, 9), 1)"), 4),
    ],
)
def test_the_source_shows_what_a_decoder_reads(suspected, change, line):
    found = suspected("ARC106", SOURCE.replace(*change))
    assert [(one.severity, one.location.line) for one in found] == [("warning", line)]


@pytest.mark.parametrize(
    "change",
    [
        ("np.zeros_like(words)\n", "np.zeros_like(words)\ntold[:, 1:] = words[:, :-1]\n"),
        ("np.zeros_like(words)", "np.load('told.npy')"),
        ("'sparse_categorical_crossentropy'", "'mse'"),
        (", initial_state=states", ""),
    ],
    ids=["moved on", "loaded", "numbers", "no decoder"],
)
def test_decoders_that_may_be_taught_are_left_alone(suspected, change):
    assert not suspected("ARC106", SOURCE.replace(*change))
