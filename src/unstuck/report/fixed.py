"""What ``unstuck.fix`` says of a model, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from unstuck.report.wording import VERDICT_WORDS, number, visible
from unstuck.trials.search import NOTICEABLE

if TYPE_CHECKING:
    from unstuck.trials.proof import Proof
    from unstuck.trials.specified.fixing import Fixing
    from unstuck.trials.specified.search import Tried


def sentence(fixing: Fixing) -> str:
    """Returns what came of it in one sentence."""
    if fixing.needless:
        return "It trains as it is; there is nothing to fix."
    if fixing.before.verdict == "no_signal":
        return "No change of the model can help, so none was tried: the answer is in the data."
    if not fixing.changes:
        return f"No change brought a gain of {NOTICEABLE:g} or more, so none is proposed."
    names = " and ".join(change.id for change in fixing.changes)
    if not fixing.proven:
        return f"{names} may help, but that isn't proven, so the model is as it was given."
    if fixing.cured:
        return f"With {names} it trains."
    word = VERDICT_WORDS[fixing.after.verdict].lower() if fixing.after else "unknown"
    return f"With {names} it trains better, but the verdict is still: {word}."


def lines(fixing: Fixing) -> Iterator[str]:
    """Yields the result: what was wrong, what was tried, what helped, and how sure that is."""
    found = fixing.before
    yield f"{VERDICT_WORDS[found.verdict]}: {visible(found.summary)}"
    if found.findings and not fixing.needless:
        first = found.findings[0]
        yield f"{first.code} {first.name}: {visible(first.message)}"
    if fixing.tried:
        yield f"Tried, once each from the same start ({fixing.trials} trials in all):"
        yield from (f"  {_tried(one)}" for one in fixing.tried)
    if fixing.changes:
        yield "The change:" if len(fixing.changes) == 1 else "The smallest change, in parts:"
        yield from (f"  {change.name}: {visible(change.summary)}" for change in fixing.changes)
        yield from numbers(fixing.proof, "your validation data" if fixing.own else None)
    yield sentence(fixing)


def numbers(proof: Proof, held: str | None = None) -> Iterator[str]:
    """Yields the scores of both arms of a proof.

    Args:
        proof: Its pairs.
        held: What the validation data are; None for rows that were held out for the trials.
    """
    told = proof.told()
    if not told:
        yield "  No pair of trials with other seeds could be compared."
        return
    scores = [" ".join(map(number, told[arm])) for arm in ("control", "treated")]
    low, high = map(number, told["interval"])
    rows = held or "rows that were held out"
    where = rows if told["split"] == "validation" else "the training data"
    yield f"  {told['measure']} on {where}, seeds {' '.join(map(str, told['seeds']))}:"
    yield f"  without {scores[0]}, with {scores[1]}"
    yield f"  gain {number(told['gain'])} (95 % interval {low} to {high})"
    yield f"  a change that does nothing looks as good in {told['chance']:.0%} of draws"


def _tried(one: Tried) -> str:
    after = f" after {' and '.join(change.name for change in one.on)}" if one.on else ""
    what = f"{one.change.name}{after}: {visible(one.change.summary)}"
    if one.compared is None:
        reason = "It did not run to its end." if one.failed else "It can't be compared."
        return f"{what} {reason}"
    return f"{what} {number(one.compared.control)} → {number(one.compared.treated)}"
