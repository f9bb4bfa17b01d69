"""Asks Optuna for settings of a script, and has them run as trials."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from unstuck.errors import MissingExtraError
from unstuck.record import Finding
from unstuck.trials.change import Change
from unstuck.trials.helping import MOST, NOTICEABLE
from unstuck.trials.judged import trains
from unstuck.trials.lab import Lab
from unstuck.trials.score import compared
from unstuck.trials.search import Found, Tried
from unstuck.trials.searching.knob import Value
from unstuck.trials.searching.rungs import shorter
from unstuck.trials.searching.setting import Setting, as_one, point, settings, space
from unstuck.trials.trial import Ran, Trial

if TYPE_CHECKING:
    import optuna

WIDTH = 4
"""Settings that are asked for at a time, whatever the machine: the same journal then leads to the
same settings on another one."""
MOST_ASKED = 80
"""Settings in all; a budget of an hour ends before."""
STARTUP = 8
"""Settings that are drawn at random before those that did well say where to look: two rounds."""
SEED = 0
"""Of the draws: the same script and the same results lead to the same search."""


def require() -> None:
    """Makes sure that there is something to search with.

    Raises:
        MissingExtraError: If Optuna is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError(
            "Expected Optuna for --search. Received: no package of that name. "
            "Install the extra: pip install 'unstuck[search]'."
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclasses.dataclass(frozen=True)
class _Asked:
    """A setting that is being tried."""

    trial: optuna.Trial
    parts: tuple[Setting, ...]
    change: Change


class Study:
    """Looks for settings of a script that make it train.

    Args:
        lab: Where trials are run.
        base: Where a search for single changes has ended; its changes stay.
        control: The run of the user's script, which all are compared with.
        findings: What that shows.
        hold_out: Whether trials hold out rows, for want of validation data.
    """

    def __init__(
        self, lab: Lab, base: Found, control: Ran, findings: Sequence[Finding], hold_out: bool
    ) -> None:
        self._lab = lab
        self._base = base
        self._text = base.version.text
        self._control = control
        self._findings = findings
        self._hold_out = hold_out
        self._grid = space(self._text)
        self._study = _study()
        self._tried: list[Tried] = []
        self._done: list[tuple[Tried, tuple[Setting, ...]]] = []

    def run(self, reserve: float) -> Found:
        """Searches until something trains, or only the time that the proof takes is left.

        Args:
            reserve: Seconds of the budget for the proof.
        """
        if self._grid:
            self._begin()
        for _ in range(MOST_ASKED // WIDTH if self._grid else 0):
            if self._lab.left <= reserve or self._trained():
                break
            self._round()
        return self._found()

    def _begin(self) -> None:
        """Starts from the script's own values, and from what the search before has shown."""
        own = point(self._text, self._grid)
        self._study.enqueue_trial(self._indices(own))
        helped = dict(own)
        for one in self._base.tried:
            values = point(one.change.after, self._grid)
            if one.compared is None or not self._on_grid(values, one.change.after):
                continue
            self._add(values, one.compared.treated)
            if one.gain >= NOTICEABLE:
                helped |= {name: value for name, value in values.items() if value != own[name]}
        if helped != own:
            self._study.enqueue_trial(self._indices(helped))

    def _on_grid(self, values: Mapping[str, Value], text: str) -> bool:
        """Whether a version of the script is what these values make of it."""
        if any(values.get(name) not in grid for name, grid in self._grid.items()):
            return False
        made = as_one(self._text, settings(self._text, values))
        return made is not None and made.after == text

    def _add(self, values: Mapping[str, Value], score: float) -> None:
        from optuna.trial import create_trial

        known = create_trial(
            params=self._indices(values), distributions=self._distributions(), value=score
        )
        self._study.add_trial(known)

    def _indices(self, values: Mapping[str, Value]) -> dict[str, int]:
        return {name: self._grid[name].index(value) for name, value in values.items()}

    def _distributions(self) -> dict[str, optuna.distributions.BaseDistribution]:
        from optuna.distributions import IntDistribution

        return {name: IntDistribution(0, len(grid) - 1) for name, grid in self._grid.items()}

    def _round(self) -> None:
        """Asks for some settings, runs each for a while, and to its end what is not behind."""
        asked = [one for one in (self._ask() for _ in range(WIDTH)) if one is not None]
        kept = self._first_rung(asked)
        trials = [self._trial(one.change.after) for one in kept]
        runs = self._lab.runs(trials, [f"search: {one.change.treatment.summary}" for one in kept])
        for one, ran in zip(kept, runs, strict=True):
            self._tell(one, ran)

    def _ask(self) -> _Asked | None:
        trial = self._study.ask(self._distributions())
        values = {name: self._grid[name][index] for name, index in trial.params.items()}
        parts = settings(self._text, values, self._findings)
        change = as_one(self._text, parts)
        if change is None:
            self._fail(trial)
            return None
        return _Asked(trial, parts, change)

    def _first_rung(self, asked: Sequence[_Asked]) -> list[_Asked]:
        """Returns what is not behind the median of those before it after a quarter of the time."""
        short = [shorter(one.change.after) for one in asked]
        trials = [self._trial(text) for text in short if text is not None]
        if len(trials) < len(asked):
            return list(asked)
        runs = self._lab.runs(trials, ["search, a quarter of the epochs"] * len(asked))
        kept = []
        for one, ran in zip(asked, runs, strict=True):
            if ran is None:
                self._fail(one.trial)
                continue
            one.trial.report(self._score(ran), 1)
            if one.trial.should_prune():
                self._cut(one, ran)
            else:
                kept.append(one)
        return kept

    def _trial(self, text: str) -> Trial:
        return Trial(text, hold_out=self._hold_out, modules=self._base.version.modules)

    def _score(self, ran: Ran) -> float:
        """Returns how well a run has learned; one that fails has learned nothing."""
        pair = compared(ran, self._control)
        return 0.0 if pair is None else pair.treated

    def _tell(self, one: _Asked, ran: Ran | None) -> None:
        if ran is None:
            self._fail(one.trial)
            return
        pair = compared(ran, self._control)
        self._study.tell(one.trial, 0.0 if pair is None else pair.treated)
        tried = Tried(one.change, self._base.changes, pair, ran)
        if one.parts and self._note(tried):
            self._done.append((tried, one.parts))

    def _cut(self, one: _Asked, ran: Ran) -> None:
        from optuna.trial import TrialState

        self._study.tell(one.trial, state=TrialState.PRUNED)
        self._note(Tried(one.change, self._base.changes, None, ran, cut=True))

    def _note(self, tried: Tried) -> bool:
        """Notes a setting; whether it is new, as one may be asked for twice."""
        new = tried.change.after not in {known.change.after for known in self._tried}
        self._tried += [tried] * new
        return new

    def _fail(self, trial: optuna.Trial) -> None:
        from optuna.trial import TrialState

        self._study.tell(trial, state=TrialState.FAIL)

    def _trained(self) -> bool:
        return any(tried.gain >= NOTICEABLE and trains(tried.diagnosis) for tried, _ in self._done)

    def _found(self) -> Found:
        """Returns the smallest of the settings that bring about the most."""
        helping = [one for one in self._done if one[0].gain >= NOTICEABLE]
        training = [one for one in helping if trains(one[0].diagnosis)] or helping
        most = max((tried.gain for tried, _ in training), default=0.0)
        good = [one for one in training if one[0].gain >= MOST * most]
        best = min(good, key=lambda one: len(one[1]), default=None)
        if best is None:
            return Found(self._base.version, (), tuple(self._tried))
        tried, parts = best
        changes = (*self._base.changes, *parts)
        version = self._base.version.having(None, tried.change.after)
        return Found(version, changes, tuple(self._tried), trains(tried.diagnosis))


def _study() -> optuna.Study:
    require()
    import optuna

    return optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=SEED, n_startup_trials=STARTUP, constant_liar=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=WIDTH),
    )
