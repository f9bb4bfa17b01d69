"""What ``unstuck.fix`` says of a model, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from unstuck.report.proven import HOPELESS, NAIVE, arms, named, numbers, scales
from unstuck.report.wording import VERDICT_WORDS, visible
from unstuck.trials.helping import NOTICEABLE

if TYPE_CHECKING:
    from unstuck.trials.specified.fixing import Fixing
    from unstuck.trials.specified.search import Tried


def sentence(fixing: Fixing) -> str:
    """Returns what came of it in one sentence."""
    if fixing.needless:
        return "It trains as it is; there is nothing to fix."
    if fixing.before.verdict == "no_signal":
        return "No change of the model can help, so none was tried: the answer is in the data."
    if fixing.hopeless and not fixing.proven:
        return HOPELESS
    if not fixing.changes:
        return f"No change brought a gain of {NOTICEABLE:g} or more, so none is proposed."
    names = " and ".join(change.id for change in fixing.changes)
    if not fixing.proven:
        return f"{names} may help, but that isn't proven, so the model is as it was given."
    if not fixing.sold:
        return NAIVE
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
    if not fixing.needless:
        yield from scales(fixing, "the model")
    if fixing.tried:
        yield f"Tried, once each from the same start ({fixing.trials} trials in all):"
        yield from (f"  {_tried(one)}" for one in fixing.tried)
    if fixing.changes:
        yield "The change:" if len(fixing.changes) == 1 else "The smallest change, in parts:"
        yield from (f"  {change.name}: {visible(change.summary)}" for change in fixing.changes)
        held = "your validation data" if fixing.own else "rows that were held out"
        yield from numbers(fixing.proof, held, "the training data", "trial")
    yield sentence(fixing)


def _tried(one: Tried) -> str:
    if one.compared is None:
        reason = "It did not run to its end." if one.failed else "It can't be compared."
        return f"{named(one)} {reason}"
    return f"{named(one)} {arms(one.compared)}"
