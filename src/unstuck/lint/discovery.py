"""Finds the scripts below the paths that a person names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from unstuck.errors import UsageError

SUFFIXES = (".py", ".ipynb")

_SKIPPED = {"__pycache__", "node_modules", "build", "dist", "venv", "site-packages"}
"""Folders that hold what others wrote or what was generated; so do all that start with a dot."""


def scripts(paths: Iterable[str | Path]) -> Iterator[Path]:
    """Yields the scripts and notebooks at or below some paths, sorted within a folder, each once.

    A file that is named itself is taken whatever it is called.

    Raises:
        UsageError: If there is nothing at a path.
    """
    seen = set()
    for path in map(Path, paths):
        if not path.exists():
            raise UsageError(
                f"Expected a script, a notebook or a folder. Received: {path}, which doesn't "
                "exist. Check the path."
            )
        for found in _below(path) if path.is_dir() else (path,):
            if found not in seen:
                seen.add(found)
                yield found


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED and not name.startswith(".")
        )
        yield from (Path(parent, name) for name in sorted(names) if name.endswith(SUFFIXES))
