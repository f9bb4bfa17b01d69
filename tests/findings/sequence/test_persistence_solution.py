"""SEQ104: forecasts no better than the last value."""

from __future__ import annotations

import pytest
from tests.findings import standins as given

from unstuck.findings.verdict import verdict
from unstuck.observe.outcome import AlignmentFacts, SignalFacts

NEXT = AlignmentFacts("dense", 0, 1, True)


def judge(loss, *, naive=0.05, control=0.95, held=None, alignment=NEXT, name="mse", falling=0.0):
    """A run with one constant of loss 1 and a repetition of loss 0.05, or what is given."""
    measured = given.outcome(
        signal=(SignalFacts("dense", control, 0.0, 600),),
        alignments=(alignment,) if alignment else (),
    )
    validation = held and given.result("validation", loss=held[0], naive_forecast=held[1])
    outputs = (
        given.output(
            name, train=given.result(loss=loss, naive_forecast=naive), validation=validation
        ),
    )
    words = given.progress(skill=1 - loss, signal=control, falling=falling)
    return given.judge("SEQ104", outcome=measured, outputs=outputs, progress=words)


@pytest.mark.parametrize("loss", [0.049, 0.05, 0.2])
def test_a_random_walk_has_nothing_better_to_offer(loss):
    (found,) = judge(loss)
    assert found.severity == "warning"
    assert "no control does better" in found.message
    assert found.evidence["loss_over_repetition"].value == pytest.approx(loss / 0.05, rel=1e-4)
    # It learns, but the score fools its reader.
    assert verdict(given.progress(skill=1 - loss), (found,)) == "misleading"


def test_a_repetition_where_more_is_known_is_an_error():
    (found,) = judge(0.05, control=0.99)
    assert found.severity == "error"
    assert "99.0%" in found.message


@pytest.mark.parametrize(
    "words",
    [
        {"loss": 0.04},
        # On its way to something better, and crossing that line only.
        {"loss": 0.07, "control": 0.99, "falling": 0.1},
        {"loss": 0.05, "control": 0.99, "falling": 0.1},
        # The rest of the data shows that it is better.
        {"loss": 0.05, "held": (0.03, 0.05)},
        {"loss": 0.049, "held": (0.046, 0.05)},
        # A repetition that says nothing, or a network that learned nothing.
        {"loss": 0.5, "naive": 0.9, "control": 0.5},
        {"loss": 0.95},
        # No forecast: a target that only goes along with the last input.
        {"loss": 0.05, "alignment": None},
        {"loss": 0.05, "alignment": AlignmentFacts("dense", 0, 0, True)},
        {"loss": 0.05, "naive": None},
    ],
)
def test_forecasts_that_say_more_are_left_alone(words):
    assert not judge(**words)


def test_at_rest_and_worse_than_a_repetition_is_worth_a_warning():
    (found,) = judge(0.07, control=0.99)
    assert found.severity == "warning"
    assert "99.0%" in found.message


def test_the_rest_of_the_data_tells_what_was_remembered():
    assert judge(0.046, held=(0.05, 0.05))
    assert not judge(0.046)


def test_absolute_losses_are_compared_as_variances():
    # A repetition with 0.3 of the mean absolute error leaves about 0.09 of the variance.
    assert [f.severity for f in judge(0.3, naive=0.3, control=0.9, name="mae")] == ["warning"]
    assert [f.severity for f in judge(0.3, naive=0.3, control=0.95, name="mae")] == ["error"]
