"""Short trials in a few words."""

from __future__ import annotations

from typing import Any

from unstuck.observe.rehearsals.facts import Rehearsal, RehearsalFacts


def trial(control: str, skill: float, rate: float = 0.01, **told: Any) -> Rehearsal:
    """A trial whose best constant has a loss of 1, and the same skill on held-out rows."""
    given: dict[str, Any] = {
        "optimizer": "Adam" if control == "adam" else "SGD",
        "batch": 32,
        "steps": 200,
        "loss": 1 - skill,
        "held_out": 1 - told.pop("held", skill),
        "constant": 1.0,
        "constant_held_out": 1.0,
        "perfect": 0.0,
    }
    return Rehearsal(control, rate=rate, **given | told)


def rehearsals(*trials: Rehearsal, **told: Any) -> RehearsalFacts:
    """What some trials gave."""
    return RehearsalFacts(trials, **told)
