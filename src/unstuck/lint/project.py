"""Lints the paths of a command line, each with the settings of its project."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from unstuck.errors import UsageError
from unstuck.findings.rule import Rule
from unstuck.lint.check import as_seen, diagnosis_of, suspicions
from unstuck.lint.discovery import scripts
from unstuck.lint.document import Document
from unstuck.lint.fixing import chosen, difference, fix
from unstuck.lint.selection import Selection
from unstuck.record import Diagnosis, Finding, Treatment
from unstuck.settings import Settings, nearest

Fixes = Literal["none", "show", "write"]


@dataclasses.dataclass
class Linted:
    """What came of it.

    Attributes:
        paths: The scripts that were read, in the order of reading.
        findings: What is suspected in them, after the edits that were written.
        sources: Text by the files that findings name.
        problems: Why something could not be done; each is a sentence.
        remarks: What else a person should know of.
        done: Findings that are or would be gone, with what was applied.
        left: Findings whose edits could not be applied, with the reason.
        diff: Lines of a unified diff of what was or would be changed.
        fixable: How many findings have safe edits, and how many have others only.
    """

    paths: list[str] = dataclasses.field(default_factory=list)
    findings: list[Finding] = dataclasses.field(default_factory=list)
    sources: dict[str, str] = dataclasses.field(default_factory=dict)
    problems: list[str] = dataclasses.field(default_factory=list)
    remarks: list[str] = dataclasses.field(default_factory=list)
    done: list[tuple[Finding, Treatment]] = dataclasses.field(default_factory=list)
    left: list[tuple[Finding, str]] = dataclasses.field(default_factory=list)
    diff: list[str] = dataclasses.field(default_factory=list)
    fixable: tuple[int, int] = (0, 0)

    def diagnosis(self) -> Diagnosis:
        """Returns it as a diagnosis without fits."""
        return diagnosis_of(self.paths, self.findings, self.sources)


@dataclasses.dataclass(frozen=True)
class Linting:
    """What a command line asks for.

    Attributes:
        select: Rules to ask; None leaves that to the settings of the project.
        ignore: Rules not to ask, likewise.
        fixes: Whether edits are applied, and whether files are written then.
        unsafe: Whether edits are applied that are not known to be safe.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    fixes: Fixes = "none"
    unsafe: bool = False

    def run(self, paths: Sequence[str]) -> Linted:
        """Lints scripts, notebooks and folders; what can't be read is told, and the rest goes on.

        Raises:
            UsageError: If settings are wrong.
        """
        linted, seen = Linted(), set[Path]()
        known: dict[Path, Selection] = {}
        for path in paths:
            folder = Path(path) if Path(path).is_dir() else Path(path).parent
            if folder not in known:  # a commit hook names every file
                known[folder] = Selection(nearest(folder), self.select, self.ignore)
                known[folder].check()
            selection = known[folder]
            settings = selection.settings
            try:
                found = list(scripts([path], settings.excludes))
            except UsageError as error:
                linted.problems.append(str(error))
                continue
            if not found:
                linted.remarks.append(_nothing_at(path, settings))
            for file in found:
                if file not in seen:
                    seen.add(file)
                    self._file(file, selection.rules(file), linted)
        return linted

    def _file(self, path: Path, asked: Sequence[Rule], linted: Linted) -> None:
        try:
            document = Document.read(path)
            if self.fixes != "none":
                document = self._fixed(document, asked, linted)
            _find(document, asked, linted)
        except UsageError as error:
            linted.problems.append(str(error))
        except Exception as error:
            linted.problems.append(_fault(path, error))

    def _fixed(self, document: Document, asked: Sequence[Rule], linted: Linted) -> Document:
        """Returns the document as it is after the edits: unchanged if they are only shown."""
        fixed = fix(document, asked, self.unsafe)
        if self.fixes == "write" and fixed.done:
            try:
                fixed.document.write()
            except UsageError as error:
                linted.problems.append(str(error))
                return document
        linted.done += fixed.done
        linted.left += fixed.left
        linted.diff += difference(document, fixed.document)
        return fixed.document if self.fixes == "write" else document


def _find(document: Document, asked: Sequence[Rule], linted: Linted) -> None:
    script = document.script
    found = suspicions(script, asked)
    linted.paths.append(script.path)
    if not found:
        return
    safe = sum(1 for finding in found if chosen(finding, unsafe=False))
    all_of_them = sum(1 for finding in found if chosen(finding, unsafe=True))
    linted.fixable = linted.fixable[0] + safe, linted.fixable[1] + all_of_them - safe
    linted.findings += [as_seen(finding, script) for finding in found]
    linted.sources.update(script.sources())


def _nothing_at(path: str, settings: Settings) -> str:
    if settings.excludes(Path(path)):
        return f"{path} is left out by exclude in {settings.file}."
    return f"There is no script or notebook below {path}."


def _fault(path: Path, error: Exception) -> str:
    at = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"Expected to read {path}. Received: an internal error, {type(error).__name__}: {error} "
        f"at {at.filename}:{at.lineno}. This is a fault in unstuck, not in your script."
    )
