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


@dataclasses.dataclass(frozen=True)
class Unrest:
    """What going on with less noise won.

    Attributes:
        as_it_was: Loss after going on unchanged; infinite where it wasn't finite.
        calm: Loss after going on with the change that won most.
        how: That change in words.
        share: What it won, as a share of the skill that it led to.
        batch_is_it: Whether the batch is further from the usual than the rate is, so that it,
            rather than the rate, is what makes the noise.
        evidence: The losses.
    """

    as_it_was: float
    calm: float
    how: str
    share: float
    batch_is_it: bool
    evidence: dict[str, Quantity]


def unrest(rehearsals: RehearsalFacts, course: Course, fit: FitFacts) -> Unrest | None:
    """Returns what settling would win, None where it is hardly anything."""
    trials = {trial.control: trial for trial in rehearsals.trials}
    before = trials.get("as_it_was")
    changes = {
        "tenth": "a tenth of the rate",
        "large_batch": "a batch eight times as large",
    }
    gains = {name: gain(trials.get(name), before) for name in changes}
    best = max(gains, key=lambda name: gains[name])
    if before is None or gains[best] < WORTH:
        return None
    # A step's noise goes with the rate and against the batch.
    by_batch = USUAL / (fit.batch_size or USUAL)
    by_rate = course.rate_ratio or 1.0
    calm = trials[best]
    return Unrest(
        as_it_was=float("inf") if before.loss is None else before.loss,
        calm=calm.loss or 0.0,
        how=changes[best],
        share=gains[best] / calm.skill if calm.skill > 0 else 0.0,
        batch_is_it=by_batch > by_rate and gains["large_batch"] >= WORTH,
        evidence={
            "learning_rate": number(course.rate, "1/step"),
            "loss_as_it_was": number(before.loss, "loss"),
            **{f"loss_with_{n}": number(trials[n].loss, "loss") for n in changes if n in trials},
            "updates_of_each": number(before.steps, "steps"),
            "skill_won": number(gains[best], "1"),
        },
    )
