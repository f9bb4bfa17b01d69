"""What a cross-entropy makes of a head: probabilities read as logits, and raw scores."""

from __future__ import annotations

import math

from unstuck.findings.evidence import Output
from unstuck.findings.output.contract import (
    BINARY,
    CROSSENTROPIES,
    INFINITY,
    LEARNED,
    PROBABILITIES,
    SPARSE,
    head_range,
    in_cell,
    loss_name,
    target_kind,
    width,
)
from unstuck.record import Treatment


def classifies(output: Output) -> bool:
    """Whether targets and units fit the cross-entropy, so that only logits can be wrong."""
    name = loss_name(output)
    if name not in CROSSENTROPIES or (width(output) == 1 and name not in BINARY):
        return False
    if output.target is None:
        return True
    target = output.target
    high = INFINITY if name in SPARSE else 1.0
    inside = (target.minimum or 0.0) >= 0.0 and (target.maximum or 0.0) <= high
    return inside or target_kind(target) == "signs"


def squashed(output: Output) -> bool:
    """Whether the head's values are bounded on both sides, which no logit is."""
    bounds = head_range(output.head)
    return bounds is not None and bounds[0] > -INFINITY and bounds[1] < INFINITY


def raw(output: Output) -> bool:
    """Whether the head is known to give something else than probabilities."""
    bounds = head_range(output.head)
    # A gate times a sigmoid stays within 0..1: unusual, but a probability.
    return bounds is not None and bounds != (0.0, 1.0)


def described(output: Output) -> str:
    """Says what a head that gives no probabilities is."""
    head = output.head
    if in_cell(head):
        return f"is a recurrent layer and gives its state, a gate times {head.activation}"
    if head.activation == "linear":
        return "has no activation and gives any number"
    return f"ends in {head.activation}"


def behind_cell(output: Output) -> tuple[Treatment, ...]:
    """Returns the cure of a recurrent layer as head, nothing for other heads."""
    if not in_cell(output.head):
        return ()
    needed = "sigmoid" if loss_name(output) in BINARY else "softmax"
    summary = f"Put Dense({width(output) or 1}, activation='{needed}') behind the recurrent layer."
    return (Treatment("dense-head", summary),)


def surest(output: Output) -> float | None:
    """Returns the highest probability that is left of a 1 among zeros when read as logits."""
    if output.head.activation not in PROBABILITIES:
        return None
    units = width(output)
    others = 1 if loss_name(output) in BINARY or units is None else units - 1
    return math.e / (math.e + others)


def lowest_loss(output: Output) -> float | None:
    """Returns the lowest loss of probabilities that are read as logits, None if unknown.

    Among K classes it is -log(e / (e + K - 1)). On one unit the best for label 1 is a 1, of
    which the sigmoid is 0.731, and for label 0 a 0, of which it is 0.5.
    """
    sure = surest(output)
    if sure is None:
        return None
    if loss_name(output) not in BINARY:
        return -math.log(sure)
    share = output.target.mean if output.target is not None else None
    if share is None or not 0.0 <= share <= 1.0:
        return None
    return -share * math.log(sure) - (1.0 - share) * math.log(0.5)


def reached(output: Output, floor: float | None) -> bool:
    """Whether the run came near the lowest loss, so that its probabilities must be right."""
    facts = output.train
    if floor is None or facts is None or facts.loss is None or facts.constant_predictor is None:
        return False
    room = facts.constant_predictor - floor
    return room > 0 and (facts.constant_predictor - facts.loss) / room >= LEARNED
