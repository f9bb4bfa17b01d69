from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import unstuck

SOURCE = str(Path(unstuck.__file__).parents[1])
HIDDEN = str(Path(__file__).with_name("hidden"))
Ended = subprocess.CompletedProcess[str]


def environment(**variables: str) -> dict[str, str]:
    """Quiet and on JAX, unless the test or its session chose another backend."""
    given = {"KERAS_BACKEND": "jax", "CUDA_VISIBLE_DEVICES": "", **os.environ, **variables}
    hidden = HIDDEN if given["KERAS_BACKEND"] == "jax" else None
    path = os.pathsep.join(filter(None, [hidden, SOURCE, os.environ.get("PYTHONPATH")]))
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": path, "COLUMNS": "80"}
    return given | quiet | variables


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., Ended]:
    """Runs Python in the test's folder: ``python("-m", "unstuck", "run", "x.py")``."""

    def run(*arguments: str, cwd: Path = tmp_path, **variables: str) -> Ended:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd,
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=900,
        )

    return run


@pytest.fixture
def watched(python: Callable[..., Ended]) -> Callable[..., Ended]:
    """Runs ``unstuck run`` in the test's folder."""

    def run(*arguments: str, **options: object) -> Ended:
        return python("-m", "unstuck", "run", *arguments, **options)

    return run


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts Python in the test's folder and leaves it running."""

    def run(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell's background job ignores Ctrl-C, and so would its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    return run


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file into the test's folder."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write
