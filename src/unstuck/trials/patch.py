"""The cured script as a diff, as a file of its own, or in the place of the script."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from unstuck.errors import UsageError
from unstuck.lint.document import Document
from unstuck.lint.fixing import difference
from unstuck.trials.notebook import with_code


@dataclasses.dataclass(frozen=True)
class Patch:
    """A script or notebook before and after.

    Attributes:
        before: As it lies on disk.
        text: What its code becomes; comments, line ends and encoding stay.
        modules: Likewise, of modules that the script imports.
    """

    before: Document
    text: str
    modules: tuple[Patch, ...] = ()

    @functools.cached_property
    def after(self) -> Document:
        """The changed script."""
        return with_code(self.before, self.text)

    def diff(self) -> str:
        """Returns a unified diff, empty if nothing changes."""
        own = "".join(difference(self.before, self.after))
        return own + "".join(module.diff() for module in self.modules)

    def write(self, path: str | Path) -> None:
        """Writes the changed script to another file.

        Raises:
            UsageError: If it can't be written, or if more than the script changes.
        """
        if self.others:
            raise UsageError(
                f"Expected a change of {self.before.path} alone for --output. Received: one of "
                f"{' and of '.join(self.others)}. Take the diff, or --apply, which keeps copies."
            )
        try:
            Path(path).write_bytes(self.after.text.encode(self.before.encoding))
        except OSError as error:
            raise UsageError(f"Expected to write {path}. Received: {error}.") from error

    @property
    def others(self) -> list[str]:
        """The modules that become others."""
        return [module.before.path for module in self.modules if module.changes]

    @property
    def changes(self) -> bool:
        """Whether the script itself becomes another."""
        return self.after.text != self.before.text

    def apply(self) -> dict[str, Path]:
        """Changes files in their place, and returns the copies that were made of them before.

        Raises:
            UsageError: If a file has changed since it was read, or can't be written.
        """
        changed = [one for one in (self, *self.modules) if one.changes]
        for one in changed:
            one._check()
        return {one.before.path: one._written() for one in changed}

    def _check(self) -> None:
        if Document.read(self.before.path).text != self.before.text:
            raise UsageError(
                f"Expected {self.before.path} as it was when it was tried. Received: another text. "
                "Nothing was changed; run unstuck fix again."
            )

    def _written(self) -> Path:
        backup = self._backup()
        self.after.write()
        return backup

    def _backup(self) -> Path:
        """Copies the script beside itself, under a name that nothing has."""
        original = Path(self.before.path)
        for path in _names(original):
            try:
                with path.open("xb") as file:
                    file.write(original.read_bytes())
            except FileExistsError:
                continue
            except OSError as error:
                raise UsageError(
                    f"Expected to keep a copy of {original} as {path}. Received: {error}. "
                    "Nothing was changed; use --output FILE."
                ) from error
            path.chmod(os.stat(original).st_mode & 0o777)
            return path
        raise AssertionError("there is always a free name")


def _names(path: Path) -> Iterator[Path]:
    yield path.with_name(f"{path.name}.orig")
    for number in itertools.count(2):
        yield path.with_name(f"{path.name}.orig{number}")
