"""DAT107: targets, inputs and columns that do not vary."""

from __future__ import annotations

import pytest
from tests.findings import standins as given

ONES = {"minimum": 1.0, "maximum": 1.0, "features": (given.feature(1.0, 0.0, distinct=1),)}
STILL = given.feature(7.0, 0.0, distinct=1)


def test_a_constant_target_is_all_there_is_to_say():
    outputs = (given.output(target=given.array("target", "dense", **ONES)),)
    (found,) = given.judge("DAT107", inputs=(given.array(),), outputs=outputs)
    assert (found.severity, found.location.line) == ("error", 3)
    assert "is 1 for every sample" in found.message


def test_one_class_in_one_hot_rows_is_constant_too():
    hot = (given.feature(0.0, 0.0, distinct=1), given.feature(1.0, 0.0, distinct=1))
    target = given.array("target", "dense", shape=(64, 2), minimum=0.0, maximum=1.0, features=hot)
    (found,) = given.judge(
        "DAT107", inputs=(given.array(),), outputs=(given.output(target=target),)
    )
    assert found.severity == "error"


@pytest.mark.parametrize("told", [{"custom": True}])
def test_the_users_own_loss_may_not_read_its_target(told):
    outputs = (given.output(target=given.array("target", "dense", **ONES), **told),)
    assert not given.judge("DAT107", inputs=(given.array(),), outputs=outputs)


@pytest.mark.parametrize(
    ("outputs", "severity"),
    [
        # Of a stream only some batches were seen, and another output may vary.
        ([given.array("target", "dense", **ONES, complete=False)], "warning"),
        ([given.array("target", "dense", **ONES), given.array("target", "other")], "warning"),
    ],
)
def test_what_is_not_all_is_a_warning(outputs, severity):
    made = tuple(given.output(target=target) for target in outputs)
    found = given.judge("DAT107", inputs=(given.array(),), outputs=made)
    assert [one.severity for one in found] == [severity]


def test_inputs_that_are_all_the_same():
    same = given.array(features=(STILL, given.feature(2.0, 0.0)), minimum=2.0, maximum=7.0)
    (found,) = given.judge("DAT107", inputs=(same,), outputs=(given.output(),))
    assert found.severity == "error"
    # Beside an input that varies, it does no harm.
    found = given.judge("DAT107", inputs=(same, given.array()), outputs=(given.output(),))
    assert not found


def test_one_column_is_a_note():
    array = given.array(features=(given.feature(), STILL))
    (found,) = given.judge("DAT107", inputs=(array,), outputs=(given.output(),))
    assert found.severity == "note"
    assert found.message == "Column 1 of the input never changes (1 of 2)."
    assert found.evidence["first_constant_column"].value == 1


@pytest.mark.parametrize(
    "array",
    [given.array(), given.array(read=4, minimum=1.0, maximum=1.0), given.array(minimum=None)],
)
def test_other_data_are_left_alone(array):
    assert not given.judge("DAT107", inputs=(array,), outputs=(given.output(),))
