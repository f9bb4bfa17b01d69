"""What a whole ``unstuck fix`` takes, in trainings of the script it ends with.

Usage: python benchmarks/fixing.py [--backend jax] [--epochs 100] [--jobs N]

The script has one fault, a rate at which nothing is learned. Printed are the seconds of the healthy
script by itself, the median of three runs; those of the whole fix, from the command to the diff;
and how many healthy runs that is beyond 20 seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RATES = {"healthy": "0.003", "stuck": "1e-7"}
SCRIPT = """\
import keras
import numpy as np

keras.utils.set_random_seed(1)
rng = np.random.default_rng(0)
phase = rng.uniform(0, 6.28, (2000, 1))
wave = np.sin(phase + 0.3 * np.arange(31)) + rng.normal(0, 0.1, (2000, 31))
x, y = wave[:, :30, None], wave[:, 30:]
model = keras.Sequential([keras.Input((30, 1)), keras.layers.LSTM(32), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(learning_rate={rate}), loss="mse")
model.fit(x, y, epochs={epochs}, validation_split=0.2, verbose=0)
"""
OFF = 20.0
"""Seconds that a fix may take for itself: its twin may train for as long."""
RUNS = 3


def seconds(command: list[str], folder: Path, backend: str) -> float:
    """Returns how long a command takes; one that fails ends the benchmark."""
    start = time.perf_counter()
    environment = os.environ | {"KERAS_BACKEND": backend}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stderr}")
    return time.perf_counter() - start


def main() -> None:
    """Prints one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", choices=["jax", "tensorflow", "torch"], default="jax")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--jobs", type=int)
    arguments = parser.parse_args()
    jobs = ["--jobs", str(arguments.jobs)] if arguments.jobs else []
    fix = [sys.executable, "-m", "unstuck", "fix", *jobs, "--json", "fix.json", "stuck.py"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, rate in RATES.items():
            text = SCRIPT.format(rate=rate, epochs=arguments.epochs)
            (folder / f"{kind}.py").write_text(text)
        alone = [sys.executable, "healthy.py"]
        healthy = statistics.median(seconds(alone, folder, arguments.backend) for _ in range(RUNS))
        whole = seconds(fix, folder, arguments.backend)
        told = json.loads((folder / "fix.json").read_text())["fix"]
    print(
        f"{arguments.backend:<11}healthy {healthy:.1f} s  fix {whole:.1f} s  "
        f"runs {told['runs']}  cured {told['cured']}  "
        f"healthy runs beyond {OFF:.0f} s {(whole - OFF) / healthy:.1f}"
    )


if __name__ == "__main__":
    main()
