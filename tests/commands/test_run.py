"""``unstuck run`` on scripts that train: what it reports, writes and returns."""

from __future__ import annotations

import json
import signal
import time

import jsonschema
import pytest

from unstuck.report.json import schema

START = """
import keras, numpy as np
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(16, 3, 2)).astype("float32")
y = (x.sum((1, 2)) > 0).astype("float32")
def build(activation):
    return keras.Sequential([keras.layers.LSTM(2), keras.layers.Dense(1, activation)])
"""
SICK = START + "model = build('softmax')\nmodel.compile('adam', 'binary_crossentropy')\n"
FIT = "model.fit(x, y, epochs=2, verbose=0)\n"


def read(path):
    document = json.loads(path.read_text())
    jsonschema.validate(document, schema())
    return document


def test_report_files_and_exit_code(watched, python, write, tmp_path):
    end = "import sys\nprint('trained')\nsys.stdout = None\n"
    write("train.py", SICK + FIT + end)
    ended = watched("--json", "a.json", "--html", "a.html", "--record", "a.unstuck", "train.py")
    assert ended.returncode == 1, ended.stderr
    said, _, report = ended.stdout.partition("\n")
    assert said == "trained"
    assert report.startswith("STUCK  train.py\n")
    document = read(tmp_path / "a.json")
    assert document["script"] == "train.py"
    assert document["tool"]["backend"] == "jax"
    assert document["findings"][0]["cause"] == "output_softmax_single_unit"
    lines = (SICK + FIT).splitlines()
    first, fit = document["findings"][0]["location"], document["fits"][0]["location"]
    assert lines[first["line"] - 1].endswith("keras.layers.Dense(1, activation)])")
    assert (fit["file"], lines[fit["line"] - 1]) == (str(tmp_path / "train.py"), FIT.strip())
    assert "<html" in (tmp_path / "a.html").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.html", "a.json", "a.unstuck", "train.py",
    ]  # fmt: skip
    (tmp_path / "train.py").unlink()  # a recording needs no source
    again = python("-m", "unstuck", "report", "a.unstuck", "--json", "b.json")
    assert (again.returncode, again.stdout) == (1, report)
    assert read(tmp_path / "b.json") == document
    never = python("-m", "unstuck", "report", "a.unstuck", "--fail-on", "never", "--quiet")
    assert (never.returncode, never.stdout) == (0, "")


def test_an_exception_in_fit_comes_first_and_as_keras_shows_it(python, watched, write, tmp_path):
    failing = (
        "class Stop(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        raise RuntimeError('disk full')\n"
        "model.fit(x, y, epochs=3, verbose=0, callbacks=[Stop()])\n"
    )
    write("train.py", SICK + failing)
    plain, ours = python("train.py"), watched("--json", "out.json", "train.py")
    assert _trace(ours.stderr) == _trace(plain.stderr)
    assert _trace(ours.stderr)[-1] == "RuntimeError: disk full"
    assert ours.stdout.startswith("STUCK  train.py")
    assert ours.returncode == 1
    (fit,) = read(tmp_path / "out.json")["fits"]
    assert fit["steps"] == 1
    assert fit["interrupted"] == "RuntimeError: disk full"


def _trace(text):
    lines = text.splitlines()
    return lines[lines.index("Traceback (most recent call last):") :]


def test_ctrl_c_in_fit_gives_a_report_of_what_was_seen(start, write, tmp_path):
    slow = (
        "class Slow(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        print('epoch', flush=True)\n        import time; time.sleep(.2)\n"
        "model.fit(x, y, epochs=1000, verbose=0, callbacks=[Slow()])\n"
    )
    write("train.py", SICK + slow)
    process = start("-m", "unstuck", "run", "--json", "out.json", "train.py")
    assert [process.stdout.readline() for _ in range(2)] == ["epoch\n"] * 2
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 130
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert "STUCK  train.py" in out
    (fit,) = read(tmp_path / "out.json")["fits"]
    assert fit["interrupted"].startswith("KeyboardInterrupt")
    assert fit["steps"] >= 2


def test_a_killed_run_leaves_a_recording_that_opens(start, python, write, tmp_path):
    forever = "model.fit(x, y, epochs=10**6, verbose=0, callbacks=[Say()])\n"
    say = (
        "class Say(keras.callbacks.Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n        print(epoch, flush=True)\n"
    )
    write("train.py", SICK + say + forever)
    process = start("-m", "unstuck", "run", "--record", "a.unstuck", "train.py")
    while int(process.stdout.readline()) < 200:
        time.sleep(0)
    process.kill()
    process.communicate()
    ended = python("-m", "unstuck", "report", "a.unstuck", "--json", "a.json")
    assert ended.returncode == 1, ended.stderr
    (fit,) = read(tmp_path / "a.json")["fits"]
    assert fit["steps"] >= 64
    # The same name may be used again: what is left of the old run goes first.
    write("train.py", "print('again')\n")
    again = python("-m", "unstuck", "run", "--record", "a.unstuck", "train.py")
    assert (again.returncode, again.stdout) == (0, "again\n")


def test_a_fit_on_another_thread_is_waited_for(watched, write, tmp_path):
    threaded = (
        "import threading, concurrent.futures as futures\n"
        "pool = futures.ThreadPoolExecutor(1)\n"
        "pool.submit(print, 'pool').result()\n"
        "def train():\n    model.fit(x, y, epochs=2, verbose=0); print('trained')\n"
        "threading.Thread(target=train).start()\n"
        "print('main')\n"
    )
    write("train.py", SICK + threaded)
    ended = watched("--json", "out.json", "train.py")
    assert ended.stdout.split()[:4] == ["pool", "main", "trained", "STUCK"]
    (fit,) = read(tmp_path / "out.json")["fits"]
    assert fit["steps"] == 2
    assert fit["interrupted"] is None


def test_training_without_fit_is_told_apart(watched, write, tmp_path):
    write("train.py", SICK + "for _ in range(3):\n    model.train_on_batch(x, y)\n")
    ended = watched("--json", "out.json", "--fail-on", "never", "train.py")
    assert ended.returncode == 0
    assert "never called fit" in ended.stderr
    assert "train_on_batch 3 times" in ended.stderr
    document = read(tmp_path / "out.json")
    assert (document["fits"], document["verdict"]) == ([], "undetermined")
    assert document["tool"]["keras"] is not None


@pytest.mark.slow
def test_tf_keras_is_watched_like_keras(watched, write, tmp_path):
    pytest.importorskip("tensorflow")
    write("train.py", SICK.replace("import keras, numpy", "import tensorflow as tf, numpy")
          .replace("keras.", "tf.keras.") + FIT)  # fmt: skip
    ended = watched("--json", "out.json", "train.py", KERAS_BACKEND="tensorflow")
    assert ended.returncode == 1, ended.stderr
    document = read(tmp_path / "out.json")
    assert document["findings"][0]["cause"] == "output_softmax_single_unit"
    assert document["findings"][0]["location"]["line"] == 7


def test_a_missing_backend_is_named_after_the_traceback(watched, write):
    hidden = "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n"
    write("torch/__init__.py", hidden)
    write("train.py", "import os\nos.environ['KERAS_BACKEND'] = 'torch'\nimport keras\n")
    ended = watched("train.py")
    assert ended.returncode == 1
    trace, _, ours = ended.stderr.partition("unstuck: ")
    assert trace.rstrip().endswith("No module named 'torch'")
    assert "unstuck" not in trace
    assert "importlib" not in trace
    assert "pip install 'unstuck[torch]'" in ours


OTHERS = {
    "a script without Keras": ("print(1)\n", 0, "It did not import Keras."),
    "an old Keras": ("import keras\n", 2, "It imported Keras 2.15.0, but unstuck needs"),
    "Keras 2": ("import tf_keras\n", 2, "It imported tf_keras, which is Keras 2"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_can_not_be_watched_is_named(watched, write, tmp_path, name):
    source, code, said = OTHERS[name]
    write("train.py", source)
    if name == "an old Keras":
        write("keras/__init__.py", "__version__ = '2.15.0'\nclass Model:\n    pass\n")
    write("tf_keras/__init__.py", "__version__ = '2.15.0'\n")
    ended = watched("--json", "out.json", "train.py")
    assert (ended.returncode, ended.stderr.count("unstuck:")) == (code, 1), ended.stderr
    assert said in ended.stderr
    assert read(tmp_path / "out.json")["fits"] == []


def test_a_loop_of_ones_own_is_recognised(watched, write):
    loop = "def step(model, x):\n    with tf.GradientTape() as tape:\n        loss = model(x)\n"
    write("keras/__init__.py", KERAS)
    write("train.py", "import keras\n" + loop)
    ended = watched("train.py")
    assert "a loop of its own (GradientTape)" in ended.stderr, ended.stderr
    assert ended.returncode == 0


KERAS = """
__version__ = "3.99.0"
class Layer:
    def __new__(cls):
        return object.__new__(cls)
class Model(Layer):
    def fit(self, callbacks=None): ...
    def compile(self): ...
    def train_on_batch(self): ...
class backend:
    backend = staticmethod(lambda: "jax")
"""


def test_files_that_could_not_be_written_are_told_before_the_script_runs(watched, write, tmp_path):
    write("train.py", "print('ran')\n")
    (tmp_path / "folder").mkdir()
    for option in ("--json", "--html", "--record"):
        for name, said in (
            ("folder", "the folder folder"),
            ("none/out", "a folder that exists"),
            ("/proc/out", ""),
            ("train.py", "train.py"),
        ):
            ended = watched(option, name, "train.py")
            assert (ended.returncode, ended.stdout) == (2, ""), (option, name, ended.stderr)
            assert ended.stderr.startswith("unstuck: Expected")
            assert said in ended.stderr
            assert ended.stderr.count("\n") == 1
    assert (tmp_path / "train.py").read_text() == "print('ran')\n"
    ended = watched("--json", "out", "--html", "./out", "train.py")
    assert (ended.returncode, ended.stdout) == (2, "")


def test_a_file_that_is_no_recording_is_not_overwritten(watched, write):
    data = write("data.csv", "a,b\n")
    write("train.py", "print('ran')\n")
    ended = watched("--record", "data.csv", "train.py")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert data.read_text() == "a,b\n"
