"""A thousand files of a hundred lines in five seconds of one core, one file in 0.15 s.

Processor time of the best of several runs, so that other work on the machine counts for little;
benchmarks/lint_speed.py measures the same for each style of script, and by the clock.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import unstuck

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "lint_speed.py"
FILES, RUNS = 140, 4


@pytest.fixture(scope="module")
def speed():
    spec = importlib.util.spec_from_file_location("lint_speed", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def corpus(speed, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    for seed in range(FILES):
        style = list(speed.STYLES)[seed % len(speed.STYLES)]
        text = speed.script(style, seed, sick=seed % 2 == 1)
        assert text.count("\n") == 100
        (folder / f"train_{seed}.py").write_text(text)
    return folder


def seconds(target: Path, cache: Path) -> float:
    """Processor time of the fastest of some runs, with Python's cache as pip would leave it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {
        "PYTHONPATH": str(Path(unstuck.__file__).parents[1]),
        "PYTHONPYCACHEPREFIX": str(cache),
    }
    command = [sys.executable, "-m", "unstuck", "lint", str(target)]
    taken = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 1, done.stderr
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def test_many_files(corpus, tmp_path):
    assert seconds(corpus, tmp_path) / FILES < 5 / 1000


def test_one_file(corpus, tmp_path):
    assert seconds(corpus / "train_1.py", tmp_path) < 0.15
