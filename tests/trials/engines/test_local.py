from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from unstuck.trials.engine import Command
from unstuck.trials.engines.local import Local
from unstuck.trials.trial import Trial
from unstuck.trials.workplace import Workplace

FOREVER = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n"


@pytest.fixture
def engine(tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    (tmp_path / "scratch").mkdir()
    (tmp_path / "project" / "train.py").write_text("")
    monkeypatch.chdir(tmp_path / "project")
    place = Workplace(tmp_path / "project" / "train.py", tmp_path / "scratch")
    return Local(place, Command(("--rate", "3")), jobs=2)


def alone(engine, text, limit):
    ((_, ran),) = engine.map([Trial(text, watched=False)], limit)
    assert ran.recording == b""
    return ran


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_script_has_its_arguments_and_its_own_name(engine, tmp_path):
    ran = alone(engine, "import sys\nprint(sys.argv[1:], __file__)", 60)
    assert ran.ended_well
    assert ran.output == f"['--rate', '3'] {tmp_path / 'project' / 'train.py'}\n"


def test_a_trial_of_what_trains_nothing_leaves_no_fit(engine):
    ((trial, ran),) = engine.map([Trial("print('hello')")], 60)
    assert trial.text == "print('hello')"
    assert ran.ended_well
    assert "hello" in ran.output
    assert ran.recording.startswith(b"SQLite")


def test_an_exception_is_the_scripts_own(engine):
    ((_, ran),) = engine.map([Trial("raise ValueError('no rows')")], 60)
    assert ran.code == 1
    assert "ValueError: no rows" in ran.output


def test_a_run_is_stopped_at_its_limit_with_all_that_it_started(engine):
    child = "import subprocess, sys, time\np = subprocess.Popen(['sleep', '600'])\n"
    child += "print(p.pid, flush=True)\ntime.sleep(600)\n"
    started = time.monotonic()
    ran = alone(engine, child, 1.5)
    assert ran.code is None
    assert time.monotonic() - started < 30
    time.sleep(0.2)
    state = [line for line in _stat(int(ran.output)) if line.startswith("State")]
    assert not state or "zombie" in state[0]


def _stat(pid):
    try:
        with open(f"/proc/{pid}/status") as file:
            return file.readlines()
    except OSError:
        return []


def test_who_wants_no_more_ends_what_is_running(engine, tmp_path):
    note = tmp_path / "pid"
    text = FOREVER.replace(
        "print(os.getpid(), flush=True)", f"open({str(note)!r}, 'w').write(str(os.getpid()))"
    )
    trials = [Trial("print('quick')"), Trial(text)]
    runs = engine.map(trials, 600)
    assert next(runs)[0] is trials[0]
    deadline = time.monotonic() + 60
    while not note.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    runs.close()
    assert not alive(int(note.read_text()))


def test_a_notebooks_code_finds_what_a_cell_may_rely_on(tmp_path, monkeypatch):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "book.ipynb").write_text("{}")
    (tmp_path / "mine.py").write_text("name = 'mine'")
    monkeypatch.chdir(tmp_path)
    engine = Local(Workplace(tmp_path / "book.ipynb", tmp_path / "scratch"), Command(), jobs=1)
    text = "import sys, mine\ndisplay(mine.name, __name__, len(sys.argv), clear=True)"
    assert alone(engine, text, 60).output == "mine __main__ 1\n"
    ((_, ran),) = engine.map([Trial(text)], 60)
    assert "mine __main__ 1\n" in ran.output
    assert ran.ended_well


HOPELESS = """\
import keras, numpy as np
model = keras.Sequential([keras.Input((3, 1)), keras.layers.LSTM(2), keras.layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")
print(len(model.fit(np.ones((8, 3, 1)), np.full(8, np.nan), epochs=4, verbose=0).epoch), "epochs")
"""


def test_a_trial_in_nan_ends_early_and_the_script_as_it_is_does_not(engine):
    trials = [Trial(HOPELESS), Trial(HOPELESS, xray=True)]
    ran = {trial: ran.output for trial, ran in engine.map(trials, 120)}
    assert "1 epochs" in ran[trials[0]]
    assert "4 epochs" in ran[trials[1]]


ASKING = """\
import sys
from pathlib import Path
from unstuck.trials.engine import Command
from unstuck.trials.engines.local import Local
from unstuck.trials.trial import Trial
from unstuck.trials.workplace import Workplace

place = Workplace(Path("train.py"), Path(sys.argv[1]))
list(Local(place, Command(), 1).map([Trial(sys.argv[2])], 600))
"""


def test_a_trial_ends_with_who_asked_for_it_even_if_that_is_killed(engine, endless, tmp_path):
    words = [sys.executable, "-c", ASKING, str(tmp_path / "scratch"), endless.text]
    with subprocess.Popen(words) as asking:
        endless.started()
        asking.kill()
    assert endless.gone()


def test_a_script_has_nothing_to_read_and_no_child_that_it_did_not_make(engine):
    text = "import os, sys\nprint(repr(sys.stdin.read()), sorted(os.listdir('/proc/self/fd')))\n"
    text += "os.waitpid(-1, 0)"
    ran = alone(engine, text, 60)
    assert ran.output.startswith("'' ['0', '1', '2', '3']\n"), "the last is the listing itself"
    assert "ChildProcessError" in ran.output
