"""OPT107, OPT108 and OPT109: judged by what short trials of copies gave."""

from __future__ import annotations

import dataclasses

import pytest
from tests.findings.rehearsed import rehearsals, trial
from tests.findings.standins import PLACE, compiled, fit, judge, progress

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.findings.course import Course
from unstuck.findings.optimization.tried import better_rate, gain

HEAD = "import keras\nfrom keras import layers\n"
MODEL = "model = keras.Sequential([keras.Input((9, 2)), layers.LSTM(4), layers.Dense(1)])\n"


def course(rate: float = 0.001, usual: float = 0.001) -> Course:
    return Course("Adam", rate, usual, None, None, None, None, 0.0, False)


def source(optimizer: str = "'adam'", fitted: str = "batch_size=32") -> str:
    end = f"model.compile(optimizer={optimizer}, loss='mse')\nmodel.fit(x, y, {fitted})\n"
    return HEAD + MODEL + end


def unsuited(
    own: float, adam: float | None, skill: float = 0.0, held: float = 0.8, **told: object
) -> list:
    trials = [trial("rates", own), trial("rates", own / 2, rate=1.0)]
    trials += [] if adam is None else [trial("adam", adam, held=held)]
    seen = progress(skill=skill, explained=skill, **told)
    return judge("OPT107", rehearsals=rehearsals(*trials), compiled=compiled(), progress=seen)


def test_an_optimizer_that_learns_at_no_rate_where_adam_does_is_unsuited():
    (finding,) = unsuited(0.05, 0.9)
    assert finding.severity == "error"
    assert finding.evidence["adam_skill"].value == 0.9
    assert finding.evidence["own_rate"].value == 0.01


@pytest.mark.parametrize(
    ("own", "adam", "told"),
    [
        (0.6, 0.9, {}),  # it learns at one of its rates
        (0.05, 0.2, {}),  # Adam learns hardly more
        (0.05, None, {}),  # nobody asked
        (0.05, 0.9, {"held": 0.0, "signal": 0.0}),  # Adam learned noise by heart
        (0.05, 0.9, {"skill": 0.8}),  # the training itself got there
        (0.05, 0.9, {"diverged": True}),  # steps that are too large are another matter
    ],
)
def test_otherwise_the_optimizer_is_left_alone(own, adam, told):
    assert not unsuited(own, adam, **told)


@pytest.mark.parametrize(
    ("optimizer", "found"),
    [
        ("'sgd'", True),
        ("keras.optimizers.SGD(0.1)", True),
        ("keras.optimizers.SGD(0.1, momentum=0.9)", False),
        ("'rmsprop'", False),
    ],
)
def test_plain_descent_on_a_recurrent_network_is_a_note(suspected, optimizer, found):
    seen = suspected("OPT107", source(optimizer))
    assert [one.severity for one in seen] == ["note"] * found
    if found:
        edited = apply(source(optimizer), seen[0].treatments[0].edits)
        assert not suspected("OPT107", edited)


def test_plain_descent_elsewhere_is_none_of_its_business(suspected):
    assert not suspected("OPT107", source("'sgd'").replace("layers.LSTM(4)", "layers.Flatten()"))


def going_on(before: float, tenth: float, large: float | None, **told: object):
    trials = [trial("as_it_was", before, **told), trial("tenth", tenth, rate=0.001)]
    trials += [] if large is None else [trial("large_batch", large, batch=8)]
    return rehearsals(*trials)


def judged(code: str, found, batch: int = 32, rate: float = 0.001, **told: object) -> list:
    compile_of_it = told.pop("compiled", compiled())
    return judge(
        code,
        rehearsals=found,
        course=course(rate),
        compiled=compile_of_it,
        fit=fit(batch_size=batch, **told),
        progress=progress(best=0.4, start=1.0),
    )


@pytest.mark.parametrize(
    ("batch", "rate", "named"),
    [
        (1, 0.001, "OPT108"),
        (1, 0.01, "OPT108"),
        (1, 0.1, "OPT109"),  # a rate of a hundred times the usual is further off
        (8, 0.03, "OPT109"),
        (32, 0.01, "OPT109"),
        (32, 0.001, "OPT109"),
    ],
)
def test_of_rate_and_batch_what_is_further_from_the_usual_is_named(batch, rate, named):
    found = going_on(0.5, 0.9, 0.9)
    for code in ("OPT108", "OPT109"):
        assert [one.severity for one in judged(code, found, batch, rate)] == ["error"] * (
            code == named
        )


def test_what_a_larger_batch_does_not_cure_is_no_fault_of_the_batch():
    found = going_on(0.5, 0.9, 0.5)
    assert not judged("OPT108", found, batch=1)
    assert judged("OPT109", found, batch=1)


@pytest.mark.parametrize(
    ("before", "tenth", "severity"),
    [(0.5, 0.9, "error"), (0.8, 0.9, "warning"), (0.9, 0.92, None), (0.9, 0.8, None)],
)
def test_severity_follows_the_share_that_settling_wins(before, tenth, severity):
    found = judged("OPT109", going_on(before, tenth, None))
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_gain_must_exceed_the_noise_and_hold_for_other_rows():
    before = trial("as_it_was", 0.5, spread=0.1)
    after = trial("tenth", 0.8)
    assert gain(after, before) == 0
    sure = dataclasses.replace(before, spread=0.01)
    assert gain(after, sure) == pytest.approx(0.3)
    by_heart = dataclasses.replace(after, held_out=0.6)
    assert gain(by_heart, sure) == 0
    assert gain(None, sure) == gain(after, None) == 0


@pytest.mark.parametrize(
    "told",
    [
        {"callbacks": ("ReduceLROnPlateau",)},
        {
            "compiled": dataclasses.replace(
                compiled(),
                optimizer=dataclasses.replace(compiled().optimizer, schedule="CosineDecay"),
            )
        },
    ],
    ids=["callback", "schedule"],
)
def test_a_rate_that_is_lowered_already_is_left_alone(told):
    assert not judged("OPT109", going_on(0.5, 0.9, None), **told)


def test_a_run_that_never_worked_lacks_no_schedule():
    seen = {
        "rehearsals": going_on(0.0, 0.9, None),
        "course": course(),
        "compiled": compiled(),
        "progress": progress(best=0.99, start=1.0),
    }
    assert not judge("OPT109", **seen)


def test_batches_of_one_are_a_note_where_no_state_is_carried(suspected):
    one = source(fitted="batch_size=1")
    (finding,) = suspected("OPT108", one)
    assert finding.severity == "note"
    assert "batch_size=32" in apply(one, finding.treatments[0].edits)
    assert not suspected("OPT108", one.replace("LSTM(4)", "LSTM(4, stateful=True)"))
    assert not suspected("OPT108", source())


def test_the_callback_is_added_to_the_call_of_fit():
    text = source("keras.optimizers.Adam(0.05)", "epochs=9")
    script = Script.parse(text, PLACE.file)
    place = dataclasses.replace(PLACE, line=5)
    (finding,) = judge(
        "OPT109",
        rehearsals=going_on(0.5, 0.9, None),
        course=course(0.05),
        compiled=dataclasses.replace(compiled(), place=dataclasses.replace(place, line=4)),
        fit=fit(place=place),
        progress=progress(best=0.4, start=1.0),
        scripts={PLACE.file: script},
    )
    assert finding.location.line == 4
    edited = apply(text, finding.treatments[0].edits)
    assert "keras.callbacks.ReduceLROnPlateau(" in edited
    assert "Adam(0.005)" in apply(text, finding.treatments[1].edits)


@pytest.mark.parametrize(
    ("skills", "up", "best"),
    [
        ({0.01: 0.05, 0.1: 0.8, 0.001: 0.0}, True, 0.1),
        ({0.01: 0.05, 0.1: 0.8, 0.001: 0.0}, False, None),
        ({0.01: 0.6, 0.1: 0.8}, True, None),
        ({0.01: -3.0, 0.001: 0.9, 0.0001: 0.2}, False, 0.001),
    ],
)
def test_another_rate_is_better_where_the_users_own_learned_nothing(skills, up, best):
    tried = rehearsals(*(trial("rates", skill, rate=rate) for rate, skill in skills.items()))
    found = better_rate(tried, 0.01, progress(), up=up)
    assert (found.rate if found else None) == best
    assert better_rate(None, 0.01, progress(), up=up) is None


def test_noise_that_a_rate_learned_by_heart_makes_it_no_better():
    trials = [trial("rates", 0.0), trial("rates", 0.6, rate=0.1, held=-0.2)]
    assert better_rate(rehearsals(*trials), 0.01, progress(signal=0.0), up=True) is None
    assert better_rate(rehearsals(*trials), 0.01, progress(), up=True) is trials[1]


def test_the_rules_of_rates_speak_where_only_trials_can_tell():
    told = {"compiled": compiled(), "xrays": (), "course": course(0.01, usual=0.01)}
    lower = rehearsals(trial("rates", -0.1), trial("rates", 0.8, rate=0.001))
    higher = rehearsals(trial("rates", 0.0), trial("rates", 0.8, rate=0.1))
    seen = progress(travel=3.0, steps=900)
    for found, code, rate in ((lower, "OPT101", 0.001), (higher, "OPT102", 0.1)):
        (finding,) = judge(code, rehearsals=found, progress=seen, **told)
        assert finding.severity == "error"
        assert f"{rate:g}" in finding.treatments[0].summary
        assert not judge(code, rehearsals=None, progress=seen, **told)
    assert not judge("OPT101", rehearsals=higher, progress=seen, **told)
    # A loss that wanders about at its start is no proof against a higher rate that learned.
    wandering = dataclasses.replace(told["course"], usual=0.001, rise=1.0)
    restless = {**told, "course": wandering}
    assert judge("OPT101", rehearsals=rehearsals(), progress=seen, **restless)
    assert not judge("OPT101", rehearsals=higher, progress=seen, **restless)
    assert not judge("OPT102", rehearsals=lower, progress=seen, **told)
