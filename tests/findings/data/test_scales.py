"""DAT102 and DAT103: inputs and targets far from zero and one."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.observe.outcome import DriveFacts

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(size=(64, 5, 2))


def drive(saturated: float = 0.0, strength: float = 1.0) -> tuple[DriveFacts, ...]:
    return (DriveFacts("lstm", saturated, strength, 0.5, 0.5),)


@pytest.mark.parametrize(
    ("x", "drives", "found"),
    [
        (NORMAL, drive(), False),
        (NORMAL * 50 + 1000, drive(saturated=0.9, strength=800), True),
        (NORMAL * 50 + 1000, None, True),
        (NORMAL * [1, 2000], drive(strength=900, saturated=0.5), True),
        (NORMAL * [1, 1e-4], drive(), True),
        (NORMAL * [1, 10], drive(strength=5), False),
        (NORMAL * 1e-4, drive(strength=1e-4), True),
        (NORMAL * 2, None, False),
        # Weights of spread 20, or of zero, are no fault of inputs of unit size.
        (NORMAL, drive(saturated=0.9, strength=28), False),
        (NORMAL, drive(strength=0.0), False),
    ],
)
def test_inputs_that_keep_the_gates_from_learning(written, cell, x, drives, found):
    words = {"x": x, "drives": drives, "layers": (cell(inputs=("x",)),)}
    findings = written.judge("DAT102", **words)
    assert [one.severity for one in findings] == ["error"] * found
    # A run that learns, or data in which there is nothing to learn, are no error.
    assert not written.judge("DAT102", skill=0.97, **words)
    unsure = written.judge("DAT102", signal=-0.01, **words)
    assert [one.severity for one in unsure] == ["warning"] * found


@pytest.mark.parametrize("kind", ["Normalization", "BatchNormalization", "Embedding", "Rescaling"])
def test_a_layer_in_front_takes_the_scale_out(written, cell, kind):
    layers = (cell(kind, inputs=("x",)), cell(inputs=(kind.lower(),)))
    assert not written.judge("DAT102", x=NORMAL * 50 + 1000, layers=layers)


def test_the_evidence_is_that_of_the_data(written, cell):
    x = NORMAL * 50 + 1000
    (found,) = written.judge("DAT102", x=x, drives=drive(0.9), layers=(cell(inputs=("x",)),))
    assert found.evidence["input_mean"].value == pytest.approx(x.mean(), rel=1e-5)
    assert found.evidence["input_spread"].value == pytest.approx(x.std(), rel=1e-5)
    assert found.evidence["saturated_at_start"].value == 0.9


TARGET = RNG.normal(size=64)


@pytest.mark.parametrize(
    ("y", "words", "found"),
    [
        (48000 + 900 * TARGET, {}, True),
        (200 * TARGET, {}, True),
        (5 + 0.01 * TARGET, {}, True),
        (TARGET, {}, False),
        (3 * TARGET + 2, {}, False),
        (np.where(np.arange(64) == 7, 4000.0, TARGET), {}, False),  # one outlier
        (np.where(np.arange(64) % 4 == 0, 4000.0, 0.0), {}, True),  # a quarter is none
        (48000 + 900 * TARGET, {"skill": 0.97}, False),
        (48000 + 900 * TARGET, {"activation": "sigmoid"}, False),
        (48000 + np.arange(64) % 3, {"loss": "sparse_categorical_crossentropy"}, False),
    ],
)
def test_targets_out_of_reach(written, y, words, found):
    findings = written.judge("DAT103", y=y, **words)
    assert [one.severity for one in findings] == ["error"] * found
    for finding in findings:
        assert finding.evidence["target_mean"].value == pytest.approx(y.mean(), rel=1e-5)
        assert finding.evidence["target_spread"].value == pytest.approx(y.std(), rel=1e-5)
