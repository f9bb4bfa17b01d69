from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from unstuck.report import json as document

SICK = """\
import sys
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
x = rng.normal(size=(500, 6, 2)).astype("float32")
y = x[:, -2:, 0].sum(axis=1)
rate = float(sys.argv[1])
model = keras.Sequential([keras.Input((6, 2)), layers.LSTM(16), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(1e-7), loss="mse")  # from a recipe
model.fit(x[:400], y[:400], batch_size=8, epochs=15, verbose=0)
model.save("model.keras")
print("rate", rate, "loss", model.evaluate(x[400:], y[400:], verbose=0))
"""
HEALTHY = SICK.replace("1e-7", "1e-2")
NOISE = HEALTHY.replace("y = x[:, -2:, 0].sum(axis=1)", "y = rng.normal(size=500)").replace(
    "epochs=15", "epochs=15, validation_split=0.2"
)


@pytest.fixture
def fix(python, write):
    def run(text, *arguments, **options):
        write("train.py", text)
        return python("-m", "unstuck", "fix", *arguments, "train.py", "0.5", **options)

    return run


def added(diff):
    return [line for line in diff.splitlines() if line.startswith("+") and line[:3] != "+++"]


def test_a_sick_script_is_cured_and_nothing_of_the_users_is_lost(fix, write, tmp_path):
    write("model.keras", "the model of last week")
    ended = fix(SICK, "--apply", "--output", "cured.py", "--json", "fix.json", "--budget", "15min")
    assert ended.returncode == 0, ended.stderr
    changed = added(ended.stdout)
    assert len(changed) == 1
    assert "# from a recipe" in changed[0]
    cured = SICK.replace(SICK.splitlines()[11], changed[0][1:])
    assert (tmp_path / "train.py").read_text() == (tmp_path / "cured.py").read_text() == cured
    assert (tmp_path / "train.py.orig").read_text() == SICK
    assert (tmp_path / "model.keras").read_text() == "the model of last week"
    told = json.loads((tmp_path / "fix.json").read_text())
    jsonschema.validate(told, document.schema())
    first = told["findings"][0]
    assert (first["cause"], first["level"]) == ("lr_too_low", "cured")
    assert first["location"]["file"] == str(tmp_path / "train.py")
    assert told["fix"]["cured"]
    assert told["fix"]["alone"]["code"] == 0
    assert "rate 0.5 loss" in told["fix"]["alone"]["output"]
    assert told["fix"]["trial"]["split"] == "validation", "held out by the trials"
    assert told["fix"]["trial"]["gain"] > 0.5
    (scale,) = told["fix"]["scale"]
    assert scale["before"] < 0.2 < 0.8 < min(scale["healthy_twin"], scale["after"])
    assert "a healthy LSTM 0." in ended.stderr
    assert min(told["fix"]["trial"]["treated"]) > max(told["fix"]["trial"]["control"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("cured.py", "fix.json", "model.keras", "train.py", "train.py.orig")
    ]


@pytest.mark.parametrize("options", [(), ("--search",)])
def test_a_healthy_script_gets_no_fix(fix, options):
    ended = fix(HEALTHY, *options)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
    assert "nothing to fix" in ended.stderr


def test_data_without_signal_get_no_fix(fix):
    ended = fix(NOISE)
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == ""
    assert "in the data" in ended.stderr


def test_data_without_signal_sell_no_rate_that_would_learn_them_by_heart(fix, tmp_path):
    """The network had no chance itself, and there is no data to hold it against."""
    text = SICK.replace("y = x[:, -2:, 0].sum(axis=1)", "y = rng.normal(size=500)")
    ended = fix(text, "--json", "fix.json")
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == ""
    assert "the answer is about the data" in ended.stderr
    told = json.loads((tmp_path / "fix.json").read_text())
    jsonschema.validate(told, document.schema())
    assert told["findings"][0]["cause"] == "lr_too_low"
    assert told["fix"]["about_the_data"]
    assert told["fix"]["changes"] == told["fix"]["tried"] == []


def test_who_is_interrupted_leaves_nothing_running(start, write, tmp_path):
    note = tmp_path.parent / f"{tmp_path.name}-pid"
    write("train.py", f"import os, time\nopen({str(note)!r}, 'w').write(str(os.getpid()))\n"
          "time.sleep(600)\n")  # fmt: skip
    fixing = start("-m", "unstuck", "fix", "train.py")
    deadline = time.monotonic() + 60
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    fixing.send_signal(signal.SIGTERM)
    fixing.communicate(timeout=60)
    assert fixing.returncode == 130
    assert not Path("/proc", note.read_text()).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--budget", "soon", "train.py"], "a time such as"),
        (["--seeds", "0", "train.py"], "at least 1"),
        (["--output", "train.py", "train.py"], "--apply"),
        (["notes.txt"], "a .py file"),
        (["--output", "cured.py", "book.ipynb"], "FILE.ipynb"),
        (["book.ipynb"], "a Jupyter notebook"),
        (["missing.py"], "missing.py"),
        (["--journal", "notes.txt", "train.py"], "--journal"),
        ([], "SCRIPT"),
    ],
)
def test_a_wrong_command_line_is_told(python, write, arguments, expected):
    write("train.py", "print('never run')")
    write("notes.txt", "mine")
    write("book.ipynb", "mine")
    ended = python("-m", "unstuck", "fix", *arguments)
    assert ended.returncode == 2, ended.stderr
    assert expected in ended.stderr
    assert "never run" not in ended.stdout + ended.stderr


def test_it_does_not_import_keras_itself():
    script = "import sys, unstuck.commands.fix, unstuck.trials.cure, unstuck.report.cured\n"
    script += "print('keras' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.stdout == "False\n", ended.stderr
