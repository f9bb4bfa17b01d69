"""From a sick script to the smallest change that makes it train, with the proof."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

from unstuck.errors import UsageError
from unstuck.lint.document import Document
from unstuck.record import Diagnosis
from unstuck.trials.attempt import Attempt, first_proven
from unstuck.trials.change import Change, together, worth_trying
from unstuck.trials.helping import helping
from unstuck.trials.judged import diagnosis, trains
from unstuck.trials.lab import Lab
from unstuck.trials.proof import Proof, Prover
from unstuck.trials.score import fit_scores
from unstuck.trials.search import Search, Tried
from unstuck.trials.trial import Ran, Trial
from unstuck.trials.version import Version

USUAL_BUDGET = 120.0
"""Seconds, if the script is short."""
USUAL_RUNS = 15
"""Runs of the script that a usual budget allows for: the proof of one change takes six, and half a
dozen changes can be tried before."""
SEARCHED_RUNS = 45
"""Likewise where sizes and rates are searched: nine for single changes, eighteen for settings, most
of which take a quarter, and eighteen for the proof of several parts."""
RESERVED = 0.4
"""Share of the budget that is left for the proof: six of fifteen runs."""
SEARCHED = 0.4
"""Share that is left for a search over sizes and rates, if one was asked for: single changes come
first and take a fifth."""


@dataclasses.dataclass(frozen=True)
class Cure(Attempt):
    """What came of an attempt to cure a script.

    Attributes:
        before: The diagnosis of the script as it is; None if nothing could be judged.
        control: Its run.
        changes: The smallest change that was found, in parts; empty if nothing helped.
        version: The code with it; as it was if it is not proven.
        after: The diagnosis of the script with it.
        proof: Its trials.
        necessary: By the name of each part, the trials of the whole without it, where there are
            several parts.
        tried: Everything that was tried.
        runs: Trials that were run for it.
        alone: The run of the script with the change by itself, without unstuck.
    """

    before: Diagnosis | None
    control: Ran
    changes: tuple[Change, ...] = ()
    version: Version = dataclasses.field(default_factory=lambda: Version(""))
    after: Diagnosis | None = None
    proof: Proof = dataclasses.field(default_factory=lambda: Proof((), ()))
    necessary: dict[str, Proof] = dataclasses.field(default_factory=dict)
    tried: tuple[Tried, ...] = ()
    runs: int = 0
    alone: Ran | None = None

    @property
    def needless(self) -> bool:
        """Whether there is nothing to cure."""
        return trains(self.before) and self.control.ended_well


def cure(
    lab: Lab,
    text: str,
    path: str,
    seeds: int,
    budget: float | None,
    search: bool = False,
    module: Callable[[str], Document | None] = lambda path: None,
) -> Cure:
    """Runs a script, and if it does not train, looks for the smallest change that makes it.

    Args:
        lab: Where trials are run.
        text: The script.
        path: Its absolute path.
        seeds: Pairs of runs for a proof.
        budget: Seconds in all; None for the usual.
        search: Whether to search over sizes and rates where no change makes it train.
        module: Returns a file that trials may change beside the script, else None.

    Raises:
        UsageError: If not even the script itself ends within the budget.
    """
    if budget is not None:
        lab.budget(budget)
    control = lab.runs([Trial(text, xray=True)], ["the script as it is"])[0]
    if control is None or control.code is None:
        raise UsageError(
            f"Expected the script to end within the budget of {budget:g} s. Received: no end. "
            "Give it more, --budget 30min, or train it on less."
        )
    known = Cure(diagnosis(control), control)
    if known.before is not None and not known.needless and known.searchable:
        usual = SEARCHED_RUNS if search else USUAL_RUNS
        allowed = budget or max(USUAL_BUDGET, usual * control.seconds)
        lab.pace(control.seconds)
        lab.budget(min(allowed, lab.left))
        others = (module(file) for file in sorted(known.before.sources) if file != path)
        modules = tuple((one.path, one.text) for one in others if one is not None)
        version = Version(text, modules)
        known = dataclasses.replace(known, version=version)
        known = _searched(lab, version, path, seeds, allowed, known, search)
    return dataclasses.replace(known, runs=lab.ran)


def _searched(
    lab: Lab, version: Version, path: str, seeds: int, allowed: float, known: Cure, search: bool
) -> Cure:
    """Searches, and proves what was found; where that fails, what else looked good, alone."""
    control = known.control
    hold_out = any(score.split == "train" for score in fit_scores(control))
    reserve = RESERVED * allowed
    first = reserve + (SEARCHED * allowed if search else 0.0)
    searching = Search(lab, path, first, hold_out, known.hopeless)
    if hold_out:
        # The trials hold out rows, so what they are compared with has to do so as well.
        held = Trial(version.text, hold_out=True, modules=version.modules)
        ahead = searching.ahead(version, control, known.before)
        names = ["the script as it is, rows held out", *ahead.values()]
        control = lab.runs([held, *ahead], names)[0] or control
    found = searching.run(version, control, known.before)
    options = [found.changes, *((one.change,) for one in helping(found.tried))]
    known = dataclasses.replace(known, tried=found.tried)
    if search and not found.trains and not known.hopeless:
        from unstuck.trials.searching.study import Study

        shown = worth_trying(known.before) if known.before is not None else []
        wider = Study(lab, found, control, shown, hold_out).run(reserve)
        options.insert(0, wider.changes)
        known = dataclasses.replace(known, tried=found.tried + wider.tried)
    prover = Prover(lab, version, seeds, hold_out)
    prove = functools.partial(_proven, lab, version, prover, known)
    return first_proven(known, options, prove, lambda: lab.left)


def _proven(
    lab: Lab, version: Version, prover: Prover, known: Cure, changes: tuple[Change, ...]
) -> Cure:
    proof = prover.proof(changes)
    if not proof.holds:
        return dataclasses.replace(known, changes=changes, proof=proof)
    if len(changes) > 1:
        changes = prover.smallest(changes, proof)
        proof = prover.proof(changes)
    made = together(version, changes) or version
    trial = Trial(made.text, modules=made.modules)
    own, alone = lab.runs(
        [trial, dataclasses.replace(trial, watched=False)],
        ["the changed script", "the changed script by itself"],
        overtime=True,
    )
    return dataclasses.replace(
        known,
        changes=changes,
        version=made,
        proof=proof,
        necessary=_without(prover, changes),
        after=diagnosis(own) if own is not None else None,
        alone=alone,
    )


def _without(prover: Prover, changes: tuple[Change, ...]) -> dict[str, Proof]:
    """Returns what is left of the effect without each part; it was run to find the smallest."""
    if len(changes) < 2:
        return {}
    return {
        dropped.name: prover.proof([change for change in changes if change != dropped])
        for dropped in changes
    }
