"""A script or notebook as it lies on disk, and what it becomes by edits."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

from unstuck.case import files
from unstuck.case.cells import with_sources
from unstuck.case.edits import apply
from unstuck.case.notebook import Cell, cell_sources, name_of
from unstuck.case.script import Script
from unstuck.record import Edit


@dataclasses.dataclass(frozen=True)
class Document:
    """A file with everything that a script leaves out: JSON, line ends, encoding.

    Attributes:
        path: As the user named it.
        text: All of the file, decoded.
        encoding: By which it is written back; "utf-8-sig" keeps a byte order mark.
    """

    path: str
    text: str
    encoding: str = "utf-8"

    @classmethod
    def read(cls, path: str | Path) -> Document:
        """Reads a file.

        Raises:
            UsageError: If it can't be read as text.
        """
        return cls(str(path), *files.read(path))

    def write(self) -> None:
        """Puts the text in the place of the file, in one step.

        Raises:
            UsageError: If it can't be written.
        """
        files.write(self.path, self.text, self.encoding)

    @functools.cached_property
    def script(self) -> Script:
        """The code in it.

        Raises:
            UsageError: If it isn't Python or a notebook.
        """
        return Script.parse(self.text, self.path)

    def parts(self) -> Mapping[str, str]:
        """Returns the texts that a person edits by their names: the script, or its cells."""
        if not self.script.cells:
            return {self.path: self.text}
        sources = cell_sources(self.text, self.path)
        return {name_of(self.path, number): text for number, text in enumerate(sources, 1)}

    def edited(self, edits: Iterable[Edit]) -> Document:
        """Returns the document after some edits, which name lines of the script's text.

        Raises:
            ValueError: If a line isn't what an edit says it was, for example a magic.
        """
        if not self.script.cells:
            return dataclasses.replace(self, text=apply(self.text, edits))
        old = cell_sources(self.text, self.path)
        ordered = sorted(edits, key=lambda edit: edit.line)
        new = {
            cell.number: apply(
                old[cell.number - 1],
                [dataclasses.replace(edit, line=edit.line - cell.line + 1) for edit in inside],
            )
            for cell, inside in itertools.groupby(ordered, lambda edit: self._cell(edit.line))
        }
        return dataclasses.replace(self, text=with_sources(self.text, new))

    def _cell(self, line: int) -> Cell:
        return next(cell for cell in reversed(self.script.cells) if cell.line <= line)
