"""Scripts that run until they are ended, and a look at what is left of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

FOREVER = """\
import os, subprocess, time
subprocess.Popen(["sleep", "600"])
with open({note!r}, "a") as note:
    note.write(f"{{os.getpid()}}\\n")
time.sleep(600)
"""
PATIENCE = 90.0
"""Seconds: starting Python takes long on a machine that does something else as well."""


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def members(group: int) -> list[str]:
    """Returns the processes of a group that still run; a zombie is only waiting to be counted."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it has ended meanwhile
            continue
        if int(its) == group and state != "Z":
            found.append(path.parent.name)
    return found


class Endless:
    """A script that never ends, has a child and notes its process, once for each time it runs."""

    def __init__(self, note: Path) -> None:
        self.text = FOREVER.format(note=str(note))
        self._note = note

    def started(self, times: int = 1) -> list[int]:
        """Waits until it runs that often; returns its groups of processes."""
        assert eventually(lambda: len(self._noted()) >= times)
        return self._noted()

    def gone(self) -> bool:
        """Waits until nothing of it runs."""
        return eventually(lambda: not any(map(members, self._noted())))

    def _noted(self) -> list[int]:
        return [int(line) for line in self._note.read_text().split()] if self._note.exists() else []


@pytest.fixture
def endless(tmp_path: Path) -> Endless:
    return Endless(tmp_path / "note")
