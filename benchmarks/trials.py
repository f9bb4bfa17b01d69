"""What trials that share a program cost, beside as many calls of ``fit`` of fresh models.

Usage: python benchmarks/trials.py [--backend jax] [--pairs 3] [--trials 16]

Both sides train one small LSTM at different learning rates, from making the models to their
weights at the end, compilation counted. They alternate on one machine in one process, so that
other work hits both; each figure is the median over the pairs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from typing import Any

UNITS, SAMPLES, STEPS, FEATURES, BATCH, EPOCHS = 32, 512, 20, 4, 32, 5


def data() -> tuple[Any, Any]:
    """Sequences, and the last value of their first feature."""
    import numpy as np

    x = np.random.default_rng(0).normal(size=(SAMPLES, STEPS, FEATURES)).astype("float32")
    return x, x[:, -1, :1]


def fresh_model(rate: float) -> Any:
    """A compiled model as a loop over learning rates makes it."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((STEPS, FEATURES)), keras.layers.LSTM(UNITS), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


def rates(trials: int) -> list[float]:
    """Learning rates, evenly over four decades."""
    return [10 ** (-5 + 4 * trial / max(1, trials - 1)) for trial in range(trials)]


def in_a_loop(trials: int) -> float:
    """Seconds of as many calls of ``fit``."""
    x, y = data()
    begun = time.perf_counter()
    for rate in rates(trials):
        model = fresh_model(rate)
        model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0)
        model.get_weights()
    return time.perf_counter() - begun


def through_the_engine(trials: int) -> float:
    """Seconds of the same trainings as trials."""
    from unstuck.trials.specified.engine import Engine
    from unstuck.trials.specified.specification import Specification

    x, y = data()
    begun = time.perf_counter()
    every = {"validation_data": (x[:1], y[:1])}  # or a fifth of the rows would be held out
    spec = Specification.of(fresh_model(1e-3), x, y, batch_size=BATCH, epochs=EPOCHS, **every)
    engine = Engine()
    found = engine.run([spec.optimized(learning_rate=rate) for rate in rates(trials)])
    seconds = time.perf_counter() - begun
    assert engine.compiled == 1
    assert all(one is not None and len(one.losses) == EPOCHS for one in found)
    return seconds


def measure(pairs: int, trials: int) -> dict[str, float]:
    """Medians of both sides over interleaved pairs."""
    in_a_loop(1), through_the_engine(1)  # what is imported and set up once
    found: dict[str, list[float]] = {"loop": [], "engine": []}
    for pair in range(pairs):
        sides = [("loop", in_a_loop), ("engine", through_the_engine)]
        for name, side in sides if pair % 2 else reversed(sides):
            found[name].append(side(trials))
    loop, engine = (statistics.median(found[name]) for name in ("loop", "engine"))
    return {"loop_s": loop, "engine_s": engine, "ratio": loop / engine}


def main() -> None:
    """Prints the figures of one backend, or of all three one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", choices=["jax", "tensorflow", "torch"])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--trials", type=int, default=16)
    arguments = parser.parse_args()
    if arguments.backend is None:
        for backend in ("jax", "tensorflow", "torch"):
            subprocess.run([sys.executable, *sys.argv, "--backend", backend], check=True)
        return
    os.environ["KERAS_BACKEND"] = arguments.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    row = measure(arguments.pairs, arguments.trials)
    figures = "  ".join(f"{name} {value:.2f}" for name, value in row.items())
    print(f"{arguments.backend:<11}{arguments.trials} trials  {figures}", flush=True)


if __name__ == "__main__":
    main()
