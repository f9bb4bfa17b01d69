"""One trial: a script with some text and a seed, run under watch; and what came of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import unstuck

OWN_SEED = 0
"""The trial that runs the script with its own seeds, as the user does."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """What a trial is a function of; the folder and the command line are the same for all.

    Attributes:
        text: The source of the script.
        seed: Number of the seed; ``OWN_SEED`` leaves the script's seeds as they are.
        xray: Whether to look into the recurrent cells: that takes time, and a score needs none.
        hold_out: Whether to hold out rows where ``fit`` has no validation data.
        modules: Path and text of modules that the script imports; others are as they lie on disk.
        watched: Whether it runs under watch; by itself it leaves its output and no recording.
    """

    text: str
    seed: int = OWN_SEED
    xray: bool = False
    hold_out: bool = False
    modules: tuple[tuple[str, str], ...] = ()
    watched: bool = True

    def key(self, context: str) -> str:
        """Returns what the trial is found again by in a journal.

        Args:
            context: Everything else that its result depends on.
        """
        parts = [unstuck.__version__, context, self.text, self.seed, self.xray, self.hold_out]
        parts += [self.modules, self.watched]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Ran:
    """How the run of a trial ended, and what it left.

    Attributes:
        code: Exit code of the script; None where it was stopped at its time limit.
        seconds: How long it took, start of Python included.
        output: The last lines that it printed.
        recording: The file that the watch wrote; empty if it got to nothing.
        origins: By the folders that the recording names, the user's own.
    """

    code: int | None
    seconds: float
    output: str
    recording: bytes = dataclasses.field(default=b"", repr=False)
    origins: tuple[tuple[str, str], ...] = ()

    @property
    def ended_well(self) -> bool:
        """Whether the script came to its end without an exception."""
        return self.code == 0

    @property
    def stopped(self) -> bool:
        """Whether something else ended it: its time limit, or a signal when memory ran out."""
        return self.code is None or self.code < 0

    def original(self, text: str) -> str:
        """Returns a text in which the folders of the trial have the user's own names."""
        for copied, source in self.origins:
            text = text.replace(copied, source)
        return text
