from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

SICK = """\
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
x = rng.normal(size=(400, 5, 1)).astype("float32")
y = (x[:, -1, 0] > 0).astype("float32")
model = keras.Sequential([keras.Input((5, 1)), layers.LSTM(8), layers.Dense(1, "softmax")])
model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=16, epochs=6, validation_split=0.25, verbose=0)
"""
PATIENCE = 90.0
"""Seconds: starting Python takes long on a machine that does something else as well."""


def eventually(holds):
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def running(below=1):
    """The processes of trials that descend from one."""
    found = []
    for path in Path("/proc").iterdir():
        try:
            words = (path / "cmdline").read_bytes()
            if b"unstuck.trials.seeded" in words and not words.startswith(b"sh"):
                pid = int(path.name)
                while pid not in (below, 0):
                    pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
                found += [path.name] if pid == below else []
        except OSError:  # no process, or one that has ended meanwhile
            continue
    return found


@pytest.mark.slow
def test_a_script_is_cured_on_a_cluster_of_which_a_machine_dies(start, write, cluster, tmp_path):
    write("train.py", SICK)
    raylet = cluster.add()
    options = ("--engine", "ray", "--address", cluster.address, "--budget", "15min")
    fixing = start("-m", "unstuck", "fix", *options, "train.py")
    assert eventually(lambda: running(raylet))
    os.kill(raylet, signal.SIGKILL)
    diff, told = fixing.communicate(timeout=900)
    assert fixing.returncode == 0, told
    changed = [line for line in diff.splitlines() if line[0] in "+-"]
    assert changed[:2] == ["--- train.py", "+++ train.py"], diff
    assert len(changed) == 4, diff
    assert 'layers.Dense(1, "sigmoid")' in changed[3]
    assert "It trains." in told
    assert "raylet" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_who_is_ended_leaves_nothing_running(start, write, cluster, tmp_path, how):
    note = tmp_path.parent / f"{tmp_path.name}-pid"
    write("train.py", f"import os, time\nopen({str(note)!r}, 'w').write(str(os.getpid()))\n"
          "time.sleep(600)\n")  # fmt: skip
    before = cluster.copies()
    fixing = start(
        *("-m", "unstuck", "fix", "--engine", "ray"), "--address", cluster.address, "train.py"
    )
    assert eventually(lambda: note.exists() and note.read_text())
    fixing.send_signal(how)
    _, told = fixing.communicate(timeout=60)
    assert how == signal.SIGKILL or fixing.returncode == 130, told
    assert eventually(lambda: not Path("/proc", note.read_text()).exists())
    assert eventually(lambda: set(cluster.copies()) <= set(before))
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--engine", "spark", "train.py"], "'local', 'ray'"),
        (["--address", "10.0.0.1:6379", "train.py"], "--engine ray"),
        (["--engine", "ray", "--in-place", "train.py"], "--engine local"),
        (["--engine", "ray", "model.keras", "data.npz"], "a script for --engine ray"),
        (["--engine", "ray", "--address", "127.0.0.9:1", "train.py"], "ray start --head"),
    ],
)
def test_a_wrong_command_line_is_told(python, write, arguments, expected):
    write("train.py", "print('never run')")
    ended = python("-m", "unstuck", "fix", *arguments)
    assert ended.returncode == 2, ended.stderr
    assert expected in " ".join(ended.stderr.split())
    assert "never run" not in ended.stdout + ended.stderr
