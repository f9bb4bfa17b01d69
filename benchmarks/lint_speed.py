"""How long `unstuck lint` takes: one script, and a thousand of a hundred lines in many styles.

    python benchmarks/lint_speed.py [--files 1000] [PATH…]

Processes are timed from start to end, the interpreter's own start included, once by the clock and
once by processor time (so that other work on the machine counts for little), on one core where
the system lets a process be bound to one. A PATH is linted as well, for example your own project.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LINES = 100
"""Of every generated script."""
RUNS = 9
"""Of the single script; the median counts."""

PLAIN = """
def load_{n}(folder):
    frame = pd.read_csv(folder + "/readings_{n}.csv").dropna()
    frame["hour"] = frame["time"].dt.hour
    values = frame[["load", "wind", "hour"]].to_numpy().astype("float32")
    return (values - values.mean(axis=0)) / values.std(axis=0)


def windows_{n}(values, length={steps}):
    starts = range(len(values) - length)
    x = np.stack([values[i : i + length] for i in starts])
    y = np.array([values[i + length, 0] for i in starts])
    return x, y[:, None]
"""
TABLES = """
LIMITS_{n} = {{
    "low": [0.0, 0.5, 1.5, 2.5, {steps}, 7.25, 9.0, 11.5, 12.0, 13.75],
    "high": [1.0, 1.5, 2.5, 3.5, {units}, 8.25, 9.5, 12.5, 14.0, 15.75],
    "names": ["load", "wind", "sun", "rain", "price", "hour", "day", "month", "year", "id"],
}}
for name_{n}, low, high in zip(*[LIMITS_{n}[k] for k in ("names", "low", "high")]):
    print(f"{{name_{n}}}: {{low:.2f}} to {{high:.2f}}, {{100 * (high - low) / high:.1f}} %")
"""
SEQUENTIAL = """
model_{n} = keras.Sequential(
    [
        keras.Input(shape=({steps}, 3)),
        layers.LSTM({units}, return_sequences=True),
        layers.Dropout(0.2),
        layers.LSTM({units}),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="{activation}"),
    ]
)
model_{n}.compile(
    optimizer=keras.optimizers.Adam(learning_rate={rate}),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
history_{n} = model_{n}.fit(x, y, epochs=30, batch_size=32, validation_split=0.2)
"""
FUNCTIONAL = """
def build_{n}(units={units}, steps={steps}, depth=2):
    inputs = keras.Input(shape=(steps, 8), name="readings")
    x = layers.Masking()(inputs)
    for level in range(depth):
        x = layers.Bidirectional(layers.LSTM(units, return_sequences=level < depth - 1))(x)
        x = layers.LayerNormalization()(x)
    mean = layers.Dense(1, name="mean")(x)
    kind = layers.Dense(4, activation="softmax", name="kind")(x)
    model = keras.Model(inputs, [mean, kind])
    model.compile(
        optimizer=keras.optimizers.RMSprop({rate}),
        loss={{"mean": "mse", "kind": "sparse_categorical_crossentropy"}},
    )
    return model


build_{n}().fit(x, {{"mean": y, "kind": classes}}, epochs=20, verbose=2)
"""
SUBCLASS = """
class Net{n}(tf.keras.Model):
    def __init__(self, units={units}, classes=5):
        super().__init__()
        self.embed = tf.keras.layers.Embedding(5000, 32, mask_zero=True)
        self.cell = tf.keras.layers.GRU(units, return_sequences=True)
        self.last = tf.keras.layers.LSTM(units)
        self.head = tf.keras.layers.Dense(classes)

    def call(self, x, training=False):
        return self.head(self.last(self.cell(self.embed(x), training=training)))


net_{n} = Net{n}()
loss_{n} = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
net_{n}.compile(tf.keras.optimizers.Adam({rate}), loss_{n}, metrics=["accuracy"])
net_{n}.fit(tokens, classes, epochs=5, validation_data=(tokens, classes))
"""
PROJECT = """
@dataclasses.dataclass
class Config{n}:
    units: int = {units}
    steps: int = {steps}
    rate: float = {rate}


class Trainer{n}:
    def __init__(self, config):
        self.config = config
        self.model = self.build()

    def build(self):
        model = keras.Sequential()
        model.add(keras.Input((self.config.steps, 3)))
        for _ in range(2):
            model.add(layers.LSTM(self.config.units, return_sequences=True))
        model.add(layers.TimeDistributed(layers.Dense(1)))
        model.compile(keras.optimizers.Adam(self.config.rate), "mae")
        return model

    def run(self, data):
        return self.model.fit(data, epochs=10, callbacks=[keras.callbacks.EarlyStopping()])


Trainer{n}(Config{n}()).run(dataset)
"""
OWN_LOSS = """
def loss_{n}(y_true, y_pred, gamma={units}):
    error = ops.abs(y_true - y_pred)
    weight = ops.where(y_true > 0.5, gamma, 1.0)
    return ops.mean(weight * error / (ops.abs(y_true) + 1e-6))


forecaster_{n} = keras.Sequential([layers.LSTM({units}), layers.Dense(1)])
forecaster_{n}.compile("adam", loss=loss_{n}, metrics=["mae"])
for epoch in range(50):
    forecaster_{n}.fit(x, y, batch_size=64, verbose=0)
    print(epoch, np.sqrt(np.mean((forecaster_{n}.predict(x) - y) ** 2)))
"""
IMPORTS = """import dataclasses
import numpy as np
import pandas as pd
import tensorflow as tf
import keras
from keras import layers, ops
x, y = np.load("x.npy"), np.load("y.npy")
tokens, classes = np.load("tokens.npy"), np.load("classes.npy")
dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(32)
"""
STYLES: dict[str, tuple[str, ...]] = {
    "sequential models": (PLAIN, SEQUENTIAL),
    "functional models": (PLAIN, FUNCTIONAL),
    "subclassed models": (PLAIN, SUBCLASS),
    "classes and settings": (PROJECT,),
    "losses of one's own": (OWN_LOSS, TABLES),
    "nothing but models": (SEQUENTIAL, FUNCTIONAL, SUBCLASS),
    "no model at all": (PLAIN, TABLES),
}


def script(style: str, seed: int, sick: bool = False) -> str:
    """A script of exactly LINES lines."""
    chance = random.Random(f"{style} {seed}")
    text, number = IMPORTS, 0
    while text.count("\n") < LINES:
        block = STYLES[style][number % len(STYLES[style])]
        text += block.format(
            n=number,
            units=chance.randrange(8, 128),
            steps=chance.randrange(10, 60),
            rate=chance.choice([1e-3, 3e-4, 0.5 if sick else 1e-3]),
            activation=chance.choice(["sigmoid", "softmax" if sick else "sigmoid"]),
        )
        number += 1
    whole = text.split("\n")
    cut = next(at for at in range(LINES, 0, -1) if _parses(whole[:at]))
    return "\n".join([*whole[:cut], *["# more"] * (LINES - cut)]) + "\n"


def _parses(lines: list[str]) -> bool:
    try:
        compile("\n".join(lines), "script", "exec")
    except SyntaxError:
        return False
    return True


def notebook(style: str, seed: int) -> str:
    """The same as a notebook of ten cells."""
    cells, lines = [], script(style, seed).splitlines(keepends=True)
    while lines:
        cut = next((at for at in range(10, len(lines)) if _whole(lines, at)), len(lines))
        cells.append({"cell_type": "code", "metadata": {}, "outputs": [], "source": lines[:cut]})
        lines = lines[cut:]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _whole(lines: list[str], at: int) -> bool:
    return _parses(lines[:at]) and _parses(lines[at:])


def corpora(files: int) -> dict[str, Callable[[int], tuple[str, str]]]:
    """By name, what gives the suffix and the text of a file by its number."""
    styles = list(STYLES)
    made: dict[str, Callable[[int], tuple[str, str]]] = {
        style: lambda seed, style=style: (".py", script(style, seed)) for style in styles
    }
    made["half of them sick"] = lambda seed: (".py", script(styles[seed % 6], seed, sick=True))
    made["notebooks"] = lambda seed: (".ipynb", notebook(styles[seed % 6], seed))
    return made


def timed(arguments: list[str]) -> tuple[float, float, str]:
    """Seconds by the clock and of the processor for one `unstuck lint`, and its last line."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "unstuck", "lint", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, (done.stdout.splitlines() or [done.stderr])[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("paths", nargs="*", metavar="PATH")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        single = Path(folder, "train.py")
        single.write_text(script("sequential models", 0, sick=True))
        timed([str(single)])  # the first start of all also reads the disk
        runs = [timed([str(single)]) for _ in range(RUNS)]
        wall, used = (statistics.median(run[at] for run in runs) for at in (0, 1))
        print(f"{'one script':22} {wall:6.3f} s by the clock, {used:6.3f} s of one core")
        for name, text in corpora(arguments.files).items():
            below = Path(folder, name.replace(" ", "_"))
            below.mkdir()
            for seed in range(arguments.files):
                suffix, source = text(seed)
                (below / f"train_{seed:04}{suffix}").write_text(source)
            wall, used, said = timed([str(below)])
            print(f"{name:22} {wall:6.2f} s by the clock, {used:6.2f} s of one core: {said}")
        for path in arguments.paths:
            wall, used, said = timed([path])
            print(f"{path:22} {wall:6.2f} s by the clock, {used:6.2f} s of one core: {said}")


if __name__ == "__main__":
    main()
