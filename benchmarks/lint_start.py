"""How long `unstuck lint` takes to start, and how long reading a script takes.

    python benchmarks/lint_start.py [SCRIPT…]

Prints the median over several runs: processor time of whole processes (so that other work on the
machine counts for little) less that of an empty interpreter, then reading alone, by lines.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 9
SICK = """
import argparse
import numpy as np
import keras
from keras import layers

parser = argparse.ArgumentParser()
parser.add_argument("--units", type=int, default=32)
args = parser.parse_args()


def build(units):
    model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(units)])
    model.add(layers.Dense(1, activation="softmax"))
    return model


x, y = np.load("x.npy"), np.load("y.npy")
x = (x - x.mean(axis=0)) / x.std(axis=0)
model = build(args.units)
model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=5, batch_size=32, validation_split=0.2)
"""


def processor_time(command: list[str]) -> float:
    """Median processor time in seconds, over RUNS processes."""
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(times)


def reading_time(path: Path) -> tuple[int, float]:
    """Lines of a script, and the median processor time in seconds to read it."""
    from unstuck.case.script import Script

    times = []
    for _ in range(RUNS):
        start = time.process_time()
        script = Script.read(path)
        times.append(time.process_time() - start)
    return len(script.lines), statistics.median(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "train.py")
        script.write_text(SICK)
        python = sys.executable
        empty = processor_time([python, "-c", "pass"])
        print(f"empty interpreter        {1e3 * empty:7.1f} ms")
        for words in (["lint", "--help"], ["lint", str(script)]):
            own = processor_time([python, "-m", "unstuck", *words]) - empty
            print(f"unstuck {words[0]} {Path(words[1]).name:<12} {1e3 * own:7.1f} ms")
        for path in (script, *map(Path, sys.argv[1:])):
            lines, seconds = reading_time(path)
            print(f"read {lines:5d} lines         {1e3 * seconds:7.2f} ms  {path.name}")


if __name__ == "__main__":
    main()
