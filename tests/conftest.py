"""Which tests run on which backend, and which browser tests a run has left out."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

BACKEND_FOLDERS = {"backends", "case", "observe", "trials"}
"""Everything below these folders touches live Keras objects, so it depends on the backend."""

# JAX starts fastest; set before anything imports Keras.
os.environ.setdefault("KERAS_BACKEND", "jax")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # A cluster is about machines; what a trial computes there is the business of others.
        about_machines = "cluster" in getattr(item, "fixturenames", ())
        if BACKEND_FOLDERS.intersection(item.path.relative_to(TESTS).parts) and not about_machines:
            item.add_marker("backends")


class RayCluster:
    """Machines of a Ray cluster that are all this one.

    Attributes:
        address: Host and port of the first, which has two processors.
    """

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self.address = self._read()

    def add(self) -> int:
        """Adds a machine with one processor; returns the process that it lives and dies with."""
        assert self._process.stdin
        self._process.stdin.write("add\n")
        self._process.stdin.flush()
        return int(self._read())

    def copies(self) -> list[Path]:
        """Returns the folders that trials have on its machines."""
        return list(self._folder.glob("unstuck-*"))

    def _read(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline().strip()
        assert line, "the cluster did not start"
        return line


@pytest.fixture(scope="session")
def cluster() -> Iterator[RayCluster]:
    # The paths of its sockets may be no longer than a hundred letters.
    with (
        tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True) as own,
        subprocess.Popen(
            [sys.executable, str(TESTS / "ray_cluster.py")],
            env={**os.environ, "RAY_TMPDIR": own, "TMPDIR": own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        yield RayCluster(process, Path(own))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = sorted(
        report.nodeid for report in skipped if "browser" in getattr(report, "keywords", ())
    )
    if left_out:
        terminalreporter.section("browser tests that were left out")
        for nodeid in left_out:
            terminalreporter.line(nodeid)
