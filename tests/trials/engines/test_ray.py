"""Trials on a real cluster: each of its machines is a process of this one."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from unstuck.errors import UnstuckError, UsageError
from unstuck.trials.engine import Command
from unstuck.trials.engines.connection import connected
from unstuck.trials.engines.local import Local
from unstuck.trials.journal import Journal
from unstuck.trials.lab import Lab
from unstuck.trials.score import fit_scores
from unstuck.trials.trial import Trial
from unstuck.trials.workplace import Workplace


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "scratch").mkdir()
    (folder / "train.py").write_text("")
    (folder / "size.py").write_text("units = 3")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def place(project, tmp_path):
    return Workplace(project / "train.py", tmp_path / "scratch")


@pytest.fixture(scope="module")
def connection(cluster):
    with connected(cluster.address):
        yield


@pytest.fixture
def engine(connection, place):
    from unstuck.trials.engines.ray import Ray

    return Ray(place, Command(("--rate", "3")))


def test_a_trial_is_what_it_is_on_this_machine(engine, project):
    telling = (
        "import os, sys, size\nprint(sys.argv[1:], __file__, size.units, sorted(os.listdir()))"
    )
    module = (str(project / "size.py"), "units = 4")
    failing = "raise ValueError('no rows')"
    trials = [Trial(telling, modules=(module,)), Trial(failing)]
    ran = dict(engine.map(trials, 60))
    told = ran[trials[0]]
    assert told.ended_well
    assert told.recording.startswith(b"SQLite")
    assert f"['--rate', '3'] {project / 'train.py'} 4 ['size.py', 'train.py']" in told.output
    assert ran[trials[1]].code == 1
    assert "ValueError: no rows" in ran[trials[1]].output
    assert f'File "{project / "train.py"}", line 1' in ran[trials[1]].output


TINY = """\
import keras
import numpy as np

rng = np.random.default_rng(1)
x = rng.normal(size=(64, 4, 1))
y = x.sum(axis=1)
model = keras.Sequential([keras.Input((4, 1)), keras.layers.LSTM(2), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=2, validation_split=0.25, verbose=0)
print("backend", keras.backend.backend())
"""


def test_the_same_seed_gives_the_same_scores_on_every_engine(engine, place):
    trial = Trial(TINY, seed=7)
    ((_, there),) = engine.map([trial], 120)
    ((_, here),) = Local(place, Command(("--rate", "3")), 1).map([trial], 120)
    assert f"backend {os.environ['KERAS_BACKEND']}" in there.output
    assert fit_scores(there)
    assert fit_scores(there) == fit_scores(here)


def test_a_run_is_stopped_at_its_limit(engine, endless):
    ((_, ran),) = engine.map([Trial(endless.text)], 3)
    assert ran.code is None
    assert endless.gone()


def test_no_more_are_sent_at_a_time_than_there_are_jobs(connection, place, tmp_path):
    from unstuck.trials.engines.ray import Ray

    alone = f"import os, time\nos.mkdir({str(tmp_path / 'alone')!r})\ntime.sleep(0.5)\n"
    alone += f"os.rmdir({str(tmp_path / 'alone')!r})"
    trials = [Trial(alone, seed=seed) for seed in range(3)]
    ran = dict(Ray(place, Command(), jobs=1).map(trials, 60))
    assert all(ran[trial].ended_well for trial in trials), ran


def test_who_wants_no_more_ends_what_is_running(engine, endless, cluster):
    before = cluster.copies()
    runs = engine.map([Trial("print('quick')"), Trial(endless.text)], 600)
    assert "quick" in next(runs)[1].output
    endless.started()
    runs.close()
    assert endless.gone()
    # On a busy machine a task is killed before it has cleared up; then a guard does.
    deadline = time.monotonic() + 30
    while not set(cluster.copies()) <= set(before) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert set(cluster.copies()) <= set(before)


def test_an_interrupted_search_goes_on_where_it_was(engine, tmp_path):
    trials = [Trial(f"print({number})") for number in range(3)]

    def interrupted(line):
        raise KeyboardInterrupt

    journal = Journal(tmp_path / "journal")
    with pytest.raises(KeyboardInterrupt):
        Lab(engine, journal, "same", interrupted).runs(trials)
    journal.close()
    lab = Lab(engine, Journal(tmp_path / "journal"), "same")
    assert [f"{number}\n" in ran.output for number, ran in enumerate(lab.runs(trials))] == [
        True
    ] * 3
    assert lab.ran == 2, "the first is in the journal"


def test_a_machine_is_killed_and_no_trial_is_lost(engine, cluster, endless):
    raylet = cluster.add()
    trials = [Trial(endless.text, seed=seed) for seed in range(4)]

    def kill():
        try:
            endless.started(times=3)  # one on each processor
            orphans = endless.below(raylet)
            os.kill(raylet, signal.SIGKILL)
            assert endless.gone(*orphans)
            return orphans
        finally:
            endless.end()

    with ThreadPoolExecutor() as pool:
        killed = pool.submit(kill)
        ran = list(engine.map(trials, 600))
        assert len(killed.result()) == 1
    assert sorted(trial.seed for trial, _ in ran) == [0, 1, 2, 3]
    assert all(one.ended_well for _, one in ran), ran
    assert len(endless.started()) == 5, "one of them was begun twice"


def test_what_brings_down_every_machine_is_not_sent_for_ever(engine, endless, monkeypatch):
    from unstuck.trials.engines import ray

    monkeypatch.setattr(ray, "MOST_LOST", 2)
    text = endless.text + "import signal\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(600)"
    endless.end()
    ((_, ran),) = engine.map([Trial(text)], 600)
    assert ran.stopped
    assert "lost" in ran.output
    assert len(endless.started(times=3)) == 3
    assert endless.gone()


def test_a_machine_that_lacks_something_is_told(connection, place, monkeypatch):
    from unstuck.trials.engines import ray

    monkeypatch.setattr(ray.surroundings, "versions", lambda: {"unstuck": "0", "keras": "3"})
    with pytest.raises(UsageError, match=r"^Expected the same packages.*unstuck 0, keras 3\. Rec"):
        list(ray.Ray(place, Command()).map([Trial("")], 60))


def test_a_machine_that_cannot_begin_is_told(connection, place):
    from unstuck.trials.engines.ray import Ray

    there = Ray(place, Command(encoding="nothing"))
    with pytest.raises(UnstuckError, match=r"^Expected every machine .* Received: LookupError.*$"):
        list(there.map([Trial("")], 60))


def test_memory_that_runs_out_stops_a_trial_and_does_not_send_it_again(engine, monkeypatch):
    from unstuck.trials.engines import ray

    def killed(task):
        raise ray.exceptions.OutOfMemoryError("95 % used")

    monkeypatch.setattr(ray.ray, "get", killed)
    ((_, ran),) = engine.map([Trial("")], 60)
    assert ran.stopped
    assert "95 % used" in ran.output
