"""Which tests run on which backend, and what becomes of browser tests without a browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

BACKEND_FOLDERS = {"backends", "case", "observe", "trials"}
"""Everything below these folders touches live Keras objects, so it depends on the backend."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# JAX starts fastest; set before anything imports Keras.
os.environ.setdefault("KERAS_BACKEND", "jax")


def find_browser() -> str | None:
    """Returns the path of a Chromium browser, None if this machine has none."""
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser for tests marked ``browser``."""
    path = find_browser()
    assert path, "only tests marked `browser` may ask for the browser"
    return path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if BACKEND_FOLDERS.intersection(item.path.relative_to(TESTS).parts):
            item.add_marker("backends")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") is None or find_browser():
        return
    reason = f"no browser: expected one of {', '.join(BROWSERS)} on the PATH, found none"
    if os.environ.get("UNSTUCK_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason}; UNSTUCK_REQUIRE_BROWSER=1 asks for it", pytrace=False)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = sorted(report.nodeid for report in skipped if "browser" in report.keywords)
    if left_out and find_browser() is None:
        terminalreporter.section("left out, as there is no Chromium on this machine")
        for nodeid in left_out:
            terminalreporter.line(nodeid)
