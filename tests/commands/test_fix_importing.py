"""``unstuck fix -m MODULE``, and projects that are imported from where they are installed."""

from __future__ import annotations

import json
import os

import pytest

NET = """\
import keras
from keras import layers


def build():
    return keras.Sequential([keras.Input((6, 2)), layers.LSTM(16), layers.Dense(1)])
"""
TRAIN = """\
import sys

import keras
import numpy as np

from .net import build

keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
x = rng.normal(size=(500, 6, 2)).astype("float32")
y = x[:, -2:, 0].sum(axis=1)
model = build()
model.compile(optimizer=keras.optimizers.Adam(1e-7), loss="mse")  # from a recipe
model.fit(x[:400], y[:400], batch_size=8, epochs=15, verbose=0)
print(__name__, sys.argv, "loss", model.evaluate(x[400:], y[400:], verbose=0))
"""
HEALTHY = TRAIN.replace("1e-7", "1e-2")


@pytest.mark.slow
def test_a_module_is_cured_where_it_lies(python, write, tmp_path):
    """As its script is: with relative imports, its own arguments, a file, a copy, a journal."""
    write("project/net/__init__.py", "")
    write("project/net/net.py", NET)
    module = write("project/net/train.py", TRAIN)
    words = ("--journal", "kept.db", "-m", "project.net.train", "--rate", "3")
    first = python("-m", "unstuck", "fix", "--budget", "15min", *words)
    assert first.returncode == 0, first.stderr
    options = ("--apply", "--output", "cured.py", "--json", "fix.json", "--budget", "15min")
    ended = python("-m", "unstuck", "fix", *options, *words)
    assert ended.returncode == 0, ended.stderr
    assert "(0 runs in all)" in ended.stderr, "what the journal holds is not run again"
    assert ended.stdout == first.stdout
    lines = ended.stdout.splitlines()
    assert lines[:2] == ["--- project/net/train.py", "+++ project/net/train.py"]
    (new,) = [line[1:] for line in lines[2:] if line.startswith("+")]
    cured = TRAIN.replace(TRAIN.splitlines()[12], new)
    assert module.read_text() == (tmp_path / "cured.py").read_text() == cured
    assert module.with_name("train.py.orig").read_text() == TRAIN
    told = json.loads((tmp_path / "fix.json").read_text())
    assert told["script"] == "project.net.train"
    assert told["findings"][0]["location"].items() >= {"file": str(module), "line": 13}.items()
    assert f"__main__ ['{module}', '--rate', '3'] loss" in told["fix"]["alone"]["output"]


def test_a_module_that_is_installed_is_refused(python, tmp_path):
    ended = python("-m", "unstuck", "fix", "-m", "json.tool")
    assert ended.returncode == 2
    assert f"below {tmp_path}" in ended.stderr
    assert os.path.dirname(json.__file__) in ended.stderr
