"""The published thresholds, each just below and just above, on fits that are made up."""

from __future__ import annotations

import numpy as np
import pytest
from clinic.baselines import BASELINES, AutoTrainer, DeepDiagnosis, DeepLocalize, Umlaut
from clinic.baselines.symptoms import Fit, fits
from clinic.rivals import rival_scores
from clinic.scores import Share
from tests.clinic.answers import case

from unstuck.case.facts import (
    ArrayFacts,
    CompileFacts,
    HeadFacts,
    LayerFacts,
    LossFacts,
    ModelFacts,
    OptimizerFacts,
)
from unstuck.findings.registry import rules
from unstuck.observe.recording import Recording

STEPS = 8
LAYERS = (
    LayerFacts("lstm", "LSTM", {}),
    LayerFacts("dropout", "Dropout", {"rate": 0.5}),
    LayerFacts("softmax", "Dense", {}),
)
COLUMNS = ("gradient_norm", "weight_norm", "update_norm")


def array(minimum=-1.0, maximum=1.0, nonfinite=0):
    return ArrayFacts(
        "x", "input", (9, 3, 2), "float32", 9, True, False, nonfinite, None,
        minimum, maximum, 0.0, 1.0, 1.0,
    )  # fmt: skip


def columns(gradient=(1.0, 1.0), weight=(1.0, 1.0), update=(1e-3, 1e-3)):
    values = zip(COLUMNS, (gradient, weight, update), strict=True)
    return {name: np.tile(np.array(one, float), (STEPS, 1)) for name, one in values}


def fit(loss="categorical_crossentropy", activation="softmax", layers=LAYERS, **changes):
    head = HeadFacts("y", "softmax", "Dense", activation, (None, 3))
    given = {
        "loss": np.linspace(1, 0.5, STEPS),
        "rate": np.full(STEPS, 0.01),
        "columns": columns(),
        "watched": (
            {"layer": "lstm", "weight": "kernel"},
            {"layer": "softmax", "weight": "kernel"},
        ),
        "epochs": ({"accuracy": 0.5, "val_accuracy": 0.5}, {"accuracy": 0.7, "val_accuracy": 0.95}),
        "model": ModelFacts("m", "sequential", layers, (head,), 1, 1),
        "compiled": CompileFacts(OptimizerFacts("adam", {}), (LossFacts("y", loss),)),
        "inputs": (array(),),
        "xrays": (),
    }
    return Fit(**{**given, **changes})


def words(baseline, one):
    return [symptom.words for symptom in baseline.symptoms(one)]


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda baseline: baseline.name)
def test_a_fit_at_the_thresholds_has_no_symptom(baseline):
    assert words(baseline, fit()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate": np.full(STEPS, 0.011)}, "learning rate is high"),
        ({"rate": np.full(STEPS, 0.9e-7)}, "learning rate is low"),
        ({"inputs": (array(maximum=1.1),)}, "input exceeds -1 to 1"),
        ({"inputs": (array(nonfinite=1),)}, "NaN in the input"),
        ({"epochs": ({"val_accuracy": 0.96},)}, "validation accuracy is suspiciously high"),
        ({"layers": (*LAYERS, LayerFacts("d", "Dropout", {"rate": 0.6}))}, "dropout is very high"),
        ({"layers": LAYERS[:2]}, "missing softmax before the loss"),
    ],
)
def test_umlaut(changes, said):
    assert words(Umlaut(), fit(**changes)) == [said]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"columns": columns(gradient=(0.9e-4, 1.0))}, "vanishing gradient"),
        ({"columns": columns(gradient=(71.0, 1.0))}, "exploding gradient"),
        ({"columns": columns(gradient=(np.nan, 1.0))}, "exploding gradient"),
        ({"columns": columns(gradient=(0.0, 0.0))}, "dying ReLU"),
        ({"loss": "mean_squared_error"}, "improper loss or last activation"),
        ({"activation": "sigmoid"}, "improper loss or last activation"),
        ({"epochs": ({"accuracy": 0.7}, {"accuracy": 0.6})}, "oscillating loss"),
        ({"epochs": ({"accuracy": 0.5}, {"accuracy": 0.505})}, "slow convergence"),
    ],
)
def test_autotrainer(changes, said):
    # A string names the loss function; the losses of the steps are not looked at.
    assert words(AutoTrainer(), fit(**changes)) == [said]


def test_autotrainer_wants_a_sigmoid_for_two_classes():
    assert words(AutoTrainer(), fit(loss="binary_crossentropy", activation="sigmoid")) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"columns": columns(gradient=(0.9e-7, 1.0))}, "vanishing gradient"),
        ({"columns": columns(update=(0.11, 1e-3))}, "updates too large for the weights"),
        ({"columns": columns(update=(0.9e-5, 1e-3))}, "updates too small for the weights"),
    ],
)
def test_deepdiagnosis(changes, said):
    assert words(DeepDiagnosis(), fit(**changes)) == [said]


def test_deepdiagnosis_sees_a_loss_that_is_no_number():
    one = fit()
    broken = Fit(**{**vars(one), "loss": np.array([1.0, np.nan])})
    assert words(DeepDiagnosis(), broken) == ["numerical error in the loss"]


def test_deeplocalize_wants_five_in_a_row_of_a_dense_layer():
    still = columns()
    still["update_norm"][1:6, 1] = 0
    assert words(DeepLocalize(), fit(columns=still)) == ["a layer's numbers do not change"]
    still["update_norm"][3, 1] = 1
    assert words(DeepLocalize(), fit(columns=still)) == []
    of_lstm = columns(update=(0.0, 1e-3))
    assert words(DeepLocalize(), fit(columns=of_lstm)) == []


def test_deeplocalize_sees_zeros_and_numbers_that_are_none():
    assert words(DeepLocalize(), fit(columns=columns(weight=(1.0, 0.0))))
    assert words(DeepLocalize(), fit(columns=columns(weight=(1.0, np.inf)))) == ["NaN or infinity"]


def test_symptoms_mean_causes_that_exist():
    known = {rule.cause for rule in rules()}
    broken = [
        fit(columns=columns(gradient=(1e-9, 99.0), update=(1.0, 1e-9)), loss="mean_squared_error"),
        fit(rate=np.full(STEPS, 1.0), inputs=(array(0, 9, 1),), layers=LAYERS[:1]),
        fit(rate=np.full(STEPS, 1e-9), columns=columns(gradient=(0.0, 0.0), update=(0.0, 0.0))),
    ]
    said = [s for one in broken for baseline in BASELINES for s in baseline.symptoms(one)]
    assert len({symptom.words for symptom in said}) >= 10
    assert {cause for symptom in said for cause in symptom.causes} <= known


@pytest.fixture
def recording(tmp_path):
    """One fit with a rate of 1 and no other fault, as the tool writes it."""
    path = tmp_path / "recording.db"
    kept = Recording(path)
    number, one = kept.start_fit(), fit()
    kept.fact(number, "columns", list(COLUMNS))
    kept.fact(number, "watched", list(one.watched))
    for name, value in (("model", one.model), ("compile", one.compiled)):
        kept.fact(number, name, value)
    values = np.stack([one.columns[name] for name in COLUMNS], axis=-1).reshape(STEPS, -1)
    rows = np.c_[one.loss, np.full(STEPS, 1.0), values]
    kept.steps(number, 0, rows)
    kept.epoch(number, 0, STEPS, {"accuracy": 0.5})
    kept.start_fit()
    kept.close()
    return path


def test_a_recording_gives_the_measurements_back(recording):
    (seen,) = fits(recording)
    np.testing.assert_allclose(seen.loss, fit().loss, rtol=1e-6)
    np.testing.assert_allclose(seen.kernels("update_norm", "Dense"), np.full((STEPS, 1), 1e-3))
    assert seen.epochs == ({"accuracy": 0.5},)
    assert words(Umlaut(), seen) == ["learning rate is high"]


def test_baselines_are_judged_by_what_their_symptoms_could_mean(recording):
    cases = [case("a"), case("b", ("dead_units",)), case("c", ())]
    (umlaut, *_) = rival_scores([(one, recording) for one in cases])
    assert umlaut.first == umlaut.any == Share(1, 2)
    assert umlaut.precision == Share(1, 3)
    assert umlaut.alarms == Share(1, 1)
