"""A notebook as the one script that its trials run, and what became of that script in its cells."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import itertools
from collections.abc import Iterator, Sequence

from unstuck.case.cells import with_sources
from unstuck.case.notebook import cell_sources
from unstuck.case.script import Script
from unstuck.errors import UsageError
from unstuck.lint.check import as_seen
from unstuck.lint.document import Document
from unstuck.record import Diagnosis, Finding, FitReport

SUFFIX = ".ipynb"
"""How the file of a notebook ends."""

Line = tuple[int, int]
"""A code cell and a line in it, both counted from 0."""


def code(document: Document) -> str:
    """Returns the text that a trial runs: a script as it is, the cells of a notebook joined.

    Raises:
        UsageError: If the document is a notebook whose cells aren't Python.
    """
    return document.script.text if document.path.endswith(SUFFIX) else document.text


def with_code(document: Document, text: str) -> Document:
    """Returns the document with another text in the place of its ``code``.

    Magics stay in a notebook, and so does every cell in which nothing changes.

    Raises:
        UsageError: If the text can't be parted into the cells of the notebook.
    """
    if not document.path.endswith(SUFFIX):
        return dataclasses.replace(document, text=text)
    sources = cell_sources(document.text, document.path)
    new = dict(_changed(sources, document.script.text, text))
    made = dataclasses.replace(document, text=with_sources(document.text, new))
    # A cell that has lost its last line leaves an empty line in the joined text.
    same = ast.dump(made.script.tree) == ast.dump(Script.parse(text).tree)
    if not same or any(_magic(sources[number - 1]) != _magic(new[number]) for number in new):
        raise UsageError(
            f"Expected the change in cells of {document.path} that can be edited by line. "
            "Received: one in a cell that begins with a magic. Change it by hand."
        )
    return made


def _changed(sources: Sequence[str], before: str, after: str) -> Iterator[tuple[int, str]]:
    """Yields number and new source of each cell in which a line of the joined text changes."""
    raw = [source.replace("\r\n", "\n").replace("\r", "\n").split("\n") for source in sources]
    places = [(cell, line) for cell, lines in enumerate(raw) for line in range(len(lines))]
    old, new = before.split("\n"), after.split("\n")
    cells: list[list[str]] = [[] for _ in raw]
    for kind, start, end, first, last in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            for cell, line in places[start:end]:
                cells[cell].append(raw[cell][line])
            continue
        home = _home(raw, places, start, new[first:last])
        for place, text in itertools.zip_longest(places[start:end], new[first:last]):
            home = place[0] if place is not None else home
            if text is not None:
                cells[home].append(_indent(raw[home]) + text if text else text)
    for cell, lines in enumerate(cells):
        if lines != raw[cell]:
            ending = "\r\n" if "\r\n" in sources[cell] else "\n"
            yield cell + 1, ending.join(lines)


def _home(raw: Sequence[Sequence[str]], places: Sequence[Line], at: int, new: list[str]) -> int:
    """Returns the cell that lines go to which are inserted before a line of the joined text.

    At the start of a cell they may belong to the end of the one before: what is indented goes on
    with it, and above the magic of a whole cell nothing can stand.
    """
    if at >= len(places):
        return len(raw) - 1
    cell, line = places[at]
    inside = new[:1] and new[0][:1].isspace()
    before = line == 0 and cell > 0 and (inside or _magic(raw[cell][0]))
    return cell - 1 if before else cell


def _magic(source: str) -> str | None:
    """Returns the first line of a cell if it is a magic of the whole cell: it has to stay there."""
    first = source.lstrip().split("\n", 1)[0]
    return first if first.startswith("%%") else None


def _indent(lines: Sequence[str]) -> str:
    """Returns what IPython takes off all lines of a cell: the indentation of its first."""
    first = next((line for line in lines if line.strip()), "")
    return first[: len(first) - len(first.lstrip(" \t"))]


def in_cells(found: Diagnosis, document: Document, path: str) -> Diagnosis:
    """Returns a diagnosis of the joined text with the cells of the notebook and their lines.

    Args:
        found: What was found; stays as it is if the document is a script.
        document: What was read.
        path: Its path, as findings name it.
    """
    if not document.path.endswith(SUFFIX):
        return found
    script = Script.parse(document.text, path)

    def seen(finding: Finding) -> Finding:
        return as_seen(finding, script) if finding.location.file == path else finding

    def fit(one: FitReport) -> FitReport:
        location, findings = one.location, tuple(seen(finding) for finding in one.findings)
        if location.file == path and location.line is not None:
            place = script.where(location.line)
            location = dataclasses.replace(location, file=place.file, line=place.line)
        return dataclasses.replace(one, location=location, findings=findings)

    return dataclasses.replace(
        found,
        fits=tuple(fit(one) for one in found.fits),
        findings=tuple(seen(finding) for finding in found.findings),
        sources={**found.sources, **script.sources()},
    )
