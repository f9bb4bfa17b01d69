"""From a model that does not learn to one that does, with the smallest change and its proof."""

from __future__ import annotations

import dataclasses
import functools
import time
import warnings
from collections.abc import Callable
from typing import Any

from unstuck import backends
from unstuck.observe.rehearsals.clock import Clock, aside
from unstuck.record import Diagnosis
from unstuck.trials.attempt import Attempt, first_proven
from unstuck.trials.cure import RESERVED, USUAL_BUDGET, USUAL_RUNS
from unstuck.trials.helping import helping
from unstuck.trials.judged import trains
from unstuck.trials.proof import Proof
from unstuck.trials.specified.building import finished
from unstuck.trials.specified.change import Change, together
from unstuck.trials.specified.describing import weights_of
from unstuck.trials.specified.laboratory import Laboratory
from unstuck.trials.specified.proving import Prover
from unstuck.trials.specified.search import Search, Tried
from unstuck.trials.specified.specification import Specification


@dataclasses.dataclass(frozen=True, eq=False)
class Fixing(Attempt):
    """What came of an attempt to make a model learn.

    Attributes:
        model: A trained model of stock Keras objects: with the change if it is proposed, else as
            it was given. The user's own is untouched.
        before: The diagnosis of the training as it is.
        after: Likewise with the proven change; None where there is none.
        changes: The smallest change that was found, in parts; empty if nothing helped.
        proof: Its trials.
        tried: Everything that was tried.
        trials: How many trials were run.
        own: Whether the user's own validation data judged them; else rows that were held out.
    """

    model: Any
    before: Diagnosis
    after: Diagnosis | None = None
    changes: tuple[Change, ...] = ()
    proof: Proof = dataclasses.field(default_factory=lambda: Proof((), ()))
    tried: tuple[Tried, ...] = ()
    trials: int = 0
    own: bool = True

    @property
    def needless(self) -> bool:
        """Whether there is nothing to fix."""
        return trains(self.before)

    @property
    def verdict(self) -> str:
        """The verdict on the training that ``model`` comes from."""
        return (self.after if self.after and self.sold else self.before).verdict


def fixing(spec: Specification, seeds: int, budget: float | None, lab: Laboratory) -> Fixing:
    """Trains, and if it does not learn, looks for the smallest change that makes it.

    Args:
        spec: What the user trains.
        seeds: Pairs of trials for a proof.
        budget: Seconds in all; None for the usual.
        lab: Where trials are run.
    """
    begun = time.monotonic()
    before, model = lab.watched(spec, None if budget is None else RESERVED * budget / 2)
    spent = time.monotonic() - begun
    known = Fixing(finished(spec, weights_of(model)), before, own=spec.own)
    if known.needless or not known.searchable:
        return known
    allowed = max(USUAL_BUDGET, USUAL_RUNS * spent) if budget is None else budget - spent
    lab.budget(allowed)
    known = _searched(lab, spec, seeds, RESERVED * allowed, known)
    return dataclasses.replace(known, trials=lab.ran)


def apart(
    spec: Specification,
    seeds: int,
    budget: float | None,
    tell: Callable[[str], None] = lambda line: None,
) -> Fixing:
    """Does ``fixing`` where it moves nothing of the user's: names, seeds and random states.

    Args:
        spec: What the user trains.
        seeds: Pairs of trials for a proof.
        budget: Seconds in all; None for the usual.
        tell: Called with a line about what was run.
    """
    clock = Clock(float("inf"))
    with backends.current().generators_kept(), warnings.catch_warnings():
        # The user's own run has said what there is to warn of.
        warnings.simplefilter("ignore")
        return aside(lambda: fixing(spec, seeds, budget, Laboratory(tell, clock)), clock)


def _searched(
    lab: Laboratory, spec: Specification, seeds: int, reserve: float, known: Fixing
) -> Fixing:
    """Searches, and proves what was found; where that fails, what else looked good, alone."""
    (control,) = lab.runs([spec], ["as it is"])
    if control is None:
        return known
    search = Search(lab, reserve, known.hopeless)
    found = search.run(spec, control, known.before)
    known = dataclasses.replace(known, tried=tuple(search.tried))
    options = dict.fromkeys((found, *((one.change,) for one in helping(search.tried))))
    prove = functools.partial(_proven, lab, spec, Prover(lab, spec, seeds), known)
    best = first_proven(known, options, prove, lambda: lab.left)
    # Where the time was too short for a pair, what looked good is told all the same.
    return best if best.changes else dataclasses.replace(best, changes=found)


def _proven(
    lab: Laboratory,
    spec: Specification,
    prover: Prover,
    known: Fixing,
    changes: tuple[Change, ...],
) -> Fixing:
    proof = prover.proof(changes)
    if proof.holds and len(changes) > 1:
        changes = prover.smallest(changes, proof)
        proof = prover.proof(changes)
    made = together(spec, changes)
    if not proof.holds or made is None:
        return dataclasses.replace(known, changes=changes, proof=proof)
    lab.budget(float("inf"))  # what is proven is also handed out
    ran = lab.runs([made], ["the changed model"])[0]
    after, model = lab.watched(made)
    weights = ran.trained.weights if ran is not None else weights_of(model)
    proven = dataclasses.replace(known, changes=changes, proof=proof, after=after)
    model = finished(made, weights) if proven.sold else known.model
    return dataclasses.replace(proven, model=model)
