"""The first cause that ``unstuck run`` names, for scripts with a known fault and without one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.diagnosis.scripts import SCRIPTS, Script

RUN_ALL = """
import sys
from unstuck.commands import main
for name in sys.argv[1:]:
    main(["run", "--quiet", "--budget", "0", "--json", name + ".json", name + ".py"])
"""
"""One interpreter for all scripts of a backend: importing it takes longer than a script. No script
trains copies of itself: the cause must come first without that, and how much a budget of seconds
buys hangs on the machine. The rules' own examples are run with it."""

PORTABLE = (
    "healthy-classifier", "healthy-masked", "softmax-on-one-unit", "raw-inputs", "raw-targets",
    "nan-in-the-data", "ids-beyond-the-vocabulary", "labels-from-minus-one", "giant-steps",
    "padding-behind", "rounding-in-the-loss",
)  # fmt: skip
"""Scripts that run on every backend: those whose faults backends treat differently, and two
healthy ones."""


def documents(folder: Path, backend: str, scripts: list[Script]) -> dict[str, Any]:
    """Runs scripts under watch and returns what was written about each."""
    for script in scripts:
        (folder / f"{script.name}.py").write_text(script.text)
    names = [script.name for script in scripts]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN_ALL, *names],
        cwd=folder,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    written = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    assert len(written) == len(scripts), done.stderr
    return written


@pytest.fixture(scope="module")
def on_jax(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return documents(tmp_path_factory.mktemp("jax"), "jax", SCRIPTS)


@pytest.fixture(scope="module", params=["tensorflow", "torch"])
def elsewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    scripts = [script for script in SCRIPTS if script.name in PORTABLE]
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, documents(folder, request.param, scripts)


def check(script: Script, document: dict[str, Any]) -> None:
    """The right cause first, at the right line; on a healthy script no error at all."""
    found = document["findings"]
    if script.cause is None:
        assert document["verdict"] == "healthy", found
        assert not [finding for finding in found if finding["severity"] == "error"]
        return
    assert found, document["summary"]
    first = found[0]
    assert first["cause"] == script.cause, [finding["cause"] for finding in found]
    assert first["severity"] in ("error", "warning")
    assert first["evidence"]
    assert first["treatments"]
    if script.number is not None:
        assert first["location"]["line"] == script.number
    assert document["verdict"] not in ("healthy", "undetermined")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_first_cause_on_jax(script: Script, on_jax: dict[str, Any]) -> None:
    check(script, on_jax[script.name])


@pytest.mark.parametrize("name", PORTABLE)
def test_the_first_cause_elsewhere(name: str, elsewhere: tuple[str, dict[str, Any]]) -> None:
    _, written = elsewhere
    check(next(script for script in SCRIPTS if script.name == name), written[name])
