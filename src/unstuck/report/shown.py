"""A diagnosis and an x-ray that show themselves: in a terminal, a notebook and a log."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from unstuck.observe.xray.xray import XRay as Seen
from unstuck.pictures import XRayPicture
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


class XRay(Seen):
    """An x-ray as users hold it: arrays by layer, and pictures of them."""

    def show(self) -> None:
        """Shows the picture in a notebook, and a table of gates in a terminal."""
        if _in_notebook():
            from IPython.display import HTML, display

            display(HTML(self._repr_html_()))
        else:
            from unstuck.report.xray import show

            show(self.picture())

    def picture(self) -> XRayPicture:
        """Returns what is drawn of it."""
        from unstuck.findings.inside import picture
        from unstuck.observe.xray.grids import kept

        return picture(
            self.facts, {name: kept(site.trace) for name, site in self.items()}, self.lags
        )

    def __str__(self) -> str:
        from unstuck.report.xray import as_text

        return as_text(self.picture())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from unstuck.report.xray import as_html

        return as_html(self.picture())


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this code; its shell class says so."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"
