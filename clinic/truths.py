"""The clinic's cases: where they are, what is known of each, and which of them are twins."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from unstuck.case.edits import apply
from unstuck.record import Edit

CLINIC = Path(__file__).resolve().parent
SETS = ("cases", "kept")
"""``kept`` are cases that nobody looked at while the rules were written."""
TUNED = "tuned"
"""The set, on the scoreboard, of cases that were: a rule may have been changed for their sake."""
CURED = "+cured"
"""Ends the id of a sick case's script with its fault taken out."""
CATALOGUE = CLINIC.parent / "src" / "unstuck" / "findings"
FAMILIES = {
    "data": "DAT",
    "sequence": "SEQ",
    "masking": "MSK",
    "output": "OUT",
    "activation": "ACT",
    "architecture": "ARC",
    "state": "STA",
    "optimization": "OPT",
    "gradients": "GRD",
    "initialization": "INI",
    "generalization": "GEN",
}
"""By the folder that holds a family's rules."""


@dataclasses.dataclass(frozen=True)
class Case:
    """One script with its data and the truth about it.

    Attributes:
        causes: What is wrong, the primary cause first; empty for a healthy case.
        accept: Other names under which the same fault may be found first.
        also_true: Causes that hold as well, so that naming them is no false alarm.
        lines: The guilty lines of the script; empty where the data are at fault.
        cure: Edits of the script that take its fault out; empty where only other data would.
        twin_of: Id of the case that shares script or data with this one.
        without_fault: Whether the script is run with its cure.
        tuned: Whether rules were written or changed with the answer to it in view.
    """

    id: str
    group: str
    folder: Path
    causes: tuple[str, ...]
    accept: tuple[str, ...]
    also_true: tuple[str, ...]
    verdicts: tuple[str, ...]
    lines: tuple[int, ...]
    backends: tuple[str, ...]
    cure: tuple[Edit, ...] = ()
    twin_of: str | None = None
    without_fault: bool = False
    tuned: bool = False

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return not self.causes

    @property
    def shown_as(self) -> str:
        """The set that the scoreboard counts it in."""
        return TUNED if self.tuned and not self.without_fault else self.group

    @property
    def equals(self) -> frozenset[str]:
        """The causes that count as the right answer in first place."""
        return frozenset(self.causes[:1]) | frozenset(self.accept)

    @property
    def truths(self) -> frozenset[str]:
        """The causes that a finding may name without being wrong."""
        return frozenset((*self.causes, *self.accept, *self.also_true))

    @property
    def text(self) -> str:
        """The script that is run."""
        script = (self.folder / "train.py").read_text()
        return apply(script, self.cure) if self.without_fault else script

    def cured(self) -> Case:
        """The same case with its fault taken out of the script: a healthy twin."""
        return dataclasses.replace(
            self,
            id=self.id + CURED,
            group=CURED.lstrip("+"),
            causes=(),
            accept=(),
            also_true=(),
            verdicts=("healthy",),
            lines=(),
            twin_of=self.id,
            without_fault=True,
        )


def load(folder: Path) -> Case:
    """Reads a case from its folder."""
    truth = json.loads((folder / "truth.json").read_text())
    return Case(
        id=folder.name,
        group=folder.parent.name,
        folder=folder,
        causes=tuple(truth["causes"]),
        accept=tuple(truth["accept"]),
        also_true=tuple(truth.get("also_true", ())),
        verdicts=(truth["verdict"], *truth["verdicts_also_ok"]),
        lines=tuple(truth["lines"]),
        backends=tuple(truth["backends"]),
        cure=tuple(Edit(**edit) for edit in truth.get("cure", ())),
        twin_of=truth.get("twin_of"),
        tuned=bool(truth.get("tuned")),
    )


def all_cases(groups: Sequence[str] = SETS, cured: bool = False) -> list[Case]:
    """Reads every case of the sets, sorted by id, with the cured scripts if they are wanted."""
    truths = [path for group in groups for path in CLINIC.glob(f"{group}/*/truth.json")]
    cases = [load(path.parent) for path in truths]
    if cured:
        cases += [case.cured() for case in cases if case.cure]
    return sorted(cases, key=lambda case: case.id)


def families() -> dict[str, str]:
    """The family of each cause, by the folder that its rule is in."""
    return {
        path.stem: code
        for folder, code in FAMILIES.items()
        for path in (CATALOGUE / folder).glob("*.py")
    }


def chosen(cases: Iterable[Case], words: Sequence[str]) -> list[Case]:
    """The cases that one of the words names: an id, a cause, a family's code, or "healthy"."""
    family = families()

    def names(case: Case) -> set[str]:
        kind = {"healthy"} if case.healthy else {"sick"}
        return {case.id, *case.causes, *(family.get(cause, "") for cause in case.causes), *kind}

    return [case for case in cases if not words or names(case) & set(words)]


def twin_groups(cases: Sequence[Case]) -> list[list[Case]]:
    """Cases that share a script or its data, in groups of two or more."""
    ids = {case.id for case in cases}

    def base(case: Case) -> str:
        by_id = {other.id: other for other in cases}
        while case.twin_of in ids and case.twin_of != case.id:
            case = by_id[case.twin_of]
        return case.id

    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(base(case), []).append(case)
    return [group for group in groups.values() if len(group) > 1]
