"""Values of settings as changes of a script."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from unstuck.case.script import Script
from unstuck.errors import UnstuckError
from unstuck.record import Finding, Treatment
from unstuck.trials.change import UNKNOWN, Change, edited, together
from unstuck.trials.searching.knob import KNOBS, Knob, Value, knob
from unstuck.trials.version import Version

Point = Mapping[str, Value]
"""Values by the name of their setting; what is not in it stays as the script has it."""


@dataclasses.dataclass(frozen=True)
class Setting(Change):
    """One setting that gets another value.

    Unlike another change it is made anew on each version of the script: two settings may stand in
    one call, and a schedule counts from what the others say.

    Attributes:
        knob: Name of the setting.
        value: What it is set to.
    """

    knob: str = ""
    value: Value = ""

    def _on(self, text: str) -> str | None:
        script = _read(text)
        if script is None:
            return None
        one = knob(self.knob)
        own = one.own(script)
        return text if own == self.value else None if own is None else _set(script, one, self.value)


def space(text: str) -> dict[str, tuple[Value, ...]]:
    """Returns the values worth trying by the name of each setting that the script shows."""
    script = _read(text)
    grids = {name: knob(name).grid(script) for name in KNOBS} if script is not None else {}
    return {name: grid for name, grid in grids.items() if len(grid) > 1}


def point(text: str, names: Iterable[str]) -> dict[str, Value]:
    """Returns the script's own values of some settings, where it shows them."""
    script = _read(text)
    owned = {name: knob(name).own(script) for name in names} if script is not None else {}
    return {name: value for name, value in owned.items() if value is not None}


def settings(text: str, values: Point, findings: Iterable[Finding] = ()) -> tuple[Setting, ...]:
    """Returns the changes that lead to some values, in the order in which they are made.

    Args:
        text: The script.
        values: What it is to have; its own values need no change.
        findings: Of a run of it; a setting answers the first whose cause it is for.
    """
    own, known = point(text, KNOBS), list(findings)
    changed = {name: values[name] for name in KNOBS if name in values and values[name] != own[name]}
    return tuple(_setting(text, name, value, known) for name, value in changed.items())


def _setting(text: str, name: str, value: Value, findings: Iterable[Finding]) -> Setting:
    one = knob(name)
    answered = next((found for found in findings if found.cause in one.CAUSES), None)
    code, cause = (answered.code, answered.cause) if answered is not None else (UNKNOWN, UNKNOWN)
    shown = value if isinstance(value, str) else f"{value:g}"
    script = Script.parse(text)
    edits = one.edits(script, value)
    treatment = Treatment(f"search-{name.replace('_', '-')}", one.SUMMARY.format(shown), edits)
    after = _set(script, one, value) or text
    return Setting(code, cause, treatment, text, after, knob=name, value=value)


def as_one(text: str, parts: tuple[Setting, ...]) -> Change | None:
    """Returns several settings as one change, None where they can't be made together."""
    made = together(Version(text), parts)
    if made is None:
        return None
    summary = " ".join(part.treatment.summary for part in parts) or "Leave all as it is."
    return Change(UNKNOWN, UNKNOWN, Treatment("search", summary), text, made.text)


def _set(script: Script, one: Knob, value: Value) -> str | None:
    return edited(script.text, one.edits(script, value))


def _read(text: str) -> Script | None:
    try:
        return Script.parse(text)
    except UnstuckError:
        return None
