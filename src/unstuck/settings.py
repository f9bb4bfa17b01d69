"""Settings of a project: ``[tool.unstuck]`` in the ``pyproject.toml`` nearest above a path.

Keys: ``select`` and ``ignore`` (codes, prefixes of codes, names or causes of rules),
``exclude`` (patterns of files), ``per-file-ignores`` (pattern to rules), ``fail-on``, ``format``.
"""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any, NoReturn

from unstuck.errors import UsageError
from unstuck.record import SEVERITIES

FORMATS = ("text", "json", "sarif", "github")
NEVER = "never"
FAIL_ON = (*SEVERITIES, NEVER)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a project asks for; None and empty stand for the defaults.

    Attributes:
        folder: That of the file, or the working directory; patterns are relative to it.
        file: The ``pyproject.toml``; None where there is none.
        select: Rules to ask; empty for all.
        ignore: Rules not to ask, even if selected.
        exclude: Patterns of files and folders to leave out.
        per_file_ignores: By pattern, rules not to ask about these files.
        fail_on: The mildest severity that fails, or "never".
        format: How findings are printed.
    """

    folder: Path
    file: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    fail_on: str | None = None
    format: str | None = None

    def excludes(self, path: Path) -> bool:
        """Whether a file or folder is to be left out."""
        if not self.exclude:
            return False
        inside = self._inside(path)
        return any(_covers(pattern, inside) for pattern in self.exclude)

    def ignored_in(self, path: Path) -> tuple[str, ...]:
        """Returns the rules that ``per-file-ignores`` silences in a file."""
        if not self.per_file_ignores:
            return ()
        inside = self._inside(path)
        found = (
            rules for pattern, rules in self.per_file_ignores.items() if _covers(pattern, inside)
        )
        return tuple(rule for rules in found for rule in rules)

    def _inside(self, path: Path) -> PurePath:
        return PurePath(os.path.relpath(path, self.folder))


def _covers(pattern: str, path: PurePath) -> bool:
    """Whether a pattern names a path or a folder around it.

    Without a slash it is the pattern of a name anywhere; with one, of a path from the
    settings' folder on, in which ``*`` stands for slashes too.
    """
    if "/" not in pattern.strip("/"):
        return any(fnmatch.fnmatchcase(part, pattern.strip("/")) for part in path.parts)
    plain = pattern.strip("/").removeprefix("./")
    around = [path, *path.parents]
    return any(
        fnmatch.fnmatchcase(one.as_posix(), form)
        for one in around
        for form in {plain, plain.removeprefix("**/")}
    )


def nearest(path: Path) -> Settings:
    """Returns the settings for a path: those of the nearest folder above it that has any.

    Raises:
        UsageError: If they can't be read, or hold what unstuck doesn't know.
    """
    start = Path(os.path.abspath(path))
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if os.path.isfile(file) and (found := _in_file(file)) is not None:
            return found
    return Settings(Path.cwd())


def _in_file(file: Path) -> Settings | None:
    """Returns the settings in a file, None if it has no table of ours."""
    try:
        data = file.read_bytes()
        if b"unstuck" not in data:  # most files; tomllib takes longer to import than to read
            return None
        import tomllib

        table = tomllib.loads(data.decode()).get("tool", {}).get("unstuck")
    except (OSError, ValueError, AttributeError) as error:
        raise UsageError(f"Expected settings in TOML. Received: {file} ({error}).") from error
    return None if table is None else read(table, file)


def read(table: Any, file: Path) -> Settings:
    """Checks a table of settings, and returns it.

    Args:
        table: What ``[tool.unstuck]`` holds.
        file: The file that it comes from.

    Raises:
        UsageError: For an unknown key or a value of another kind.
    """
    if not isinstance(table, dict):
        _refuse(file, "a table [tool.unstuck]", table)
    for key in table:
        if key not in _READERS:
            close = difflib.get_close_matches(str(key), _READERS, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else "Remove it."
            _refuse(file, f"one of the keys {', '.join(_READERS)}", key, hint)
    given = {key.replace("-", "_"): _READERS[key](file, key, value) for key, value in table.items()}
    return Settings(folder=file.parent, file=file, **given)


def _names(file: Path, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        _refuse(file, f"a list of texts for {key}", value, f'For example: {key} = ["…"].')
    return tuple(value)


def _table(file: Path, key: str, value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        _refuse(file, f"a table for {key}", value, f'For example: {key} = {{ "old/*" = ["OUT"] }}.')
    return {
        pattern: _names(file, f"{key} of {pattern!r}", rules) for pattern, rules in value.items()
    }


def _choice(options: tuple[str, ...], file: Path, key: str, value: Any) -> str:
    if value not in options:
        close = difflib.get_close_matches(str(value), options, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else ""
        _refuse(file, f"{key} to be one of {', '.join(options)}", value, hint)
    return str(value)


_READERS: dict[str, Callable[[Path, str, Any], Any]] = {
    "select": _names,
    "ignore": _names,
    "exclude": _names,
    "per-file-ignores": _table,
    "fail-on": functools.partial(_choice, FAIL_ON),
    "format": functools.partial(_choice, FORMATS),
}
"""By key of ``[tool.unstuck]``, what checks its value."""


def _refuse(file: Path, expected: str, received: object, hint: str = "") -> NoReturn:
    raise UsageError(f"Expected {expected} in {file}. Received: {received!r}. {hint}".rstrip())
