"""Applies the edits of findings to a document, one finding after another."""

from __future__ import annotations

import dataclasses
import difflib
import io
import re
from collections.abc import Iterator, Sequence

from unstuck.errors import UsageError
from unstuck.findings.rule import Rule
from unstuck.lint.check import as_seen, suspicions
from unstuck.lint.document import Document
from unstuck.record import Finding, Treatment

MOST_FIXES = 1000
"""Of one file; edits that undo each other for ever would be a fault of ours."""


@dataclasses.dataclass(frozen=True)
class Fixed:
    """A document and what became of the findings that have edits.

    Attributes:
        document: After all edits that could be applied.
        done: The findings that are gone, as they were seen before, with what was applied.
        left: Those whose edits could not be applied, with the reason.
    """

    document: Document
    done: tuple[tuple[Finding, Treatment], ...] = ()
    left: tuple[tuple[Finding, str], ...] = ()


def chosen(finding: Finding, unsafe: bool) -> Treatment | None:
    """Returns the first treatment with edits that may be applied, None if there is none.

    Args:
        finding: The finding; its treatments come in the order in which the rule advises them.
        unsafe: Whether edits may be applied that are not known to be safe.
    """
    for treatment in finding.treatments:
        if treatment.edits and (treatment.safe or unsafe):
            return treatment
    return None


def fix(document: Document, asked: Sequence[Rule], unsafe: bool) -> Fixed:
    """Applies edits until no finding has any left that helps.

    The document is read anew after each finding, since lines have moved and another finding
    may have gone with it. An edit stays only if the script still parses and the rule no
    longer says the same of that place.

    Args:
        document: The document.
        asked: The rules to ask.
        unsafe: Whether to apply edits too that are not known to be safe.

    Raises:
        UsageError: If the document isn't Python or a notebook.
    """
    done: list[tuple[Finding, Treatment]] = []
    texts = {document.text}
    while True:
        found = suspicions(document.script, asked)
        left: list[tuple[Finding, str]] = []
        for finding in found:
            treatment = chosen(finding, unsafe)
            if treatment is None:
                continue
            seen = as_seen(finding, document.script)
            try:
                after = _without(document, finding, treatment, found, asked)
            except (ValueError, UsageError) as error:
                left.append((seen, str(error)))
                continue
            if after.text not in texts and len(texts) <= MOST_FIXES:
                document = after
                texts.add(after.text)
                done.append((seen, treatment))
                break
            left.append((seen, "Its edit and another's undo each other."))
        else:
            return Fixed(document, tuple(done), tuple(left))


def _without(
    document: Document,
    finding: Finding,
    treatment: Treatment,
    found: Sequence[Finding],
    asked: Sequence[Rule],
) -> Document:
    """Returns the document after the edits of one finding.

    Raises:
        ValueError: If they can't be applied, or don't remove it.
        UsageError: If what they give isn't Python.
    """
    after = document.edited(treatment.edits)
    said = _said(finding)
    if _count(suspicions(after.script, asked), said) >= _count(found, said):
        raise ValueError("The edit alone does not remove it: change it by hand.")
    return after


def _count(findings: Sequence[Finding], said: tuple[str, str]) -> int:
    return sum(1 for finding in findings if _said(finding) == said)


def _said(finding: Finding) -> tuple[str, str]:
    """Returns what a finding says wherever it stands."""
    return finding.code, _LINE.sub("line", finding.message)


_LINE = re.compile(r"line \d+")


def difference(before: Document, after: Document) -> Iterator[str]:
    """Yields the lines of a unified diff, cell by cell for a notebook."""
    new = after.parts()
    for name, text in before.parts().items():
        old, changed = (list(io.StringIO(part, newline="")) for part in (text, new[name]))
        for line in difflib.unified_diff(old, changed, name, name):
            ended = line.endswith(("\n", "\r"))
            yield line if ended else f"{line}\n\\ No newline at end of file\n"
