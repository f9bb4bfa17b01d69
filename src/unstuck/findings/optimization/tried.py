"""What the short trials of rates and optimizers say beside the training itself."""

from __future__ import annotations

from collections.abc import Iterable

from unstuck.findings.progress import LEARNED, Progress
from unstuck.observe.rehearsals.facts import Rehearsal, RehearsalFacts
from unstuck.record import Quantity

WON = 0.3
"""Skill from which a trial has learned something that nobody would call chance."""
HALF = 0.5
"""Share of a trial's skill below which another one, with the same batches, fell behind it."""
STEP = 3.0
"""Times by which another rate must differ: half a decade is what people would try next."""
SURE = 3.0
"""Standard errors by which two losses must differ to be called different."""


def reached(progress: Progress) -> float:
    """Returns how far a training came, as a share like a skill."""
    return max(progress.skill or 0.0, progress.explained or 0.0)


def behind(skills: Iterable[float], winner: Rehearsal | None) -> bool:
    """Whether a trial won something and left all of these skills less than half of it."""
    return winner is not None and winner.skill >= WON and max(skills) < HALF * winner.skill


def sound(trial: Rehearsal, progress: Progress) -> bool:
    """Whether what a trial learned is there to be learned, rather than noise learned by heart."""
    return bool(progress.has_signal) or (trial.held_out_skill or 0.0) >= LEARNED


def better_rate(
    rehearsals: RehearsalFacts | None, own: float | None, progress: Progress, up: bool
) -> Rehearsal | None:
    """Returns the trial of a higher or lower rate that learned where the user's rate did not.

    Args:
        rehearsals: The trials.
        own: The user's rate.
        progress: How the training went.
        up: Whether higher rates are asked for.
    """
    tried = rehearsals.of("rates") if rehearsals is not None else ()
    if not tried or not own:
        return None
    first = tried[0]  # at the user's own rate
    others = [one for one in tried[1:] if (one.rate / own if up else own / one.rate) >= STEP]
    best = max(others, key=lambda one: one.skill, default=None)
    learned = best is not None and behind([first.skill], best) and sound(best, progress)
    return best if learned else None


def gain(after: Rehearsal | None, before: Rehearsal | None) -> float:
    """Returns the skill that going on with a change won over going on without it.

    On rows that were trained on and, where there are others, on those: what holds for one only is
    no gain. 0 where it is within the noise of the repetitions.
    """
    if after is None or before is None or after.loss is None:
        return 0.0
    if before.loss is not None:
        noise = SURE * (after.spread**2 + before.spread**2) ** 0.5
        if before.loss - after.loss <= noise:
            return 0.0
    gains = [after.skill - before.skill]
    if after.held_out_skill is not None and before.held_out_skill is not None:
        gains.append(after.held_out_skill - before.held_out_skill)
    return max(0.0, min(gains))


def told(trial: Rehearsal, name: str) -> dict[str, Quantity]:
    """Returns a trial as evidence."""
    return {
        f"{name}_skill": Quantity(float(f"{trial.skill:.6g}"), "1"),
        f"{name}_rate": Quantity(float(f"{trial.rate:.6g}"), "1/step"),
    }
