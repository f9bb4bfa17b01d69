"""The views are imported at the start of every command: they must not bring the heavy packages."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"keras", "numpy", "jinja2", "rich", "jax", "tensorflow", "torch"}
VIEWS = [
    "unstuck.report.terminal",
    "unstuck.report.json",
    "unstuck.report.html",
    "unstuck.report.notebook",
    "unstuck.report.sarif",
    "unstuck.report.github",
]


@pytest.mark.parametrize("view", VIEWS)
def test_importing_a_view_is_light(view):
    code = f"import sys, {view}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
