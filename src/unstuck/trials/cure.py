"""From a sick script to the smallest change that makes it train, with the proof."""

from __future__ import annotations

import dataclasses

from unstuck.record import Diagnosis
from unstuck.trials.change import Change, together
from unstuck.trials.judged import diagnosis, trains
from unstuck.trials.lab import Lab
from unstuck.trials.proof import Proof, Prover
from unstuck.trials.search import Search, Tried
from unstuck.trials.trial import Ran, Trial

USUAL_BUDGET = 120.0
"""Seconds, if the script is short."""
USUAL_RUNS = 15
"""Runs of the script that a usual budget allows for: the proof of one change takes six, and half a
dozen changes can be tried before."""
RESERVED = 0.4
"""Share of the budget that is left for the proof: six of fifteen runs."""


@dataclasses.dataclass(frozen=True)
class Cure:
    """What came of an attempt to cure a script.

    Attributes:
        before: The diagnosis of the script as it is; None if nothing could be judged.
        control: Its run.
        changes: The smallest change that was found, in parts; empty if nothing helped.
        text: The script with it.
        after: The diagnosis of the script with it.
        proof: Its trials.
        necessary: By the name of each part, the trials of the whole without it, where there are
            several parts.
        tried: Everything that was tried.
        runs: Trials that were run for it.
    """

    before: Diagnosis | None
    control: Ran
    changes: tuple[Change, ...] = ()
    text: str = ""
    after: Diagnosis | None = None
    proof: Proof = dataclasses.field(default_factory=lambda: Proof((), ()))
    necessary: dict[str, Proof] = dataclasses.field(default_factory=dict)
    tried: tuple[Tried, ...] = ()
    runs: int = 0

    @property
    def needless(self) -> bool:
        """Whether there is nothing to cure."""
        return trains(self.before) and self.control.ended_well

    @property
    def proven(self) -> bool:
        """Whether the change beats the control beyond chance."""
        return bool(self.changes) and self.proof.holds

    @property
    def cured(self) -> bool:
        """Whether the script with the proven change trains."""
        return self.proven and trains(self.after)


def cure(lab: Lab, text: str, path: str, seeds: int, budget: float | None) -> Cure:
    """Runs a script, and if it does not train, looks for the smallest change that makes it.

    Args:
        lab: Where trials are run.
        text: The script.
        path: Its absolute path.
        seeds: Pairs of runs for a proof.
        budget: Seconds in all; None for the usual.
    """
    if budget is not None:
        lab.budget(budget)
    control = lab.runs([Trial(text, xray=True)], ["the script as it is"])[0]
    assert control is not None  # no budget has ended yet
    before = diagnosis(control)
    known = Cure(before, control, runs=lab.ran)
    if before is None or known.needless or before.verdict == "no_signal":
        return known
    allowed = budget or max(USUAL_BUDGET, USUAL_RUNS * control.seconds)
    lab.pace(control.seconds)
    if budget is None:
        lab.budget(allowed)
    found = Search(lab, path, RESERVED * allowed).run(text, control, before)
    known = dataclasses.replace(known, tried=found.tried)
    if found.changes:
        known = _proven(lab, text, seeds, found.changes, known)
    return dataclasses.replace(known, runs=lab.ran)


def _proven(lab: Lab, text: str, seeds: int, changes: tuple[Change, ...], known: Cure) -> Cure:
    prover = Prover(lab, text, seeds)
    proof = prover.proof(changes)
    if proof.holds and len(changes) > 1:
        changes = prover.smallest(changes, proof)
        proof = prover.proof(changes)
    made = together(text, changes) or text
    own = lab.runs([Trial(made)], ["the changed script"])[0]
    return dataclasses.replace(
        known,
        changes=changes,
        text=made,
        proof=proof,
        necessary=_without(prover, changes) if proof.holds else {},
        after=diagnosis(own) if own is not None else None,
    )


def _without(prover: Prover, changes: tuple[Change, ...]) -> dict[str, Proof]:
    """Returns what is left of the effect without each part; it was run to find the smallest."""
    if len(changes) < 2:
        return {}
    return {
        dropped.name: prover.proof([change for change in changes if change != dropped])
        for dropped in changes
    }
