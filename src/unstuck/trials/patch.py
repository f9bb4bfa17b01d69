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
    """

    before: Document
    text: str

    @functools.cached_property
    def after(self) -> Document:
        """The changed script."""
        return with_code(self.before, self.text)

    def diff(self) -> str:
        """Returns a unified diff, empty if nothing changes."""
        return "".join(difference(self.before, self.after))

    def write(self, path: str | Path) -> None:
        """Writes the changed script to another file.

        Raises:
            UsageError: If it can't be written.
        """
        try:
            Path(path).write_bytes(self.after.text.encode(self.before.encoding))
        except OSError as error:
            raise UsageError(f"Expected to write {path}. Received: {error}.") from error

    def apply(self) -> Path:
        """Changes the script in its place, and returns the copy that was made of it before.

        Raises:
            UsageError: If the script has changed since it was read, or can't be written.
        """
        if Document.read(self.before.path).text != self.before.text:
            raise UsageError(
                f"Expected {self.before.path} as it was when it was tried. Received: another text. "
                "Nothing was changed; run unstuck fix again."
            )
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
