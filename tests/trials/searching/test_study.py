"""The search in a world where a script's score is a function of its settings."""

from __future__ import annotations

import sys

import pytest

from unstuck.errors import MissingExtraError
from unstuck.record import Diagnosis, Finding, Tool
from unstuck.trials import cure as curing
from unstuck.trials import proof as proving
from unstuck.trials import search as searching
from unstuck.trials.change import UNKNOWN, together
from unstuck.trials.cure import cure
from unstuck.trials.journal import Journal
from unstuck.trials.lab import Lab
from unstuck.trials.score import EXPLAINED, Compared
from unstuck.trials.search import Found, Tried
from unstuck.trials.searching import study as studying
from unstuck.trials.searching.knob import KNOBS
from unstuck.trials.searching.setting import as_one, point, settings
from unstuck.trials.searching.study import MOST_ASKED, Study, require
from unstuck.trials.trial import Ran
from unstuck.trials.version import Version

SICK = """\
import keras
from keras import layers

model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(8), layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
model.fit(
    x, y, epochs=20, validation_split=0.25, callbacks=[keras.callbacks.ReduceLROnPlateau()]
)
"""
CONTROL = Ran(0, 1.0, SICK)
NAMES = ("learning_rate", "units", "dropout")


class World:
    """Runs texts as if they were scripts; ``score`` takes the settings and whether it is whole."""

    jobs = 2

    def __init__(self, score, trains=0.95):
        self.score = score
        self.ran = []
        self.trains = trains

    def map(self, trials, limit):
        for trial in trials:
            self.ran.append(trial.text)
            yield trial, Ran(0, 1.0, trial.text, b"x")

    def scored(self, ran):
        return self.score(**point(ran.output, NAMES), whole="epochs=20" in ran.output)

    def compared(self, treated, control):
        ours = self.scored(treated)
        if ours is None:  # it failed
            return None
        return Compared(EXPLAINED, "validation", ours, self.scored(control))

    def diagnosis(self, ran):
        verdict = "healthy" if (self.scored(ran) or 0) >= self.trains else "stuck"
        return Diagnosis(Tool("0"), "train.py", (), (), verdict, "")


@pytest.fixture
def live(monkeypatch):
    def enter(world):
        monkeypatch.setattr(studying, "compared", world.compared)
        monkeypatch.setattr(searching, "diagnosis", world.diagnosis)
        return world

    return enter


def found(world, base=None, findings=(), journal=None, reserve=-1.0):
    lab = Lab(world, journal or Journal(), "here")
    base = base or Found(Version(SICK), (), ())
    return Study(lab, base, CONTROL, findings, hold_out=False).run(reserve)


def both(learning_rate, units, dropout, whole):
    """Needs a higher rate and more units; either alone brings nothing."""
    return 0.96 if learning_rate >= 3e-3 and units >= 16 else 0.1


def test_settings_that_train_only_together_are_found(live):
    world = live(World(both))
    result = found(world)
    made = point(result.version.text, NAMES)
    assert both(**made, whole=True) == 0.96
    assert result.trains
    assert together(Version(SICK), result.changes) == result.version
    assert len(world.ran) < 2 * MOST_ASKED


def test_the_first_settings_are_the_scripts_own(live):
    world = live(World(both))
    found(world)
    assert world.ran[0] == SICK.replace("epochs=20", "epochs=5")
    assert SICK in world.ran


def test_what_helped_alone_is_tried_together_first(live):
    world = live(World(lambda **values: 0.1))
    tried = []
    for values in ({"learning_rate": 1e-2}, {"units": 32}):
        (setting,) = settings(SICK, values)
        pair = Compared(EXPLAINED, "validation", 0.4, 0.1)
        tried.append(Tried(setting, (), pair, CONTROL))
    found(world, Found(Version(SICK), (), tuple(tried)))
    expected = as_one(SICK, settings(SICK, {"learning_rate": 1e-2, "units": 32})).after
    assert world.ran[1] == expected.replace("epochs=20", "epochs=5")


def test_nothing_is_asked_twice_and_the_same_results_lead_to_the_same_search(live, tmp_path):
    world = live(World(lambda learning_rate, units, dropout, whole: units / 100))
    first = found(world, journal=Journal(tmp_path / "journal"))
    assert len(world.ran) == len(set(world.ran))
    count = len(world.ran)
    again = found(world, journal=Journal(tmp_path / "journal"))
    assert len(world.ran) == count, "all of it is in the journal"
    assert again.version == first.version
    assert [one.change.after for one in again.tried] == [one.change.after for one in first.tried]


def test_what_is_behind_after_a_quarter_is_not_run_to_its_end(live):
    world = live(World(lambda learning_rate, units, dropout, whole: dropout))
    result = found(world)
    cut = [one for one in result.tried if one.cut]
    assert cut
    assert all(one.compared is None and one.change.after not in world.ran for one in cut)
    assert point(result.version.text, NAMES)["dropout"] == 0.5


def test_of_those_that_bring_as_much_the_one_with_the_fewest_settings_is_taken(live):
    world = live(World(lambda learning_rate, units, dropout, whole: 0.5 if units > 8 else 0.1))
    result = found(world)
    counts = [
        len(settings(SICK, point(one.change.after, KNOBS)))
        for one in result.tried
        if one.gain > 0.3
    ]
    assert len(result.changes) == min(counts)
    assert max(counts) > min(counts)
    assert point(result.version.text, NAMES)["units"] > 8


def test_the_proof_drops_the_settings_that_bring_nothing(live, monkeypatch):
    world = live(World(both))
    monkeypatch.setattr(proving, "compared", world.compared)
    monkeypatch.setattr(searching, "compared", world.compared)
    monkeypatch.setattr(curing, "diagnosis", world.diagnosis)
    assert not cure(Lab(world, Journal(), "one"), SICK, "t.py", 3, 1e6).changes
    cured = cure(Lab(world, Journal(), "two"), SICK, "t.py", 3, 1e6, search=True)
    assert cured.cured
    assert {part.knob for part in cured.changes} == {"learning_rate", "units"}
    assert cured.proof.gain == pytest.approx(0.86)
    assert [proof.gain for proof in cured.necessary.values()] == pytest.approx([0, 0])


def test_a_run_that_fails_has_learned_nothing(live):
    world = live(World(lambda learning_rate, **rest: None if learning_rate > 1e-3 else 0.3))
    result = found(world)
    assert result.changes == ()


def test_settings_answer_the_findings_that_they_are_for():
    low = Finding("OPT102", "n", "lr_too_low", "error", "observed", 0.9, "Why.")
    parts = settings(SICK, {"learning_rate": 0.01, "units": 16}, [low])
    assert [part.code for part in parts] == ["OPT102", UNKNOWN]


def test_time_for_the_proof_is_left(live):
    world = live(World(both))
    result = found(world, reserve=float("inf"))
    assert world.ran == []
    assert result == Found(Version(SICK), (), ())


def test_a_script_without_settings_is_not_searched(live):
    world = live(World(both))
    assert found(world, Found(Version("print(3)"), (), ())).changes == ()
    assert world.ran == []


def test_a_missing_package_names_its_extra(monkeypatch):
    require()
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"unstuck\[search\]"):
        require()
