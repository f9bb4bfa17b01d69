"""What watching costs: a step, the time to the first step, and memory, with and without.

Usage: python benchmarks/watching.py [--backend jax] [--pairs 9] [--what steps|first]

Each figure is the median over interleaved pairs of one run on one machine, as a ratio, so that
other work on the machine hits both sides. ``steps`` alternates epochs with and without the
monitor in one process; ``first`` alternates fresh processes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

SIZES = {
    # units of each layer, batch, time steps, features, steps an epoch
    "LSTM(64), batch 32 x 50 x 8": ((64,), 32, 50, 8, 100),
    "2 x LSTM(256), batch 64 x 100 x 16": ((256, 256), 64, 100, 16, 4),
    "2 x LSTM(64), batch 32 x 40 x 16": ((64, 64), 32, 40, 16, 20),
}
SMALL, LARGE, LARGE_ON_TORCH = SIZES
"""torch steps through an LSTM in Python on a CPU, so its second size is smaller."""


def model_and_data(size: str) -> tuple[Any, Any, Any]:
    """A compiled model with its data, the same for both sides."""
    import keras
    import numpy as np

    units, batch, steps, features, count = SIZES[size]
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(batch * count, steps, features)).astype("float32")
    stack = [
        keras.layers.LSTM(width, return_sequences=at < len(units) - 1)
        for at, width in enumerate(units)
    ]
    model = keras.Sequential([keras.Input((steps, features)), *stack, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model, x, x[:, -1, :1]


def seconds(side: tuple[Any, Any, Any], size: str, monitor: Any) -> tuple[float, float]:
    """Wall and processor seconds of one epoch."""
    import keras

    model, x, y = side
    marks: list[tuple[float, float]] = []

    def mark(*_: object) -> None:
        marks.append((time.perf_counter(), time.process_time()))

    clock = keras.callbacks.LambdaCallback(on_epoch_begin=mark, on_epoch_end=mark)
    callbacks = [clock] if monitor is None else [monitor, clock]
    model.fit(x, y, batch_size=SIZES[size][1], epochs=1, verbose=0, callbacks=callbacks)
    return marks[1][0] - marks[0][0], marks[1][1] - marks[0][1]


def steps(size: str, pairs: int) -> dict[str, float]:
    """The ratio of step times, as medians over interleaved epochs."""
    import unstuck

    plain, watched = model_and_data(size), model_and_data(size)
    monitor = unstuck.Monitor()
    for side, watch in ((plain, None), (watched, monitor)):
        seconds(side, size, watch)
        seconds(side, size, watch)
    found: dict[str, list[tuple[float, float]]] = {"plain": [], "watched": []}
    for pair in range(pairs):
        order = [("plain", plain, None), ("watched", watched, monitor)]
        for name, side, watch in order if pair % 2 else reversed(order):
            found[name].append(seconds(side, size, watch))
    count = SIZES[size][4]
    medians = {
        (name, kind): statistics.median(row[at] for row in rows) / count
        for name, rows in found.items()
        for at, kind in enumerate(("wall", "cpu"))
    }
    return {
        "step_ms": 1000 * medians["plain", "wall"],
        "wall_ratio": medians["watched", "wall"] / medians["plain", "wall"],
        "cpu_ratio": medians["watched", "cpu"] / medians["plain", "cpu"],
    }


def first(watch: bool) -> dict[str, float]:
    """Seconds from the call of fit to the end of its first step, and peaks of memory.

    ``peak`` is that of the training; ``peak_measured`` that of all, with what is measured of the
    trained model when fit has ended.
    """
    import keras

    model, x, y = model_and_data(SMALL)
    monitor = None
    if watch:
        import unstuck

        monitor = unstuck.Monitor()
    marks: list[tuple[float, float]] = []
    peaks: list[int] = []
    # It comes before the monitor, so its end is the end of the training alone.
    clock = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda *_, **__: marks.append(
            (time.perf_counter(), time.process_time())
        ),
        on_train_end=lambda *_, **__: peaks.append(peak_memory()),
    )
    start = (time.perf_counter(), time.process_time())
    model.fit(x, y, batch_size=32, epochs=1, verbose=0, callbacks=[clock, *filter(None, [monitor])])
    return {
        "wall": marks[0][0] - start[0],
        "cpu": marks[0][1] - start[1],
        "peak": peaks[0],
        "peak_measured": peak_memory(),
    }


def peak_memory() -> int:
    """Largest resident size of this process so far, in the unit of the system."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def firsts(pairs: int) -> dict[str, float]:
    """Ratios of the first step's time and of the peak memory, over fresh processes."""
    found: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    for pair in range(pairs):
        for watch in (True, False) if pair % 2 else (False, True):
            command = [sys.executable, __file__, "--what", "one", *(["--watch"] if watch else [])]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[watch].append(json.loads(done.stdout.splitlines()[-1]))
    medians = {
        (watch, name): statistics.median(row[name] for row in rows)
        for watch, rows in found.items()
        for name in rows[0]
    }
    return {
        "first_step_s": medians[False, "wall"],
        **{f"{name}_ratio": medians[True, name] / medians[False, name] for name in found[True][0]},
    }


def main() -> None:
    """Prints the figures of one backend, or of all three one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", choices=["jax", "tensorflow", "torch"])
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--what", choices=["steps", "first", "one"])
    parser.add_argument("--watch", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.what == "one":
        print(json.dumps(first(arguments.watch)))
        return
    if arguments.backend is None:
        for backend in ("jax", "tensorflow", "torch"):
            subprocess.run([sys.executable, *sys.argv, "--backend", backend], check=True)
        return
    os.environ["KERAS_BACKEND"] = arguments.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if arguments.what in (None, "steps"):
        second = LARGE_ON_TORCH if arguments.backend == "torch" else LARGE
        for size in (SMALL, second):
            row = steps(size, arguments.pairs)
            figures = "  ".join(f"{name} {value:.4f}" for name, value in row.items())
            print(f"{arguments.backend:<11}{size:<36}{figures}", flush=True)
    if arguments.what in (None, "first"):
        row = firsts(arguments.pairs)
        figures = "  ".join(f"{name} {value:.4f}" for name, value in row.items())
        print(f"{arguments.backend:<11}{'first step, peak memory':<36}{figures}", flush=True)


if __name__ == "__main__":
    main()
