"""DAT110: a curve that is still steep, beside a network that knows its training data."""

from __future__ import annotations

import pytest
from tests.findings.rehearsed import rehearsals
from tests.findings.standins import judge, progress

from unstuck.findings.ranking import ranked
from unstuck.findings.registry import rule
from unstuck.observe.rehearsals.facts import LearningCurve

STEEP = (0.1, 0.35, 0.55)
FLAT = (0.4, 0.42, 0.43)


def found(scores=STEEP, error=0.01, **told):
    curve = LearningCurve((10, 20, 30), scores, (error,) * 2)
    given = {"skill": 0.95, "validation_skill": 0.1, "best_validation_skill": 0.2} | told
    return judge("DAT110", rehearsals=rehearsals(curve=curve), progress=progress(**given))


def test_a_steep_curve_beside_a_network_that_knows_its_data_asks_for_more_of_them():
    (finding,) = found()
    assert finding.severity == "error"
    assert finding.evidence["explained_by_control_of_20"].value == 0.35


@pytest.mark.parametrize(
    "told",
    [
        {"scores": FLAT},
        {"scores": (0.1, 0.4, 0.42)},  # it has flattened
        {"scores": (0.1, 0.12, 0.28)},  # a slow climb
        {"error": 0.12},  # by chance
        {"skill": 0.3},  # the training data are not known either
        {"validation_skill": 0.8},
        {"validation_skill": None},
        {"best_validation_skill": 0.7},  # stopping there is the answer
        {"diverged": True},
    ],
)
def test_otherwise_the_amount_of_data_is_left_alone(told):
    assert not found(**told)


def test_it_ranks_before_overfitting():
    (finding,) = found()
    other = rule("GEN101").found("It overfits.")
    assert [one.code for one in ranked([other, finding])] == ["DAT110", "GEN101"]
