"""DAT104 and DAT106: one class for all, and nothing to learn."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply

SOURCE = "import keras\nmodel = keras.Sequential([])\nmodel.fit(x, y, epochs=3)\n"
RARE = (np.arange(200) % 20 == 0).astype(float)
ACTUAL = {"0": 190, "1": 10}


def words(recall: dict[str, float], actual: dict[str, int] = ACTUAL, **more: object):
    labels = {"predictions": {"actual": actual, "recall": recall}, "lines": {"fit": 3}}
    return {"y": RARE, "loss": "binary_crossentropy", "source": SOURCE, **labels, **more}


def test_the_majority_for_every_sample(written):
    (found,) = written.judge("DAT104", **words({"0": 1.0, "1": 0.0}))
    assert (found.severity, found.location.line) == ("error", 3)
    assert found.evidence["majority_share"].value == pytest.approx(0.95)
    # 190 right of 200.
    assert found.evidence["accuracy"].value == pytest.approx(0.95)
    assert found.evidence["worst_recall"].value == 0
    cured = apply(SOURCE, found.treatments[0].edits)
    assert "model.fit(x, y, epochs=3, class_weight={0: 1.0, 1: 19.0})" in cured


def test_weights_that_are_given_stay(written):
    given = words({"0": 1.0, "1": 0.0}, fit={"class_weight": {"0": 1.0, "1": 2.0}})
    (found,) = written.judge("DAT104", **given)
    assert found.treatments[0].edits == ()


@pytest.mark.parametrize(
    ("recall", "actual"),
    [
        ({"0": 0.99, "1": 0.8}, ACTUAL),
        ({"0": 1.0, "1": 0.0}, {"0": 100, "1": 100}),
        # Two samples say nothing about a class.
        ({"0": 1.0, "1": 0.0}, {"0": 190, "1": 2}),
    ],
)
def test_classes_that_are_found_or_alike_are_left_alone(written, recall, actual):
    assert not written.judge("DAT104", **words(recall, actual))


def test_without_signal_it_is_a_warning(written):
    (found,) = written.judge("DAT104", **words({"0": 1.0, "1": 0.0}, signal=-0.01))
    assert found.severity == "warning"


def test_a_run_that_had_its_chance_on_noise(written):
    moved = {"losses": np.full(400, 0.69), "update": 0.05}
    (found,) = written.judge("DAT106", skill=0.01, held_out=-0.02, signal=-0.01, **moved)
    assert (found.severity, found.evidence["control_score"].value) == ("error", -0.01)
    # The weights stood still, the control finds something, or the network does.
    assert not written.judge("DAT106", skill=0.01, held_out=-0.02, signal=-0.01, update=1e-6)
    assert not written.judge("DAT106", skill=0.01, held_out=-0.02, signal=0.4, **moved)
    assert not written.judge("DAT106", skill=0.5, held_out=0.4, signal=-0.01, **moved)
    assert not written.judge("DAT106", skill=0.01, held_out=-0.02, signal=None, **moved)
