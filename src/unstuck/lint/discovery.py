"""Finds the scripts below the paths that a person names."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from unstuck.errors import UsageError

SUFFIXES = (".py", ".ipynb")

_SKIPPED = {"__pycache__", "node_modules", "build", "dist", "venv", "site-packages"}
"""Folders that hold what others wrote or what was generated; so do all that start with a dot."""

Excludes = Callable[[Path], bool]


def scripts(paths: Iterable[str | Path], excludes: Excludes = lambda _: False) -> Iterator[Path]:
    """Yields the scripts and notebooks at or below some paths, sorted within a folder, each once.

    A file that is named itself is taken whatever it is called. A link that leads nowhere
    is a script like others, for the reader to complain of.

    Args:
        paths: Files and folders.
        excludes: Tells which of what is found, named or not, is left out.

    Raises:
        UsageError: If there is nothing at a path.
    """
    seen = set()
    for path in map(Path, paths):
        if not path.exists():
            what = "a link that leads nowhere" if path.is_symlink() else "which doesn't exist"
            raise UsageError(
                f"Expected a script, a notebook or a folder. Received: {path}, {what}. "
                "Check the path."
            )
        if excludes(path):
            continue
        for found in _below(path, excludes) if path.is_dir() else (path,):
            if found not in seen:
                seen.add(found)
                yield found


def _below(folder: Path, excludes: Excludes) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED
            and not name.startswith(".")
            and not excludes(Path(parent, name))
        )
        for name in sorted(names):
            path = Path(parent, name)
            # Editors leave hidden links beside a file that is open.
            if name.endswith(SUFFIXES) and not name.startswith(".") and not excludes(path):
                yield from [path] * _may_be_text(path)


def _may_be_text(path: Path) -> bool:
    """Whether a path is a file or a broken link, and not a pipe that would never end."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True
