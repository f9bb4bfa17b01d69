"""A folder for copies, which is gone afterwards however this process ends."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "unstuck-"
GUARD = """\
exec 3<&0
( ( read -r _ <&3 || { sleep 1; rm -rf -- "$0"; } ) & )
"""
"""A shell's words that remove a folder, ``$0``, once their standard input ends without a line. What
has a file open there is being ended at the same time, and needs a moment. They wait as nobody's
child, or they would end with the children of a process that a cluster ends."""


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Gives an empty folder under its real name, by which programs that run in it know it."""
    folder = tempfile.TemporaryDirectory(prefix=PREFIX)
    real = os.path.realpath(folder.name)
    with _guarded(real), folder:
        yield Path(real)


@contextlib.contextmanager
def _guarded(folder: str) -> Iterator[None]:
    with subprocess.Popen(
        ["sh", "-c", GUARD, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as guard:
        guard.wait()
        try:
            yield
        finally:
            guard.communicate(b"\n")
