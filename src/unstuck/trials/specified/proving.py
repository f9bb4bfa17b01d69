"""Proves changes with seeds that their choice has not seen, and drops what is idle."""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.trials.minimal import smallest
from unstuck.trials.proof import Proof, paired, stepwise
from unstuck.trials.score import between
from unstuck.trials.specified.change import Change, together
from unstuck.trials.specified.laboratory import Laboratory, Ran
from unstuck.trials.specified.specification import Specification


class Prover:
    """Runs pairs that share their seeds: initial weights, batches and dropout.

    Args:
        lab: Where trials are run.
        spec: What the user trains, the control.
        seeds: How many pairs.
    """

    def __init__(self, lab: Laboratory, spec: Specification, seeds: int) -> None:
        self._lab = lab
        # The user's own start was used to choose; what was chosen by it looks too good.
        self._controls = {seed: spec.started(seed) for seed in range(1, 1 + seeds)}
        self._known: dict[tuple[int, tuple[Change, ...]], Ran] = {}

    def proof(self, changes: Sequence[Change]) -> Proof:
        """Runs the user's training with and without some changes; fewer pairs if time is short."""
        return stepwise(lambda seeds: self._pairs(changes, seeds), list(self._controls))

    def smallest(self, changes: Sequence[Change], whole: Proof) -> tuple[Change, ...]:
        """Returns a part of some changes that brings about as much, none of it idle."""
        return smallest(changes, lambda part: self.proof(part).reaches(whole))

    def _pairs(self, changes: Sequence[Change], seeds: Sequence[int]) -> Proof:
        name = " + ".join(change.name for change in changes)
        for arm, called in (((), "without it"), (tuple(changes), name)):
            self._run(arm, seeds, called)
        treated, control = (
            [self._known.get((seed, arm)) for seed in seeds] for arm in (tuple(changes), ())
        )
        return paired(
            seeds, treated, control, lambda ours, theirs: between((ours.score,), (theirs.score,))
        )

    def _run(self, arm: tuple[Change, ...], seeds: Sequence[int], name: str) -> None:
        new = [seed for seed in seeds if (seed, arm) not in self._known]
        made = [(seed, together(self._controls[seed], arm)) for seed in new]
        todo = [(seed, spec) for seed, spec in made if spec is not None]
        runs = self._lab.runs([spec for _, spec in todo], [name]) if todo else []
        for (seed, _), ran in zip(todo, runs, strict=True):
            if ran is not None:
                self._known[seed, arm] = ran
