"""Where Python finds the user's modules, read from its path without importing any of them."""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from unstuck.errors import UsageError

MAIN = "__main__"


def import_paths() -> list[str]:
    """Returns the folders of Python's path, then those of projects that an import hook finds.

    The first of the path is left out: it is that of the program that runs, which is unstuck.
    """
    return [*sys.path[0 if sys.flags.safe_path else 1 :], *_hooked()]


def located(name: str) -> Path:
    """Returns the file that ``python -m NAME`` runs in the working folder.

    Args:
        name: Of a module, or of a package with a ``__main__``.

    Raises:
        UsageError: If there is none that is written in Python.
    """
    folders: Sequence[str] = [os.getcwd(), *map(os.path.realpath, import_paths())]
    origin: str | None = None
    words = name.split(".")
    for end in range(1, len(words) + 1):
        origin, folders = _found(".".join(words[:end]), folders)
    if folders:
        origin, _ = _found(f"{name}.{MAIN}", folders)
    if origin is None:
        raise UsageError(
            f"Expected a module that Python finds from {os.getcwd()} and can run. "
            f"Received: {name}. For a file: unstuck fix FILE"
        )
    if not origin.endswith(".py"):
        raise UsageError(f"Expected a module written in Python. Received: {name}, {origin}.")
    return Path(origin)


def _found(name: str, folders: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """Returns the file of a module, and the folders of its submodules if it is a package."""
    portions: list[str] = []
    for folder in folders:
        finder: Any = pkgutil.get_importer(folder)
        spec = finder.find_spec(name) if finder is not None else None
        if spec is not None and spec.loader is not None:
            return spec.origin, spec.submodule_search_locations or ()
        if spec is not None:  # without an __init__, folders of one name are one package
            portions += spec.submodule_search_locations or ()
    return None, portions


def _hooked() -> Iterator[str]:
    """Yields folders whose packages a hook of setuptools imports, as ``pip install -e`` sets it up.

    It keeps the folder of each package by its name, see ``editable_wheel`` in setuptools.
    """
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", ""))
        mapping = getattr(module, "MAPPING", None)
        for name, place in mapping.items() if isinstance(mapping, dict) else ():
            path, words = Path(place), tuple(name.split("."))
            if path.parts[-len(words) :] == words:
                yield str(path.parents[len(words) - 1])
