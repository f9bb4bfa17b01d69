"""A diagnosis as text: coloured in a terminal, plain in a pipe or a log."""

from __future__ import annotations

import io
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from unstuck.record import Diagnosis, Severity, Verdict
from unstuck.report.outline import outline

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

NARROWEST = 40
"""Columns below which nothing is laid out any more: the terminal breaks the lines."""
PROSE = 96
"""Columns of running text, even where the terminal is wider: longer lines are hard to follow."""
EVIDENCE_ROWS = 10
"""Measurements shown with the first finding; the page and the JSON document hold them all."""

DECIDE = "What would decide it"
"""Heading of the experiments."""

_VERDICT_STYLE: dict[Verdict, str] = {
    "healthy": "bold green",
    "stuck": "bold red",
    "diverged": "bold red",
    "overfit": "bold yellow",
    "misleading": "bold yellow",
    "no_signal": "bold cyan",
    "undetermined": "bold",
}
_SEVERITY_STYLE: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "cyan"}
_SIGN_STYLE = {"-": "red", "+": "green"}

_ASCII = str.maketrans({"│": "|", "→": "->", "·": "-", "…": "...", "–": "-"})
"""What the report's own signs become where the stream cannot write them."""


def show(diagnosis: Diagnosis, stream: TextIO | None = None, width: int | None = None) -> None:
    """Writes a diagnosis to a stream.

    Args:
        diagnosis: What to say.
        stream: Where to; standard output if None. Colours are used only where it
            is a terminal; the usual variables (NO_COLOR, FORCE_COLOR) are heeded.
        width: Columns; those of the terminal if None, 80 where there is none.
    """
    from rich.console import Console

    target = stream or sys.stdout
    console = Console(file=target, width=width, force_jupyter=False)
    with console.capture() as written:
        _print(console, outline(diagnosis))
    target.write(writable(written.get(), getattr(target, "encoding", None)))


def as_text(diagnosis: Diagnosis, width: int = 80) -> str:
    """Returns the report as plain text, for a log or a message."""
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        width=width,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
    )
    with console.capture() as written:
        _print(console, outline(diagnosis))
    return written.get()


def writable(text: str, encoding: str | None) -> str:
    """Replaces what a stream's encoding lacks: a report must not fail on an old terminal."""
    if encoding is None:
        return text
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _print(console: Console, report: dict[str, Any]) -> None:
    width = max(NARROWEST, console.width)
    for line in _lines(report, width):
        # Rows of source keep their length: a terminal that breaks them still lets them be copied.
        console.print(line, soft_wrap=True)


def _lines(report: dict[str, Any], width: int) -> Iterator[Text]:
    prose = min(width, PROSE)
    yield from _verdict(report, prose)
    if report["first"]:
        yield from _first(report["first"], report["headings"], width)
    if report["others"]:
        yield from _others(report["others"], report["headings"]["others"], prose)
    yield from _fits(report["fits"], prose)
    yield _text("")
    yield _text(report["tool"], "dim")


def _verdict(report: dict[str, Any], width: int) -> Iterator[Text]:
    title = _text(report["verdict_word"].upper(), _VERDICT_STYLE[report["verdict"]])
    if report["script"]:
        title.append(f"  {report['script']}", "dim")
    yield title
    yield from _paragraph(report["summary"], width, style="bold")


def _first(finding: dict[str, Any], headings: dict[str, str], width: int) -> Iterator[Text]:
    prose = min(width, PROSE)
    yield from _heading(headings["first"])
    yield from _paragraph(finding["message"], prose, indent=2)
    if finding["place"]:
        yield _text("")
        yield _text(f"  {finding['place']}", "dim")
    for row in finding["excerpt"]:
        yield _source(row)
    if finding["treatments"]:
        yield from _heading(headings["treatments"])
        yield from _treatments(finding["treatments"], prose)
    yield from _heading("How we know")
    yield from _paragraph(
        f"{finding['level_words']} (confidence {finding['confidence']}).", prose, indent=2
    )
    yield from _table(finding["evidence"][:EVIDENCE_ROWS], width)
    left = len(finding["evidence"]) - EVIDENCE_ROWS
    if left > 0:
        yield _text(f"  and {left} more", "dim")
    rule = f"{finding['code']} {finding['name']}, more with: unstuck explain {finding['code']}"
    yield from _paragraph(rule, prose, indent=2, style="dim")


def _source(row: dict[str, Any]) -> Text:
    marker = ">" if row["marked"] else " "
    line = f"  {marker} {row['number']:>4} │ {row['text']}"
    return _text(line.rstrip(), "bold" if row["marked"] else "dim")


def _treatments(treatments: list[dict[str, Any]], width: int) -> Iterator[Text]:
    for index, treatment in enumerate(treatments):
        lead = "Or: " if index else ""
        yield from _paragraph(lead + treatment["summary"], width, indent=2)
        for row in treatment["edits"]:
            style = _SIGN_STYLE[row["sign"]]
            yield _text(f"    {row['number']:>4} {row['sign']} {row['text']}", style)
        if treatment["trial"]:
            yield _text("  Tried:", "dim")
            yield from _table(treatment["trial"], width, indent=4)


def _table(rows: list[dict[str, str]], width: int, indent: int = 2) -> Iterator[Text]:
    """Aligns names and values; a name too long for that pushes its value to the right."""
    from rich.cells import cell_len

    column = min(max((cell_len(row["name"]) for row in rows), default=0), width // 2)
    for row in rows:
        gap = " " * max(2, column + 2 - cell_len(row["name"]))
        yield _text(f"{' ' * indent}{row['name']}{gap}", "dim").append(row["value"])


def _others(findings: list[dict[str, Any]], heading: str, width: int) -> Iterator[Text]:
    yield from _heading(heading)
    for finding in findings:
        lead = _text(f"  {finding['severity']} ", _SEVERITY_STYLE[finding["severity"]])
        lead.append(finding["code"])
        if finding["place"]:
            lead.append(f"  {finding['place']}", "dim")
        yield lead
        yield from _paragraph(finding["message"], width, indent=4)


def _fits(fits: list[dict[str, Any]], width: int) -> Iterator[Text]:
    yield from _heading("Fits" if len(fits) != 1 else "Fit")
    if not fits:
        yield _text("  No call of fit was watched.")
    if any(fit["skill"] for fit in fits):
        scale = "Skill is 0 for the best constant prediction and 1 for a perfect one."
        yield from _paragraph(scale, width, indent=2, style="dim")
    for fit in fits:
        yield from _paragraph(fit_line(fit), width, indent=2, hang=4)
        for remark in fit["remarks"]:
            yield from _paragraph(remark, width, indent=4)
        if fit["experiments"]:
            yield from _heading(DECIDE)
        for number, experiment in enumerate(fit["experiments"], start=1):
            yield from _paragraph(f"{number}. {experiment}", width, indent=2, hang=5)


def fit_line(fit: dict[str, Any]) -> str:
    """Says on one line what a fit did, against its controls."""
    loss = fit["loss"]
    controls = [
        f"{label} {loss[name]}"
        for name, label in (("constant_predictor", "best constant"), ("naive_forecast", "naive"))
        if loss[name]
    ]
    against = f" ({', '.join(controls)})" if controls else ""
    at = f" {fit['place']}" if fit["place"] else ""
    parts = [
        f"{fit['model']}{at}",
        f"{fit['verdict_word'].lower()}",
        f"{fit['steps']} steps",
        f"loss {loss['start'] or 'unknown'} → {loss['end'] or 'unknown'}{against}",
        f"skill {fit['skill'] or 'unknown'}",
    ]
    if fit["interrupted"]:
        parts.append(f"ended early: {fit['interrupted']}")
    return " · ".join(parts)


def _heading(words: str) -> Iterator[Text]:
    yield _text("")
    yield _text(words, "bold")


def _paragraph(
    words: str, width: int, indent: int = 0, hang: int | None = None, style: str = ""
) -> Iterator[Text]:
    """Breaks running text into lines of at most ``width`` columns; all but the first ``hang``."""
    from rich.text import Text

    hanging = indent if hang is None else hang
    for index, line in enumerate(textwrap.wrap(words, width - hanging, break_on_hyphens=False)):
        yield Text(" " * (hanging if index else indent) + line, style)


def _text(words: str, style: str = "") -> Text:
    from rich.text import Text

    # Not Text(words, style): what is appended later must not inherit this style.
    return Text().append(words, style)
