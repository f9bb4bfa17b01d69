from __future__ import annotations

import json

import pytest

MODEL = """\
import keras
from keras import layers


def build():
    model = keras.Sequential([keras.Input((6, 2)), layers.LSTM(16), layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(1e-7), loss="mse")  # from a recipe
    return model
"""
SCRIPT = """\
import keras
import numpy as np
from project.net import build

keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
x = rng.normal(size=(500, 6, 2)).astype("float32")
y = x[:, -2:, 0].sum(axis=1)
model = build()
model.fit(x[:400], y[:400], batch_size=8, epochs=15, verbose=0)
print("loss", model.evaluate(x[400:], y[400:], verbose=0))
"""


@pytest.mark.slow
def test_the_module_at_fault_is_changed_and_the_script_stays(python, write, tmp_path):
    write("train.py", SCRIPT)
    write("project/__init__.py", "")
    module = write("project/net.py", MODEL)
    options = ("--apply", "--budget", "15min", "--json", "fix.json")
    ended = python("-m", "unstuck", "fix", *options, "train.py")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[:2] == ["--- project/net.py", "+++ project/net.py"]
    (new,) = [line[1:] for line in lines[2:] if line.startswith("+")]
    assert "# from a recipe" in new
    assert module.read_text() == MODEL.replace(MODEL.splitlines()[6], new)
    assert (tmp_path / "train.py").read_text() == SCRIPT
    assert module.with_name("net.py.orig").read_text() == MODEL
    assert not (tmp_path / "train.py.orig").exists()
    told = json.loads((tmp_path / "fix.json").read_text())
    assert told["findings"][0]["location"]["file"] == str(module)
    assert told["findings"][0]["level"] == "cured"
