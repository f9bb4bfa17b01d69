"""What an x-ray costs: against a training step of the same model and batch, and in memory.

Usage: python benchmarks/xray.py [--backend jax] [--pairs 9] [--what time|memory|long|run]

``time`` gives the median over interleaved pairs of one run: a full x-ray (both passes, checks and
measurements) over one training step, after both have been compiled. ``memory`` gives what a second
x-ray of a fresh process needs at most while it is taken, over the bytes that it returns; it reads
Linux's account of the process. ``long`` takes
an x-ray of 5,000 steps and 512 units and gives the peak of its process. ``run`` trains 1,000 steps
with probe and x-rays at their defaults, and without: step time, and the whole of fit.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SIZES = {
    "LSTM(64) x 50 steps": ((64,), 32, 50, 8),
    "2 x LSTM(128) x 200 steps": ((128, 128), 32, 200, 16),
}
GIBIBYTE = 2**30


def made(size: str) -> tuple[Any, Any, Any]:
    """A compiled model, and a batch."""
    import keras
    import numpy as np

    units, batch, steps, features = SIZES[size]
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(batch, steps, features)).astype("float32")
    stack = [
        keras.layers.LSTM(width, return_sequences=at < len(units) - 1)
        for at, width in enumerate(units)
    ]
    model = keras.Sequential([keras.Input((steps, features)), *stack, keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model, x, x[:, 0, :1]


def seconds(action: Any) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def times(size: str, pairs: int) -> dict[str, float]:
    """The time of an x-ray over that of a training step."""
    import unstuck

    model, x, y = made(size)
    step, look = lambda: model.train_on_batch(x, y), lambda: unstuck.xray(model, x, y)
    for action in (step, look, step, look):
        action()
    found = [(seconds(step), seconds(look)) for _ in range(pairs)]
    steps, looks = (statistics.median(column) for column in zip(*found, strict=True))
    return {"step_ms": 1000 * steps, "xray_ms": 1000 * looks, "ratio": looks / steps}


def memory(size: str) -> dict[str, float]:
    """What an x-ray needs at most while it is taken, over the bytes that it returns."""
    import unstuck

    model, x, y = made(size)
    model.train_on_batch(x, y)
    unstuck.xray(model, x, y)  # compiles
    before = _forget_peak()
    seen = unstuck.xray(model, x, y)
    returned = sum(
        array.nbytes
        for site in seen.values()
        for array in (
            *site.trace.gates.values(),
            *site.trace.gate_gradients.values(),
            *filter(lambda a: a is not None, (site.trace.cell, site.trace.cell_gradient)),
            site.trace.hidden,
            site.trace.hidden_gradient,
            site.trace.inputs,
            site.trace.input_gradient,
        )
    )
    return {"returned_mb": returned / 1e6, "ratio": (_peak() - before) / returned}


def long() -> dict[str, float]:
    """The peak of a process that looks into 5,000 steps of 512 units."""
    import unstuck

    SIZES["long"] = ((512,), 4, 5000, 4)
    model, x, y = made("long")
    started = time.perf_counter()
    seen = unstuck.xray(model, x, y)
    return {
        "samples": seen.facts.samples,
        "seconds": time.perf_counter() - started,
        "peak_gib": _peak() / GIBIBYTE,
    }


def run(pairs: int) -> dict[str, float]:
    """1,000 steps watched with x-rays over 1,000 steps unwatched, step times and whole calls."""
    import keras
    import numpy as np

    import unstuck

    size = "LSTM(64) x 50 steps"
    _, batch, steps, features = SIZES[size]
    x = np.random.default_rng(0).normal(size=(100 * batch, steps, features)).astype("float32")
    models = {True: made(size)[0], False: made(size)[0]}
    found: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for pair in range(pairs + 1):
        for watch in (True, False) if pair % 2 else (False, True):
            marks: list[float] = []
            clock = keras.callbacks.LambdaCallback(
                on_train_batch_end=lambda *_, marks=marks, **__: marks.append(time.perf_counter())
            )
            callbacks = [clock, *([unstuck.Monitor()] if watch else [])]
            options = {"batch_size": batch, "epochs": 10, "verbose": 0, "callbacks": callbacks}
            whole = seconds(lambda w=watch, o=options: models[w].fit(x, x[:, 0, :1], **o))
            if pair:  # the first pair compiles
                found[watch].append((marks[-1] - marks[0], whole))
    medians = {
        w: [statistics.median(c) for c in zip(*rows, strict=True)] for w, rows in found.items()
    }
    return {
        "step_ratio": medians[True][0] / medians[False][0],
        "after_the_last_step_s": medians[True][1] - medians[True][0],
    }


def _status(name: str) -> int:
    """Bytes that Linux says of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def _peak() -> int:
    return _status("VmHWM")


def _forget_peak() -> int:
    """Lets the peak begin at what is in use now, and returns that."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def main() -> None:
    """Prints the figures of one backend, or of all three one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", choices=["jax", "tensorflow", "torch"])
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--what", choices=["time", "memory", "long", "run"])
    parser.add_argument("--size", choices=list(SIZES))
    arguments = parser.parse_args()
    if arguments.backend is None:
        for backend in ("jax", "tensorflow", "torch"):
            subprocess.run([sys.executable, *sys.argv, "--backend", backend], check=True)
        return
    if arguments.what is None or (arguments.what == "memory" and arguments.size is None):
        for what in [arguments.what] if arguments.what else ["time", "memory", "long", "run"]:
            for size in list(SIZES) if what == "memory" else [None]:
                command = [sys.executable, *sys.argv, "--what", what]
                subprocess.run([*command, *(["--size", size] if size else [])], check=True)
        return
    os.environ["KERAS_BACKEND"] = arguments.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for size in list(SIZES) if arguments.what == "time" else [arguments.size]:
        figures = {
            "time": lambda size=size: times(size, arguments.pairs),
            "memory": lambda size=size: memory(size),
            "long": long,
            "run": lambda: run(arguments.pairs),
        }[arguments.what]()
        words = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
        print(f"{arguments.backend:<11}{arguments.what:<8}{size or '':<28}{words}", flush=True)


if __name__ == "__main__":
    main()
