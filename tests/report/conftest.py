"""What the tests of every view share: sample diagnoses, and a browser where there is one."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from unstuck.report import html

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
REQUIRED = "UNSTUCK_REQUIRE_BROWSER"


def _module(name: str) -> ModuleType:
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"report_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    return _module("samples")


@pytest.fixture(scope="session")
def cells() -> ModuleType:
    return _module("cells")


def _missing(reason: str) -> None:
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but {reason}")
    pytest.skip(f"{reason}; set {REQUIRED}=1 to fail instead")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("the package playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        _missing("no Chromium was found on the path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()


class Visit:
    """A page opened from a file, and all that it did that a report must not do."""

    def __init__(self, browser, path, **options) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.dialogs: list[str] = []
        self.page = browser.new_page(**options)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dismiss)
        self.url = path.as_uri()
        self.page.goto(self.url)

    def _dismiss(self, dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def drawn(self):
        self.page.wait_for_selector("html[data-drawn]", state="attached", timeout=30_000)
        return self.page

    def check(self) -> None:
        assert self.requests == [self.url]
        assert self.complaints == []
        assert self.dialogs == []


class Visits:
    """Opens pages, and closes them in the end."""

    def __init__(self, browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.opened: list[Visit] = []

    def __call__(self, diagnosis, **options) -> Visit:
        path = self.folder / "report.html"
        html.write(diagnosis, path)
        return self.file(path, **options)

    def file(self, path: Path, **options) -> Visit:
        self.opened.append(Visit(self.browser, path, **options))
        return self.opened[-1]


@pytest.fixture
def visit(browser, tmp_path):
    visits = Visits(browser, tmp_path)
    yield visits
    for each in visits.opened:
        each.page.close()
