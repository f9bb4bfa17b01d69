"""Whether a training's last weights are kept from settling, and by rate or by batch."""

from __future__ import annotations

import dataclasses

from unstuck.case.facts import FitFacts
from unstuck.findings.course import Course
from unstuck.findings.optimization.tried import gain
from unstuck.findings.rule import number
from unstuck.observe.rehearsals.facts import RehearsalFacts
from unstuck.record import Quantity

USUAL = 32
"""The batch size that ``fit`` takes where none is given."""
SMALL = 8
"""Batch size up to which single samples decide where a step goes."""
DECISIVE = 0.2
"""Share of the skill after settling that settling won, from which the unrest is what is wrong with
a training; a share, as noisy data leave little skill to anyone."""
WORTH = 0.05
"""Skill from which it is worth a word: a twentieth of all that there is to learn."""
CHANGES = ("tenth", "large_batch")
"""What makes less noise, by the names of the trials."""


@dataclasses.dataclass(frozen=True)
class Unrest:
    """What going on with less noise won.

    Attributes:
        as_it_was: Loss after going on unchanged; infinite where it wasn't finite.
        calm: Loss after going on with larger batches if those are it, else at a tenth of the rate.
        share: What it won, as a share of the skill that it led to.
        batch_is_it: Whether the batch is small, larger ones help, and it is further from the
            usual than the rate is, so that it, rather than the rate, is what makes the noise.
        evidence: The losses.
    """

    as_it_was: float
    calm: float
    share: float
    batch_is_it: bool
    evidence: dict[str, Quantity]


def unrest(rehearsals: RehearsalFacts, course: Course, fit: FitFacts) -> Unrest | None:
    """Returns what settling would win, None where it is hardly anything."""
    trials = {trial.control: trial for trial in rehearsals.trials}
    before = trials.get("as_it_was")
    gains = {name: gain(trials.get(name), before) for name in CHANGES}
    # A step's noise goes with the rate and against the batch.
    by_batch, by_rate = USUAL / (fit.batch_size or USUAL), course.rate_ratio or 1.0
    small = (fit.batch_size or USUAL) <= SMALL
    batch_is_it = small and by_batch > by_rate and gains["large_batch"] >= WORTH
    named = "large_batch" if batch_is_it else "tenth"
    if before is None or gains[named] < WORTH:
        return None
    calm = trials[named]
    return Unrest(
        as_it_was=float("inf") if before.loss is None else before.loss,
        calm=calm.loss or 0.0,
        share=gains[named] / calm.skill if calm.skill > 0 else 0.0,
        batch_is_it=batch_is_it,
        evidence={
            "learning_rate": number(course.rate, "1/step"),
            "loss_as_it_was": number(before.loss, "loss"),
            **{f"loss_with_{n}": number(trials[n].loss, "loss") for n in CHANGES if n in trials},
            "updates_of_each": number(before.steps, "steps"),
            "skill_won": number(gains[named], "1"),
        },
    )
