"""Finds changes that make a script train, in the order of its diagnosis."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Sequence

from unstuck.record import Diagnosis
from unstuck.trials.change import Change, changes, last_resort, worth_trying
from unstuck.trials.helping import NOTICEABLE, Gained, leading
from unstuck.trials.judged import diagnosis, trains
from unstuck.trials.lab import Lab
from unstuck.trials.score import Compared, compared
from unstuck.trials.trial import Ran, Trial
from unstuck.trials.version import Version

DEEPEST = 4
"""Changes that are made one on top of the other: more than that is another script."""


@dataclasses.dataclass(frozen=True)
class Tried(Gained):
    """A change that was run once, with the script's own seeds.

    Attributes:
        change: What was changed.
        on: The changes that were made before it.
        compared: Against the run that it was made on; None where they can't be compared.
        ran: Its run.
        cut: Whether it was given up after a part of its training.
    """

    change: Change
    on: tuple[Change, ...]
    compared: Compared | None
    ran: Ran
    cut: bool = False

    @functools.cached_property
    def diagnosis(self) -> Diagnosis | None:
        """What its run shows."""
        return diagnosis(self.ran)


@dataclasses.dataclass(frozen=True)
class Found:
    """Where a search ended.

    Attributes:
        version: The code with the changes.
        changes: In the order in which they were made; empty if nothing helped.
        tried: Everything that was run on the way.
        trains: Whether the script trains with the changes.
    """

    version: Version
    changes: tuple[Change, ...]
    tried: tuple[Tried, ...]
    trains: bool = False


@dataclasses.dataclass(frozen=True)
class _State:
    """The code on the way, with its run and what that shows."""

    version: Version
    changes: tuple[Change, ...]
    ran: Ran
    diagnosis: Diagnosis | None


class Search:
    """Looks for changes that help, each on top of those before.

    Every change is a run under watch, so each state has a diagnosis of its own, which says what
    is still wrong. The search ends when nothing brings a noticeable gain any more.

    Args:
        lab: Where trials are run.
        path: The script's path, as findings name it.
        reserve: Seconds of the budget that are left for the proof.
        hold_out: Whether trials hold out rows, for want of validation data.
        data_only: Whether the first change has to be one of what the model is given, because no
            model learns from it as it is.
    """

    def __init__(
        self,
        lab: Lab,
        path: str,
        reserve: float,
        hold_out: bool = False,
        data_only: bool = False,
    ) -> None:
        self._lab = lab
        self._data_only = data_only
        self._path = path
        self._reserve = reserve
        self._hold_out = hold_out
        self._tried: list[Tried] = []
        self._seen: set[Version] = set()

    def run(self, version: Version, control: Ran, shown: Diagnosis | None) -> Found:
        """Searches.

        Args:
            version: The user's code.
            control: Its run.
            shown: What that shows.
        """
        state = _State(version, (), control, shown)
        self._seen.add(version)
        while len(state.changes) < DEEPEST and (best := self._step(state)) is not None:
            made = (*state.changes, best.change)
            changed = best.change.on(state.version) or state.version
            state = _State(changed, made, best.ran, best.diagnosis)
        shows = trains(state.diagnosis)
        return Found(state.version, state.changes, tuple(self._tried), shows)

    def ahead(self, version: Version, ran: Ran, shown: Diagnosis | None) -> dict[Trial, str]:
        """Returns the trials that a search begins with, and their names.

        They can run beside the control that they are held against.

        Args:
            version: The user's code.
            ran: Its run.
            shown: What that shows.
        """
        state = _State(version, (), ran, shown)
        new = self._new(next(self._options(state), []), state)
        names = (change.name for change in new.values())
        return dict(zip(self._trials(new), names, strict=True))

    def _step(self, state: _State) -> Tried | None:
        """Tries what answers the findings of a state, one after another, until it trains."""
        here: list[Tried] = []
        for options in self._options(state):
            if self._lab.left <= self._reserve:
                break
            here += self._try(options, state)
            best = chosen(here)
            if best is not None and trains(best.diagnosis):
                break
        return chosen(here)

    def _options(self, state: _State) -> Iterator[list[Change]]:
        """Yields the changes for one finding after another, those for none at last."""
        data_only = self._data_only and not state.changes
        for finding in worth_trying(state.diagnosis, data_only) if state.diagnosis else ():
            yield list(changes(finding, state.version, self._path))
        if not data_only and not trains(state.diagnosis):
            yield list(last_resort(state.version))

    def _try(self, options: list[Change], state: _State) -> list[Tried]:
        new = self._new(options, state)
        self._seen.update(new)
        runs = self._lab.runs(self._trials(new), [change.name for change in new.values()])
        found = [
            Tried(change, state.changes, compared(ran, state.ran), ran)
            for change, ran in zip(new.values(), runs, strict=True)
            if ran is not None
        ]
        self._tried += found
        return found

    def _new(self, options: Iterable[Change], state: _State) -> dict[Version, Change]:
        """Returns what some changes make of a state, as far as it was not run before."""
        new: dict[Version, Change] = {}
        for change in options:
            made = change.on(state.version)
            if made is not None and made not in self._seen:
                new.setdefault(made, change)
        return new

    def _trials(self, versions: Iterable[Version]) -> list[Trial]:
        return [Trial(one.text, hold_out=self._hold_out, modules=one.modules) for one in versions]


def chosen(tried: Sequence[Tried]) -> Tried | None:
    """Returns the change to go on with: of those that bring about the most, the first tried.

    One that makes the script train comes before those that only help.
    """
    helping = [one for one in tried if one.gain >= NOTICEABLE]
    return leading([one for one in helping if trains(one.diagnosis)] or helping)
