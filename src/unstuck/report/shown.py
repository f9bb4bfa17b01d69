"""A diagnosis that shows itself: in a terminal, a notebook and a log."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from unstuck.record import Diagnosis as Record


class Diagnosis(Record):
    """A diagnosis as users hold it: ``print`` it, show it in a notebook, write it to a file."""

    @classmethod
    def of(cls, record: Record) -> Diagnosis:
        """Wraps what the findings gave."""
        fields = dataclasses.fields(record)
        return cls(**{field.name: getattr(record, field.name) for field in fields})

    def __str__(self) -> str:
        """The report as plain text."""
        from unstuck.report.terminal import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        """The report as a notebook shows it."""
        from unstuck.report.notebook import fragment

        return fragment(self)

    def to_html(self, path: str | Path) -> None:
        """Writes the report as one page that works offline."""
        from unstuck.report.html import write

        write(self, Path(path))

    def save_json(self, path: str | Path) -> None:
        """Writes the document that ``unstuck run --json`` writes."""
        from unstuck.report.json import write

        write(self, Path(path))
