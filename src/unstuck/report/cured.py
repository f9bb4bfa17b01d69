"""What ``unstuck fix`` says in the end, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.report.proven import HOPELESS, NAIVE, arms, named, numbers, scales
from unstuck.report.wording import VERDICT_WORDS, number, source_line, visible
from unstuck.trials.cure import Cure
from unstuck.trials.helping import NOTICEABLE
from unstuck.trials.search import Tried

LAST_LINES = 3
"""Lines of the changed script's own output that are repeated."""


def lines(cure: Cure) -> Iterator[str]:
    """Yields the result: what was wrong, what was tried, what helped, and how sure that is.

    Args:
        cure: The cure.
    """
    yield from _before(cure)
    if cure.needless or cure.before is None:
        return
    yield from scales(cure, "the script")
    if cure.before.verdict == "no_signal":
        return
    if cure.hopeless:
        yield HOPELESS
    elif not cure.tried:
        yield "Nothing could be tried: no finding has a change of the script to offer."
    if not cure.tried:
        return
    yield ""
    yield f"Tried, once each with the script's own seeds ({cure.runs} runs in all):"
    yield from (f"  {_tried(one)}" for one in cure.tried)
    yield ""
    yield from _outcome(cure)


def _before(cure: Cure) -> Iterator[str]:
    found = cure.before
    if found is None:
        yield "The script left nothing to judge; its last lines:"
        yield from _last(cure.control.output)
        return
    yield f"{VERDICT_WORDS[found.verdict]}: {visible(found.summary)}"
    if not cure.control.ended_well:
        yield f"The script itself ended with exit code {cure.control.code}; its last lines:"
        yield from _last(cure.control.output)
    if cure.needless:
        yield "There is nothing to fix."
    elif found.findings:
        first = found.findings[0]
        where = source_line(first.location)
        at = f", {where}" if where else ""
        yield f"{first.code} {first.name}{at}: {visible(first.message)}"
    if found.verdict == "no_signal":
        yield "No change of the model can help, so none was tried: the answer is in the data."


def _tried(one: Tried) -> str:
    if one.cut:
        return f"{named(one)} Given up after a part of the training."
    if one.compared is None:
        reason = "the run failed" if not one.ran.ended_well else "it can't be compared"
        return f"{named(one)} {reason}."
    return f"{named(one)} {arms(one.compared)}"


def _outcome(cure: Cure) -> Iterator[str]:
    if not cure.changes and any(one.gain >= NOTICEABLE for one in cure.tried):
        yield "No time was left for a proof, so nothing is proposed. Give it more: --budget."
        return
    if not cure.changes:
        yield f"No change brought a gain of {NOTICEABLE:g} or more, so none is proposed."
        return
    yield "The change:" if len(cure.changes) == 1 else "The smallest change, in parts:"
    for change in cure.changes:
        yield f"  {change.name}: {visible(change.summary)}"
    yield from numbers(cure.proof, "validation data", "the training sample", "run")
    if cure.proof.pairs:
        yield from _parts(cure)
    if cure.proven and not cure.sold:
        yield NAIVE
    elif not cure.proven:
        yield "That is no proof, so the change is not proposed. More time may bring it: --budget."
    elif cure.alone is not None:
        yield f"The changed script by itself ended with exit code {cure.alone.code}:"
        yield from _last(cure.alone.output)
    if cure.sold:
        yield "It trains." if cure.cured else _better(cure)


def _better(cure: Cure) -> str:
    word = VERDICT_WORDS[cure.after.verdict].lower() if cure.after else "unknown"
    return f"It trains better than before, but the verdict is still: {word}."


def _parts(cure: Cure) -> Iterator[str]:
    for name, proof in cure.necessary.items():
        left = f"the gain is {number(proof.gain)}" if proof.pairs else "was not tried: no time"
        yield f"  without {name} {left}"


def _last(output: str) -> Iterator[str]:
    kept = [line for line in output.splitlines() if line.strip()][-LAST_LINES:]
    yield from (f"  {visible(line)}" for line in kept)
