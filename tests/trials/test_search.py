"""The search and the proof in a world where a script's score is a function of its text."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from unstuck.errors import UsageError
from unstuck.lint.document import Document
from unstuck.record import (
    Diagnosis,
    Edit,
    Finding,
    FitReport,
    Location,
    LossSummary,
    Scale,
    Tool,
    Treatment,
)
from unstuck.trials import cure as curing
from unstuck.trials import proof as proving
from unstuck.trials import search as searching
from unstuck.trials.change import Change
from unstuck.trials.cure import cure
from unstuck.trials.journal import Journal
from unstuck.trials.lab import GRACE, PATIENCE, Lab
from unstuck.trials.proof import Prover
from unstuck.trials.score import EXPLAINED, Compared
from unstuck.trials.told import diagnosis as told
from unstuck.trials.trial import Ran, Trial
from unstuck.trials.version import Version

SICK = "rate = 1e-6\nscale = 'no'\nunits = 8\n"
RATE = Edit(1, "rate = 1e-6", "rate = 1e-3")
SCALE = Edit(2, "scale = 'no'", "scale = 'yes'")
UNITS = Edit(3, "units = 8", "units = 64")


class World:
    """Runs texts as if they were scripts.

    Attributes:
        score: By text and seed, 0..1.
        findings: By text.
        ran: Every trial that was run, in order.
        batches: How many were asked for together, in order.
    """

    jobs = 2

    def __init__(self, score, findings, verdict=None):
        self.score = score
        self.findings = findings
        self.verdict = verdict or (lambda text: "stuck" if findings(text) else "healthy")
        self.ran = []
        self.batches = []
        self.breaks_after = None

    def map(self, trials, limit):
        self.batches.append(len(trials))
        for trial in trials:
            if self.breaks_after is not None and len(self.ran) >= self.breaks_after:
                raise KeyboardInterrupt
            self.ran.append(trial)
            yield trial, Ran(0, 1.0, f"{trial.seed}|{trial.text}", b"x")

    def compared(self, treated, control):
        ours, theirs = (
            self.score(ran.output.split("|")[1], int(ran.output.split("|")[0]))
            for ran in (treated, control)
        )
        return None if ours is None else Compared(EXPLAINED, "validation", ours, theirs or 0.0)

    def diagnosis(self, ran):
        text = ran.output.split("|")[1]
        return Diagnosis(
            Tool("0"), "train.py", (), tuple(self.findings(text)), self.verdict(text), ""
        )


def finding(code, *edits, severity="error"):
    treatments = tuple(
        Treatment(f"{code.lower()}-{number}", "Change it.", (edit,))
        for number, edit in enumerate(edits, 1)
    )
    return Finding(
        code, "name", code.lower(), severity, "observed", 0.9, "Why.", Location("train.py", 1),
        treatments=treatments,
    )  # fmt: skip


@pytest.fixture
def live(monkeypatch):
    def enter(world):
        monkeypatch.setattr(searching, "compared", world.compared)
        monkeypatch.setattr(proving, "compared", world.compared)
        monkeypatch.setattr(searching, "diagnosis", world.diagnosis)
        monkeypatch.setattr(curing, "diagnosis", world.diagnosis)
        return world

    return enter


def cured(world, journal=None, budget=None, seeds=3):
    return cure(Lab(world, journal or Journal(), "here"), SICK, "train.py", seeds, budget)


def low_rate(text):
    return [finding("OPT102", RATE)] if "1e-6" in text else []


def by_rate(text, seed):
    return (0.9 if "1e-3" in text else 0.0) + seed / 100


def test_the_change_that_a_finding_offers_is_proven_with_seeds_of_its_own(live):
    world = live(World(by_rate, low_rate))
    found = cured(world)
    assert found.cured
    assert found.version.text == SICK.replace("1e-6", "1e-3")
    assert found.proof.seeds == (1, 2, 3)
    assert found.proof.gain == pytest.approx(0.9)
    assert found.proof.chance == pytest.approx(1 / 20)
    assert len(world.ran) == len(set(world.ran)) == found.runs == 9
    assert [trial.watched for trial in world.ran] == [True] * 8 + [False]


@pytest.mark.parametrize(("jobs", "pairs"), [(2, [2, 4]), (5, [2, 4]), (6, [6])])
def test_pairs_run_one_after_the_other_where_that_spares_runs_and_takes_no_longer(
    jobs, pairs, live
):
    world = live(World(by_rate, low_rate))
    world.jobs = jobs
    assert cured(world).cured
    # The script, the change, the pairs, and the changed script by itself: with its watch it was
    # run to be chosen.
    assert world.batches == [1, 1, *pairs, 1]


def test_where_rows_are_held_out_the_first_changes_run_beside_the_control(live, monkeypatch):
    held = SimpleNamespace(split="train")
    monkeypatch.setattr("unstuck.trials.cure.fit_scores", lambda ran: (held,))
    world = live(World(by_rate, low_rate))
    assert cured(world).cured
    assert world.batches == [1, 2, 2, 4, 2]
    assert [trial.hold_out for trial in world.ran] == [False, *[True] * 8, False, False]


def test_what_was_proven_goes_to_the_finding(live):
    found = cured(live(World(by_rate, low_rate)))
    document = told(found, "the diff")
    (first,) = document.findings
    assert first.level == "cured"
    assert first.treatments[0].trial["seeds"] == [1, 2, 3]
    assert document.fix["cured"]
    assert document.fix["diff"] == "the diff"
    assert document.fix["changes"][0]["id"] == "opt102-1"


def test_a_healthy_script_is_left_alone(live):
    world = live(World(by_rate, lambda text: []))
    found = cured(world)
    assert found.needless
    assert not found.changes
    assert len(world.ran) == 1


def test_no_change_is_sold_where_the_data_hold_nothing(live):
    world = live(World(by_rate, low_rate, lambda text: "no_signal"))
    found = cured(world)
    assert not found.needless
    assert not found.changes
    assert len(world.ran) == 1


def test_a_change_that_brings_nothing_is_not_proposed(live):
    found = cured(live(World(lambda text, seed: 0.02 * seed, low_rate)))
    assert not found.changes
    assert [one.change.treatment.id for one in found.tried] == ["opt102-1"]


def test_luck_with_the_own_seeds_is_no_proof(live):
    lucky = World(lambda text, seed: 0.9 if "1e-3" in text and seed == 0 else 0.1, low_rate)
    found = cured(live(lucky))
    assert not found.proven
    assert not found.cured
    assert len(lucky.ran) == 4, "one pair tells enough"


def test_two_pairs_are_no_proof(live):
    assert not cured(live(World(by_rate, low_rate)), seeds=2).proven


def test_the_first_of_two_that_do_as_well_is_taken(live):
    both = World(
        lambda text, seed: 0.88 if "1e-3" in text else 0.9 if "1e-2" in text else 0.0,
        lambda text: (
            [finding("OPT102", RATE, Edit(1, RATE.old, "rate = 1e-2"))] if "1e-6" in text else []
        ),
    )
    assert cured(live(both)).version.text == SICK.replace("1e-6", "1e-3")


def two_faults(text):
    found = [finding("OPT102", RATE)] if "1e-6" in text else []
    return found + ([finding("DAT102", SCALE)] if "'no'" in text else [])


def test_two_faults_need_two_changes_and_each_is_shown_to_be_needed(live):
    def score(text, seed):
        return (
            0.3 * ("1e-3" in text)
            + 0.1 * ("'yes'" in text)
            + 0.5 * ("1e-3" in text and "'yes'" in text)
        )

    found = cured(live(World(score, two_faults)), budget=1000)
    assert found.cured
    assert [change.code for change in found.changes] == ["OPT102", "DAT102"]
    assert found.proof.gain == pytest.approx(0.9)
    gains = {name: proof.gain for name, proof in found.necessary.items()}
    assert gains == pytest.approx({"OPT102 opt102-1": 0.1, "DAT102 dat102-1": 0.3})


def test_what_turns_out_to_be_idle_is_dropped(live):
    """The first change helps a little by itself; beside the second it brings nothing."""

    def score(text, seed):
        return 0.9 if "'yes'" in text else 0.4 if "1e-3" in text else 0.0

    class Ordered(World):
        """Says what else is wrong only when the first is put right."""

    found = cured(
        live(Ordered(score, lambda text: two_faults(text)[:1])),
        budget=1000,
    )
    assert [change.code for change in found.changes] == ["DAT102"]
    assert found.version.text == SICK.replace("'no'", "'yes'")
    assert found.proven


def test_a_change_that_fails_gives_way_to_the_next_best(live):
    def score(text, seed):
        return (0.9 if seed == 0 else 0.0) if "1e-3" in text else 0.5 if "'yes'" in text else 0.0

    def findings(text):
        return [finding("OPT102", RATE), finding("DAT102", SCALE)] if text == SICK else []

    world = World(score, findings, lambda text: "stuck" if text == SICK else "undetermined")
    found = cured(live(world), budget=1000)
    assert found.proven
    assert [change.code for change in found.changes] == ["DAT102"]


def test_a_run_that_fails_has_no_score(live):
    found = cured(live(World(lambda text, seed: None if "1e-3" in text else 0.1, low_rate)))
    assert not found.changes
    assert found.tried[0].compared is None


class Hopeless(World):
    """A world in which a healthy model learns nothing of the data either."""

    def diagnosis(self, ran):
        scale = Scale("train", "mse", 0.0, twin=0.0, settled=True, beats_constant=False)
        fit = FitReport("m", Location(), 9, "stuck", "", LossSummary(), 0.0, (), scale=scale)
        return dataclasses.replace(super().diagnosis(ran), fits=(fit,))


def test_where_no_model_learns_no_change_of_the_model_is_tried(live):
    """Also where it would look good: here a higher rate does."""
    world = live(Hopeless(by_rate, low_rate))
    found = cured(world)
    assert found.hopeless
    assert not found.tried
    assert not found.sold
    assert len(world.ran) == 1


def test_where_no_model_learns_the_handling_of_the_data_is_tried(live):
    """And what is wrong with the model, once that is mended."""

    def findings(text):
        data = dataclasses.replace(finding("SEQ105", SCALE), cause="target_misalignment")
        return [*low_rate(text), *([data] if "'no'" in text else [])]

    def score(text, seed):
        return ("'yes'" in text) * (0.3 + 0.6 * ("1e-3" in text)) + seed / 100

    found = cured(live(Hopeless(score, findings)))
    assert [change.code for change in found.changes] == ["SEQ105", "OPT102"]
    assert found.sold


def test_notes_are_no_reason_to_change_anything(live):
    noted = World(by_rate, lambda text: [finding("OPT102", RATE, severity="note")])
    assert not cured(live(noted)).tried


def test_an_interrupted_search_goes_on_from_its_journal(live, tmp_path):
    world = live(World(by_rate, low_rate))
    world.breaks_after = 4
    with pytest.raises(KeyboardInterrupt):
        cured(world, Journal(tmp_path / "journal"))
    world.breaks_after = None
    found = cured(world, Journal(tmp_path / "journal"))
    assert found.cured
    assert len(world.ran) == len(set(world.ran)) == 9
    again = cured(world, Journal(tmp_path / "journal"))
    assert again.runs == 0
    assert dataclasses.replace(again, runs=found.runs).version == found.version


def test_a_script_that_takes_longer_than_the_budget_is_told_of(live):
    class Slow(World):
        def map(self, trials, limit):
            yield trials[0], Ran(None, limit, "")

    with pytest.raises(UsageError, match="--budget"):
        cured(live(Slow(by_rate, low_rate)), budget=5)


def test_a_part_that_does_as_well_as_the_whole_is_enough(live):
    world = live(World(by_rate, low_rate))
    needed, idle = (
        Change("X", "x", Treatment(name, "", (edit,)), SICK, SICK.replace(edit.old, edit.new))
        for name, edit in (("rate", RATE), ("units", UNITS))
    )
    prover = Prover(Lab(world, Journal(), "here"), Version(SICK), 3)
    whole = prover.proof([idle, needed])
    assert whole.holds
    assert prover.smallest([idle, needed], whole) == (needed,)
    assert Trial(SICK.replace(UNITS.old, UNITS.new), 2) not in world.ran, "hopeless at seed 1"


def test_a_change_of_a_module_is_found_and_proven(live):
    class Importing(World):
        """Scores what stands in the module that the script imports."""

        def map(self, trials, limit):
            for trial in trials:
                self.ran.append(trial)
                yield trial, Ran(0, 1.0, f"{trial.seed}|{dict(trial.modules).get('net.py', SICK)}")

        def diagnosis(self, ran):
            sources = {"train.py": "import net", "net.py": SICK, "theirs.py": ""}
            return dataclasses.replace(super().diagnosis(ran), sources=sources)

    def findings(text):
        return [dataclasses.replace(one, location=Location("net.py", 1)) for one in low_rate(text)]

    lab = Lab(live(Importing(by_rate, findings)), Journal(), "here")
    files = {"net.py": Document("net.py", SICK)}
    found = cure(lab, "import net", "train.py", 3, None, module=files.get)
    assert found.cured
    assert found.version == Version("import net", (("net.py", SICK.replace("1e-6", "1e-3")),))
    assert [change.file for change in found.changes] == ["net.py"]
    assert not cure(lab, "import net", "train.py", 3, None).changes


def test_a_run_that_was_stopped_is_not_kept_as_a_result(tmp_path):
    class Halting(World):
        def map(self, trials, limit):
            for trial in trials:
                yield trial, Ran(None if limit < 10 else 0, 1.0, "")

    journal = Journal(tmp_path / "journal")
    lab = Lab(Halting(by_rate, low_rate), journal, "here")
    lab.pace(-GRACE / PATIENCE)
    assert lab.runs([Trial("b")])[0].stopped
    lab.pace(100)
    assert lab.runs([Trial("b")])[0].ended_well


def test_no_trial_starts_after_the_budget(live):
    world = live(World(by_rate, low_rate))
    lab = Lab(world, Journal(), "here")
    lab.budget(-1)
    assert lab.runs([Trial("a")]) == [None]
    assert lab.runs([Trial("a")], overtime=True) != [None]
    assert len(world.ran) == 1


def test_the_time_of_a_trial_comes_from_the_first_run(live):
    class Timed(World):
        limits = []  # noqa: RUF012

        def map(self, trials, limit):
            self.limits.append(limit)
            return super().map(trials, limit)

    world = live(Timed(by_rate, low_rate))
    assert cured(world).cured
    assert world.limits[0] == float("inf")
    assert set(world.limits[1:]) == {PATIENCE * 1.0 + GRACE}, "a run takes 1 s in this world"
