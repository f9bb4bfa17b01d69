"""Scripts that run until they are told to end or are ended, and a look at what is left of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NOTING = """\
import os, subprocess, time
subprocess.Popen(["sleep", "600"])
with open({note!r}, "a") as note:
    note.write(f"{{os.getpid()}}\\n")
while not os.path.exists({end!r}):
    time.sleep(0.05)
"""
PATIENCE = 90.0
"""Seconds: starting Python takes long on a machine that does something else as well."""


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def stat(pid: int | str) -> tuple[str, int, int]:
    """Returns state, parent and group of a process; that of one which has ended is a zombie's."""
    try:
        state, parent, group = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return "Z", 0, 0
    return state, int(parent), int(group)


def members(group: int) -> list[str]:
    """Returns the processes of a group that still run."""
    pids = [path.name for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [pid for pid in pids if stat(pid)[0] != "Z" and stat(pid)[2] == group]


def ancestors(pid: int) -> Iterator[int]:
    while pid > 1:
        pid = stat(pid)[1]
        yield pid


class Endless:
    """A script that has a child, and notes its process, once for each time it runs."""

    def __init__(self, folder: Path) -> None:
        self._note, self._end = folder / "note", folder / "end"
        self.text = NOTING.format(note=str(self._note), end=str(self._end))

    def started(self, times: int = 1) -> list[int]:
        """Waits until it has begun that often; returns its groups of processes."""
        assert eventually(lambda: len(self._noted()) >= times)
        return self._noted()

    def below(self, pid: int) -> list[int]:
        """Returns those of its groups that a process has started, or one that that has started."""
        return [group for group in self._noted() if pid in ancestors(group)]

    def gone(self, *groups: int) -> bool:
        """Waits until nothing of some of its groups runs, or of all."""
        return eventually(lambda: not any(map(members, groups or self._noted())))

    def end(self) -> None:
        """Has it come to its end wherever it runs."""
        self._end.touch()

    def _noted(self) -> list[int]:
        return [int(line) for line in self._note.read_text().split()] if self._note.exists() else []


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Endless]:
    script = Endless(tmp_path)
    yield script
    script.end()
