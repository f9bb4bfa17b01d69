"""``unstuck lint`` as a person runs it: in a folder, as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import unstuck
from unstuck.commands import main

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(unstuck.__file__).parents[1])}
SICK = (
    "import keras\n"
    "model = keras.Sequential([\n"
    "    keras.layers.LSTM(4),\n"
    "    keras.layers.Dense(1, activation='softmax'),  # one unit\n"
    "])\n"
    "model.compile(loss='binary_crossentropy')\n"
)
"""Shows OUT101, whose change is safe."""
RATED = (
    "import keras\n"
    "model = keras.Sequential([keras.layers.LSTM(4), keras.layers.Dense(1)])\n"
    "model.compile(keras.optimizers.Adam(0.5), 'mse')\n"
)
"""Shows OPT101, whose change is not."""

Lint = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def sick() -> str:
    return SICK


@pytest.fixture(scope="session")
def rated() -> str:
    return RATED


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Runs ``unstuck lint`` in the test's own folder."""

    def run(*arguments: object, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "unstuck", "lint", *map(str, arguments)]
        return subprocess.run(
            command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def lint_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Lint:
    """The same in this process, for tables of cases: starting a process takes longer."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(tmp_path)
        code = main(["lint", *map(str, arguments)])
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return run


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes files by their names into the test's own folder."""

    def write(**files: str | bytes) -> Path:
        return put(tmp_path, files)

    def put(folder: Path, files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write
