"""Which controls a finished training calls for: none where it reached its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from unstuck.observe.outcome import OutcomeFacts

REACHED = 0.8
"""Share of what a closed-form model explains from which a training has reached its control."""
HALF = 0.5
"""Skill up to which there may be more to learn where no control found anything."""
MARGIN = 0.02
"""By how much a closed-form score must beat chance to be a signal; see the signal's own noise."""
FITTED = 0.5
"""Skill on the training data from which a low one on the rest is a matter of generalization."""
KEPT = 0.5
"""Share of that skill below which it is."""
EPOCHS = 6
"""Epochs that tell whether a loss has settled."""
RESTLESS = 0.03
"""Spread of the last epochs' losses over their mean, from which it has not. With weights at rest
every epoch has the same loss, whatever the noise of its batches."""
TINY = 4
"""Samples a batch up to which a few epochs are a whole training, and don't show its unrest."""
NEAR = 0.95
"""Skill from which nothing that settling wins would be worth a word."""

UNLEARNED, UNSETTLED, UNGENERAL = "unlearned", "unsettled", "ungeneral"


def needs(
    outcome: OutcomeFacts, losses: Sequence[float], batch: int | None = None
) -> frozenset[str]:
    """Says what a training leaves to ask.

    Args:
        outcome: What it reached.
        losses: Training loss of each epoch.
        batch: Samples a step, None where that isn't known.

    Returns:
        Some of UNLEARNED, UNSETTLED, UNGENERAL.
    """
    found = set()
    if _unlearned(outcome):
        found.add(UNLEARNED)
    if _ungeneral(outcome):
        found.add(UNGENERAL)
    tiny = batch is not None and batch <= TINY
    settled = not tiny and not _unsettled(np.asarray(losses, np.float64), _perfect(outcome))
    if _skill(outcome, "train") < NEAR and not settled:
        found.add(UNSETTLED)
    return frozenset(found)


def _unlearned(outcome: OutcomeFacts) -> bool:
    train = [one for one in outcome.outputs if one.split == "train"]
    if any(one.predictions.nonfinite for one in train):
        return True
    skill = _skill(outcome, "train")
    if skill == math.inf:
        return False
    signals = [one.score for one in outcome.signal if one.score > max(one.chance, 0.0) + MARGIN]
    if not signals:
        return skill < HALF
    shares = [one.predictions.explained for one in train]
    explained = min((share for share in shares if share is not None), default=skill)
    return max(skill, explained) < REACHED * max(signals)


def _ungeneral(outcome: OutcomeFacts) -> bool:
    fitted, held = _skill(outcome, "train"), _skill(outcome, "validation")
    return FITTED <= fitted < math.inf and held < KEPT * fitted


def _skill(outcome: OutcomeFacts, split: str) -> float:
    """Returns the lowest skill of the outputs, infinity where none is known."""
    skills = [one.skill for one in outcome.outputs if one.split == split]
    return min((skill for skill in skills if skill is not None), default=math.inf)


def _unsettled(losses: np.ndarray, perfect: float) -> bool:
    if len(losses) < EPOCHS or not np.isfinite(losses[-EPOCHS:]).all():
        return False
    last = losses[-max(EPOCHS, len(losses) // 3) :] - perfect
    time = np.arange(len(last))
    trend = np.polyval(np.polyfit(time, last, 1), time)
    level = float(last.mean())
    return level > 0 and float((last - trend).std()) > RESTLESS * level


def _perfect(outcome: OutcomeFacts) -> float:
    known = [one.perfect for one in outcome.outputs if one.split == "train"]
    return sum(value for value in known if value is not None)
