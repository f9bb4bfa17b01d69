"""A change of the user's script that a trial can try."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator

from unstuck.case.edits import apply
from unstuck.case.script import Script
from unstuck.errors import UnstuckError
from unstuck.record import Diagnosis, Edit, Finding, Treatment
from unstuck.trials.merge import merged
from unstuck.trials.treatments import answering
from unstuck.trials.version import Version

HANDLING = frozenset(
    {"nonfinite_input", "label_encoding_error", "categorical_codes_as_numbers"}
    | {"validation_split_unrepresentative", "embedding_index_out_of_range", "padding_not_masked"}
    | {"mask_value_collision", "embedding_on_continuous_features", "no_history_single_timestep"}
    | {"window_too_short", "persistence_solution", "target_misalignment", "time_axis_error"}
    | {"features_treated_as_timesteps"}
)
"""Causes in what the model is given. A healthy model on the same data has them too, so that its
failure does not speak against their cure."""
UNKNOWN = "undetermined"
"""Stands for the rule and the cause of a change that answers no finding."""


@dataclasses.dataclass(frozen=True)
class Change:
    """A treatment as a change of one text into another, in the script or in a module.

    Attributes:
        code: The rule that it answers.
        cause: Likewise the cause.
        treatment: What it is, with its edits of ``before``.
        before: The text that it was made for.
        after: That text with it.
        file: Path of the module that it changes; None for the script.
    """

    code: str
    cause: str
    treatment: Treatment
    before: str = dataclasses.field(repr=False)
    after: str = dataclasses.field(repr=False)
    file: str | None = None

    @property
    def id(self) -> str:
        """What the treatment is called."""
        return self.treatment.id

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        return self.treatment.summary

    @property
    def name(self) -> str:
        """How a report names it."""
        name = self.id if self.code == UNKNOWN else f"{self.code} {self.id}"
        return name if self.file is None else f"{name} in {os.path.basename(self.file)}"

    def on(self, version: Version) -> Version | None:
        """Returns another version of the code with this change, None if it has no place there."""
        text = version.file(self.file)
        made = None if text is None else self._on(text)
        return version.having(self.file, made) if made is not None else None

    def _on(self, text: str) -> str | None:
        if text == self.before:
            return self.after
        made = merged(self.before, self.after, text)
        return made if made is not None and parses(made) else None


def together(version: Version, changes: Iterable[Change]) -> Version | None:
    """Returns the code with some changes, None if they can't be made together."""
    made: Version | None = version
    for change in changes:
        made = None if made is None else change.on(made)
    return made


def changes(finding: Finding, version: Version, path: str) -> Iterator[Change]:
    """Yields the changes that may answer a finding: the rule's own, then the general ones.

    Args:
        finding: Of a run of this version.
        version: The code.
        path: Of the script, as the finding names it.
    """
    home = None if finding.location.file in (None, path) else finding.location.file
    own = {home: finding.treatments}
    for file in dict.fromkeys((home, None, *dict(version.modules))):
        text = version.file(file)
        if text is not None:
            treatments = (*own.get(file, ()), *answering(finding.cause, text))
            yield from _made(finding.code, finding.cause, treatments, text, file)


def last_resort(version: Version) -> Iterator[Change]:
    """Yields what is worth a trial where no finding says what is wrong, or none was right."""
    for file in (None, *dict(version.modules)):
        text = version.file(file) or ""
        yield from _made(UNKNOWN, UNKNOWN, answering(UNKNOWN, text), text, file)


def _made(
    code: str, cause: str, treatments: Iterable[Treatment], text: str, file: str | None
) -> Iterator[Change]:
    seen = {text}
    for treatment in treatments:
        after = edited(text, treatment.edits)
        if after is not None and after not in seen:
            seen.add(after)
            yield Change(code, cause, treatment, text, after, file)


def edited(text: str, edits: tuple[Edit, ...]) -> str | None:
    """Returns a text after some edits, None if there are none or they do not give a script."""
    try:
        made = apply(text, edits) if edits else None
    except ValueError:
        return None
    return made if made is not None and parses(made) else None


def parses(text: str) -> bool:
    """Whether a text is Python."""
    try:
        Script.parse(text)
    except UnstuckError:
        return False
    return True


def worth_trying(diagnosis: Diagnosis, data_only: bool = False) -> list[Finding]:
    """Returns the findings that may be why it does not train, in the order of the diagnosis.

    Args:
        diagnosis: Of a run.
        data_only: Whether only those count that lie in what the model is given.
    """
    found = [finding for finding in diagnosis.findings if finding.severity != "note"]
    return [finding for finding in found if not data_only or finding.cause in HANDLING]
