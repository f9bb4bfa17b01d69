"""The file that the recording of a run goes to."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from unstuck.errors import UsageError

_SQLITE = b"SQLite format 3\0"
"""How every recording starts."""


@contextlib.contextmanager
def recording_file(name: str | None) -> Iterator[Path]:
    """Gives the path of a new recording; without a name, of one that is deleted afterwards.

    Raises:
        UsageError: If there is a file of that name which is not a recording.
    """
    if name is not None:
        yield _cleared(name)
        return
    process, folder = os.getpid(), tempfile.mkdtemp(prefix="unstuck-")
    try:
        yield Path(folder) / "recording"
    finally:
        if os.getpid() == process:  # a forked child must leave its parent's files alone
            shutil.rmtree(folder, ignore_errors=True)


def _cleared(name: str) -> Path:
    """Removes an earlier recording of that name, but no other file."""
    path = Path(os.path.realpath(name))
    if path.exists() and not _recorded(path):
        raise UsageError(
            f"Expected a new file or an old recording for --record, received {name}, which is "
            "something else. Choose another name or remove it first."
        )
    # What a killed run left in its write-ahead log belongs to the file that is removed.
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path


def _recorded(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) in (b"", _SQLITE)
