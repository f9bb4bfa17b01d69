"""Which tests run on which backend, and which browser tests a run has left out."""

from __future__ import annotations

import os
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
        if BACKEND_FOLDERS.intersection(item.path.relative_to(TESTS).parts):
            item.add_marker("backends")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = sorted(report.nodeid for report in skipped if "browser" in report.keywords)
    if left_out:
        terminalreporter.section("browser tests that were left out")
        for nodeid in left_out:
            terminalreporter.line(nodeid)
