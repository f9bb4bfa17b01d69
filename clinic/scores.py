"""Count how often the answers were right."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from clinic.judging import Row
from clinic.truths import twin_groups

HEALTHY = "healthy"


@dataclasses.dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    def __str__(self) -> str:
        if not self.whole:
            return "-"
        return f"{self.part} of {self.whole} ({100 * self.part / self.whole:.0f} %)"

    @classmethod
    def of(cls, answers: Iterable[bool]) -> Share:
        """Counts the answers that are yes."""
        known = list(answers)
        return cls(sum(known), len(known))


@dataclasses.dataclass(frozen=True)
class Score:
    """The counts of some rows.

    Attributes:
        first: Sick cases whose first finding is the primary cause.
        equal: Likewise, other names of the same fault allowed.
        top: Sick cases with the cause among the first three.
        precision: Error findings that are true, of all cases.
        alarms: Healthy cases with an error.
        lines: Sick cases with known guilty lines, one of which was hit.
        verdicts: Cases with a right verdict.
        unanswered: Cases without an answer.
    """

    first: Share
    equal: Share
    top: Share
    precision: Share
    alarms: Share
    lines: Share
    verdicts: Share
    unanswered: Share


def score(rows: Sequence[Row]) -> Score:
    """Counts rows, sick and healthy apart."""
    sick = [row for row in rows if not row.case.healthy]
    well = [row for row in rows if row.case.healthy]
    return Score(
        first=Share.of(row.first for row in sick),
        equal=Share.of(row.equal for row in sick),
        top=Share.of(row.top for row in sick),
        precision=Share(sum(r.right_errors for r in rows), sum(len(r.errors) for r in rows)),
        alarms=Share.of(bool(row.errors) for row in well),
        lines=Share.of(row.line for row in sick if row.line is not None),
        verdicts=Share.of(row.verdict_right for row in rows),
        unanswered=Share.of(not row.answered for row in rows),
    )


def grouped(rows: Sequence[Row], key: Callable[[Row], str]) -> dict[str, Score]:
    """Scores of the rows by some property, sorted by it."""
    names = sorted({key(row) for row in rows})
    return {name: score([row for row in rows if key(row) == name]) for name in names}


def told_apart(rows: Sequence[Row]) -> Share:
    """Twin groups in which every member got its own right answer, on each backend."""
    outcomes = []
    for backend in sorted({row.backend for row in rows}):
        right = {row.case.id: row.first for row in rows if row.backend == backend}
        cases = [row.case for row in rows if row.backend == backend]
        outcomes += [all(right[case.id] for case in group) for group in twin_groups(cases)]
    return Share.of(outcomes)
