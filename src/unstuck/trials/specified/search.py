"""Finds changes that make a training learn, in the order of its diagnosis."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from unstuck.record import Diagnosis
from unstuck.trials.change import worth_trying
from unstuck.trials.helping import NOTICEABLE, Gained, leading
from unstuck.trials.judged import trains
from unstuck.trials.score import Compared, between
from unstuck.trials.search import DEEPEST
from unstuck.trials.specified.change import Change, applied, changes, last_resort
from unstuck.trials.specified.laboratory import Laboratory, Ran
from unstuck.trials.specified.specification import Specification


@dataclasses.dataclass(frozen=True)
class Tried(Gained):
    """A change that was run once, from the user's own weights.

    Attributes:
        change: What was changed.
        on: The changes that were made before it.
        compared: Against the run that it was made on; None where they can't be compared.
        failed: Whether it did not come to its end.
    """

    change: Change
    on: tuple[Change, ...]
    compared: Compared | None
    failed: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class _State:
    spec: Specification
    changes: tuple[Change, ...]
    ran: Ran
    diagnosis: Diagnosis | None


class Search:
    """Looks for changes that help, each on top of those before.

    Args:
        lab: Where trials are run.
        reserve: Seconds of the budget that are left for the proof.
        data_only: Whether the first change has to be one of what the model is given.
    """

    def __init__(self, lab: Laboratory, reserve: float, data_only: bool = False) -> None:
        self._lab = lab
        self._reserve = reserve
        self._data_only = data_only
        self.tried: list[Tried] = []

    def run(self, spec: Specification, control: Ran, shown: Diagnosis | None) -> tuple[Change, ...]:
        """Returns the changes in the order in which they were made; none if nothing helped.

        Args:
            spec: What the user trains.
            control: What came of it.
            shown: What it shows.
        """
        state = _State(spec, (), control, shown)
        while len(state.changes) < DEEPEST and (made := self._step(state)) is not None:
            state = made
            if trains(state.diagnosis):
                break
        return state.changes

    def _step(self, state: _State) -> _State | None:
        """Tries what answers the findings of a state, one after another, until it trains."""
        here: list[tuple[Tried, Ran | None]] = []
        best: _State | None = None
        for options in self._options(state):
            if self._lab.left <= self._reserve:
                break
            here += self._try(options, state)
            winner = chosen([tried for tried, _ in here])
            ran = next((ran for tried, ran in here if tried is winner), None)
            if winner is None or ran is None or (best is not None and best.ran is ran):
                continue
            spec = ran.trained.specification
            shown = self._lab.watched(spec)[0] if self._lab.left else None
            made = (*state.changes, winner.change)
            best = _State(spec, made, ran, shown)
            if trains(shown):
                break
        return best

    def _options(self, state: _State) -> Iterator[list[Change]]:
        """Yields the changes for one finding after another, those for none at last."""
        seen = {change.id for change in state.changes}
        data_only = self._data_only and not state.changes
        found = worth_trying(state.diagnosis, data_only) if state.diagnosis else []
        general = () if data_only else last_resort()
        for options in (*(changes(finding) for finding in found), general):
            fresh = [change for change in options if change.id not in seen]
            seen |= {change.id for change in fresh}
            if fresh:
                yield fresh

    def _try(self, options: list[Change], state: _State) -> list[tuple[Tried, Ran | None]]:
        made = [(change, applied(change, state.spec)) for change in options]
        new = [(change, spec) for change, spec in made if spec is not None]
        runs = self._lab.runs([spec for _, spec in new], [change.name for change, _ in new])
        found = []
        for (change, _), ran in zip(new, runs, strict=True):
            pair = between((ran.score,), (state.ran.score,)) if ran is not None else None
            found.append((Tried(change, state.changes, pair, ran is None), ran))
        self.tried += [tried for tried, _ in found]
        return found


def chosen(tried: Sequence[Tried]) -> Tried | None:
    """Returns the change to go on with: of those that bring about the most, the first tried."""
    return leading(tried) if any(one.gain >= NOTICEABLE for one in tried) else None
