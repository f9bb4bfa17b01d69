"""OPT106: epochs that hold hardly an update."""

from __future__ import annotations

import pytest
from tests.findings import standins as given

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.findings.course import Course

SOURCE = (
    "import keras\nfrom keras import layers\n"
    "model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\n"
    "model.fit(x, y, batch_size=1024, epochs=20)\n"
)
FILE = "train.py"
SOUND = Course("Adam", 0.001, 0.001, 0.005, 1.1, None, None, 0.0, False)


def judge(size=1024, samples=2000, epochs=20, *, course=SOUND, **words):
    steps = epochs * -(-samples // size)
    return given.judge(
        "OPT106",
        fit=given.fit(batch_size=size, samples=samples, epochs=epochs, place=given.Place(FILE, 5)),
        progress=given.progress(**{"steps": steps, "travel": 0.1} | words),
        course=course,
        scripts={FILE: Script.parse(SOURCE, FILE)},
    )


def test_a_batch_of_half_the_samples():
    (found,) = judge()
    assert (found.severity, found.location.line) == ("error", 5)
    # 40 updates; 63 batches of 32 in 20 epochs would have been 1260.
    assert found.evidence["updates"].value == 40
    assert found.evidence["updates_with_usual_batches"].value == 1260
    assert "batch_size=32" in apply(SOURCE, found.treatments[0].edits)


def test_a_run_under_way_is_a_warning():
    assert [f.severity for f in judge(skill=0.4, falling=0.1)] == ["warning"]


@pytest.mark.parametrize(
    "words",
    [
        # Batches of the usual size would not have been enough either: the epochs are few.
        {"size": 128, "samples": 1024, "epochs": 1},
        {"size": 64, "samples": 128, "epochs": 10},
        # Many updates an epoch.
        {"size": 256, "samples": 20_000, "epochs": 2},
        {"skill": 0.95},
        {"size": 32, "samples": 100},
        {"epochs": 400, "travel": 3.0},
    ],
    ids=["one epoch", "few samples", "many batches", "learned", "usual", "long"],
)
def test_other_runs_are_left_alone(words):
    assert not judge(**words)


def test_a_rate_that_is_far_too_low_comes_first():
    slow = Course("Adam", 1e-6, 0.001, 5e-6, 1.0, None, None, 0.0, False)
    assert not judge(course=slow)


@pytest.mark.parametrize("size", ["len(x)", "x.shape[0]"])
def test_one_batch_for_all_is_seen_in_the_source(suspected, size):
    source = SOURCE.replace("1024", size)
    (found,) = suspected("OPT106", source)
    assert (found.severity, found.evidence["updates"].value) == ("note", 20)
    assert "batch_size=32" in apply(source, found.treatments[0].edits)
    assert not suspected("OPT106", source.replace("epochs=20", "epochs=2000"))


@pytest.mark.parametrize("size", ["64", "len(z)", "n", "x.shape[1]"])
def test_other_sizes_are_not(suspected, size):
    assert not suspected("OPT106", SOURCE.replace("1024", size))
