"""The scoreboard as lines of a terminal and as a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from clinic.judging import Row
from clinic.rivals import RivalScore
from clinic.scores import HEALTHY, Score, Share, grouped, score, told_apart
from clinic.truths import CURED, families

TOOL = "unstuck"
MADE_BY = "<!-- Written by `make clinic`: run that instead of changing this page. -->"
WORDS = """\
A case is a training script with its data and a truth that was fixed, and measured by running the
script with and without its fault, before the tool saw it. *First cause*: the first finding that is
no note names the primary cause. *Or another name*: or one that the truth lists as the same fault.
*First three*: such a name is among the first three. *True errors*: the share of findings of
severity `error`, over all cases, that name something true. *False alarms*: healthy cases with an
`error`; a sick script whose fault was taken out (the set `cured`) is one. *Guilty line*: the
finding that names the cause points at a line that is at fault, where the source shows it.
*Twins*: groups of cases that share script or data and differ in one thing; a group counts if every
member got its own right cause, or health. *By set*: rules were written with the answers to the
`tuned` ones in view, and without a look at the `kept` ones. What is missed gets looked at and is
`tuned` from then on, so the share of the kept ones is no forecast for scripts by other hands.
"""
RIVALS = """\
The published thresholds of four detectors, written anew over the same recordings
(`clinic/baselines/` says what a recording can't reproduce). Each symptom of theirs counts as right
if it could mean a true cause, by a mapping that is as generous as is fair; the tool must name the
cause itself. A false alarm of theirs is a healthy case with any symptom; the tool's is one with an
`error`. Scripts without their fault are left out here.
"""


@dataclasses.dataclass(frozen=True)
class Board:
    """Everything that the scoreboard shows.

    Attributes:
        missing: Number of chosen cases without a result.
    """

    rows: Sequence[Row]
    rivals: Sequence[RivalScore]
    missing: int = 0


def mark(row: Row) -> str:
    """How right an answer is, in at most two characters."""
    marks = (("ok", row.first), ("~", row.equal), ("3", row.top), ("?", row.answered))
    return next((sign for sign, holds in marks if holds), "!") if not _wrong(row) else "X"


def _wrong(row: Row) -> bool:
    return row.answered and not row.top


def line(row: Row) -> str:
    """One line for one case."""
    wanted = row.case.causes[0] if row.case.causes else "-"
    verdict = row.verdict if row.verdict_right else f"{row.verdict} (not {row.case.verdicts[0]})"
    lines = {None: "", True: "line ok", False: "line missed"}[row.line]
    parts = (row.backend, f"{row.seconds:.0f} s", verdict, lines, row.failure or "")
    tail = ", ".join(part for part in parts if part)
    return f"{mark(row):<3}{row.case.id:<20}{wanted:<34}{row.answer or '-':<34}{tail}"


def family_of(row: Row) -> str:
    """The family of a row's primary cause; "healthy" if there is none."""
    return families().get(row.case.causes[0], "?") if row.case.causes else HEALTHY


def summary(board: Board) -> str:
    """The counts as lines of a terminal."""
    total = score(board.rows)
    lines = [f"{name:<30}{share}" for name, share in _counts(total, board.rows)]
    for rival in board.rivals:
        lines.append(
            f"{rival.name}: first {rival.first}, any {rival.any}, "
            f"true {rival.precision}, false alarms {rival.alarms}"
        )
    if board.missing:
        lines.append(f"runs without a result yet: {board.missing}")
    return "\n".join(lines)


def _counts(total: Score, rows: Sequence[Row]) -> list[tuple[str, Share]]:
    return [
        ("first cause", total.first),
        ("first cause or another name", total.equal),
        ("cause in the first three", total.top),
        ("true errors", total.precision),
        ("false alarms on healthy runs", total.alarms),
        ("guilty line", total.lines),
        ("verdict", total.verdicts),
        ("twins told apart", told_apart(rows)),
        ("no answer", total.unanswered),
    ]


def page(board: Board) -> str:
    """The scoreboard as a Markdown page, misses included."""
    rows = board.rows
    sick = len({row.case.id for row in rows if not row.case.healthy})
    healthy = len({row.case.id for row in rows if row.case.healthy})
    opening = f"{len(rows)} runs of {sick} sick and {healthy} healthy cases."
    if board.missing:
        opening += f" Runs that are missing here: {board.missing}."
    counts = _table(("", TOOL), ((name, str(share)) for name, share in _counts(score(rows), rows)))
    parts = [MADE_BY, "# The clinic's scoreboard", f"`make clinic` writes this page. {opening}"]
    parts += [WORDS.strip(), counts, "## Beside published detectors", RIVALS.strip()]
    parts += [_rival_table(board), "## By family", _scores(grouped(rows, family_of))]
    parts += ["## By backend", _scores(grouped(rows, lambda row: row.backend))]
    parts += ["## By set", _scores(grouped(rows, lambda row: row.case.shown_as))]
    parts += ["## Misses", _misses(rows)]
    return "\n\n".join(parts) + "\n"


def _scores(groups: dict[str, Score]) -> str:
    head = ("", "first cause", "or another name", "first three", "guilty line", "false alarms")
    return _table(
        head,
        (
            (name, *map(str, (s.first, s.equal, s.top, s.lines, s.alarms)))
            for name, s in groups.items()
        ),
    )


def _rival_table(board: Board) -> str:
    total = score([row for row in board.rows if not row.case.id.endswith(CURED)])
    head = ("", "first could mean it", "any could mean it", "true", "false alarms")
    own = (f"{TOOL} (names it)", *map(str, (total.equal, total.top, total.precision, total.alarms)))
    others = ((r.name, *map(str, (r.first, r.any, r.precision, r.alarms))) for r in board.rivals)
    return _table(head, (own, *others))


def _misses(rows: Iterable[Row]) -> str:
    head = ("case", "backend", "truth", "answer", "verdict")
    wrong = [row for row in rows if not row.first or not row.verdict_right]
    return _table(head, (_miss(row) for row in wrong)) if wrong else "None."


def _miss(row: Row) -> tuple[str, ...]:
    wanted = row.case.causes[0] if row.case.causes else HEALTHY
    answer = row.failure or row.answer or "-"
    if row.case.healthy and row.errors:
        answer = f"error: {', '.join(row.errors)}"
    right = "" if row.verdict_right else f" (not {row.case.verdicts[0]})"
    near = " (in the first three)" if row.top and not row.equal else ""
    answer += " (another name)" if row.equal and not row.first else near
    return (row.case.id, row.backend, wanted, answer.replace("|", "/"), row.verdict + right)


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
