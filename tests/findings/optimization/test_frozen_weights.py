"""OPT105: weights that cannot learn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.findings.xrayed import both, site

from unstuck.case.edits import apply
from unstuck.case.facts import ModelFacts
from unstuck.findings.evidence import Evidence
from unstuck.observe.outcome import DriveFacts

HEAD = "import keras\nfrom keras import layers\n"
PLAIN = HEAD + "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
END = "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
GIVEN = (
    HEAD + "model = keras.Sequential([layers.LSTM(4, trainable=False), layers.Dense(1)])\n" + END
)


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (GIVEN, 3),
        (PLAIN + "model.layers[0].trainable = False\n" + END, 4),
        (PLAIN + "model.trainable = False\n" + END, 4),
        (PLAIN + "for layer in model.layers[:-1]:\n    layer.trainable = False\n" + END, 5),
        (
            HEAD + "cell = layers.Bidirectional(layers.LSTM(4))\ncell.trainable = False\n"
            "model = keras.Sequential([cell, layers.Dense(1)])\n" + END,
            4,
        ),
    ],
)
def test_what_the_source_shows_and_its_cure(suspected, script, line):
    (finding,) = suspected("OPT105", script)
    assert (finding.severity, finding.level) == ("warning", "suspected")
    assert finding.location.line == line
    edited = apply(script, finding.treatments[0].edits)
    assert not suspected("OPT105", edited)


@pytest.mark.parametrize(
    "script",
    [
        PLAIN + END,
        PLAIN + "model.load_weights('w.h5')\nmodel.layers[0].trainable = False\n" + END,
        HEAD + "base = keras.models.load_model('m.keras')\nbase.trainable = False\n"
        "model = keras.Sequential([base, layers.Dense(1)])\n" + END,
        # A head is replaced after a first training.
        PLAIN + END + "model.layers[0].trainable = False\n" + END,
        HEAD + "model = keras.Sequential([layers.Embedding(9, 4, weights=[w], trainable=False),\n"
        "    layers.LSTM(4), layers.Dense(1)])\n" + END,
        HEAD + "model = keras.Sequential([layers.Embedding(9, 4, trainable=False),\n"
        "    layers.LSTM(4), layers.Dense(1)])\n" + END,
        PLAIN + "model.layers[0].trainable = tuned\n" + END,
    ],
)
def test_fine_tuning_is_left_alone(suspected, script):
    assert not suspected("OPT105", script)


def frozen(cell, **changes):
    lstm = dataclasses.replace(cell(line=3, units=4, trainable=False), parameters=96)
    return (dataclasses.replace(lstm, trainable=False, **changes), cell("Dense", units=1))


UNTOUCHED = both(site(weights={"recurrent_scale": 1.00000003}))
TRAINED = both(site(weights={"recurrent_scale": 1.21, "forget_bias": 1.3}))


@pytest.mark.parametrize(
    ("xrays", "source", "severities"),
    [
        (UNTOUCHED, GIVEN, ["error"]),
        ((), GIVEN, ["error"]),
        (TRAINED, GIVEN, ["warning"]),
        ((), GIVEN + "model.load_weights('w.h5')\n", ["warning"]),
        # The weights tell more than the words around them.
        (UNTOUCHED, GIVEN + "model.load_weights('w.h5')\n", ["error"]),
    ],
)
def test_a_recurrent_layer_that_is_frozen(written, cell, xrays, source, severities):
    words = {"layers": frozen(cell), "xrays": xrays, "source": source}
    found = written.judge("OPT105", **words)
    assert [one.severity for one in found] == severities
    assert (found[0].location.line, found[0].location.layer) == (3, "lstm")
    assert "LSTM(4, trainable=True)" in apply(source, found[0].treatments[0].edits)
    assert not written.judge("OPT105", skill=0.95, **words)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (
            HEAD + "cell = layers.LSTM(4)\nencoder = keras.Sequential([cell])\n"
            "encoder.trainable = False\n",
            5,
        ),
        # Which of several it was, the source does not say.
        (HEAD + "cell = layers.LSTM(4)\na.trainable = False\nb.trainable = False\n", 3),
    ],
)
def test_it_is_where_the_model_around_it_is_told_not_to_learn(written, cell, source, line):
    (found,) = written.judge("OPT105", layers=frozen(cell), source=source)
    assert found.location.line == line


def test_a_frozen_embedding_is_fine_tuning(written, cell):
    embedding = dataclasses.replace(cell("Embedding"), parameters=36, trainable=False)
    layers = (embedding, dataclasses.replace(cell(), parameters=96))
    assert not written.judge("OPT105", layers=layers)


def test_nothing_is_trainable(written, cell):
    with written.evidence(layers=frozen(cell)) as evidence:
        model = dataclasses.replace(evidence.model, trainable_parameters=0)
        assert [one.severity for one in judged(evidence, model)] == ["error"]
    with written.evidence(layers=frozen(cell), skill=0.9) as evidence:
        assert [one.severity for one in judged(evidence, model)] == ["warning"]
        empty = dataclasses.replace(model, parameters=0)
        assert not judged(evidence, empty)


def judged(evidence: Evidence, model: ModelFacts):
    from unstuck.findings.registry import rule

    evidence.__dict__["model"] = model
    return list(rule("OPT105").judge(evidence))


def cut(cell, kind: str = "Lambda", **changes):
    between = dataclasses.replace(cell(kind, "between", line=4, inputs=("lstm",)), **changes)
    return (cell(line=3), between, cell("Dense", name="dense", inputs=("between",)))


MISSING = {"gradient": np.nan, "nonfinite": np.nan, "update": 0.0}


@pytest.mark.parametrize("none", [MISSING, {"gradient": 0.0, "update": 0.0}])
@pytest.mark.parametrize(
    ("kind", "changes", "line"),
    [("Lambda", {}, 4), ("Quantize", {"stock": False}, 4), ("Dropout", {}, 3)],
)
def test_a_gradient_that_is_cut_off(written, cell, none, kind, changes, line):
    variables = {"lstm/kernel": none, "lstm/bias": none, "dense/kernel": {}}
    words = {"layers": cut(cell, kind, **changes), "variables": variables}
    (found,) = written.judge("OPT105", **words)
    assert (found.severity, found.location.line) == ("error", line)
    assert "No gradient reaches lstm" in found.message
    assert not written.judge("OPT105", skill=0.95, **words)


@pytest.mark.parametrize(
    "variables",
    [
        {"lstm/kernel": {}, "dense/kernel": {}},
        # One weight that rests is no layer that does.
        {"lstm/kernel": {"gradient": 0.0}, "lstm/bias": {}, "dense/kernel": {}},
        # Without any gradient at all, the loss has none.
        {"lstm/kernel": {"gradient": 0.0}, "dense/kernel": {"gradient": 0.0}},
        {"lstm/kernel": {}, "dense/kernel": {"gradient": 0.0}},
        {"lstm/kernel": {"gradient": np.r_[np.zeros(59), 1e-9]}, "dense/kernel": {}},
    ],
)
def test_gradients_that_are_not_cut_off(written, cell, variables):
    assert not written.judge("OPT105", layers=cut(cell), variables=variables)


def test_gates_that_start_jammed_have_another_cause(written, cell):
    none = {"gradient": 0.0, "update": 0.0}
    variables = {"lstm/kernel": none, "lstm/bias": none, "dense/kernel": {}}
    words = {"layers": cut(cell, "Dropout"), "variables": variables}
    assert written.judge("OPT105", drives=(DriveFacts("lstm", 0.2, 1.0, 0.5, 0.5),), **words)
    assert not written.judge("OPT105", drives=(DriveFacts("lstm", 1.0, 9.0, 0.5, 0.5),), **words)
