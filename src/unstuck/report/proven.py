"""What trials gave, as lines of text, for scripts and for models alike."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.report.wording import number, visible
from unstuck.trials.helping import Gained
from unstuck.trials.proof import Proof
from unstuck.trials.score import Compared


def named(one: Gained) -> str:
    """Returns the name of what was tried, behind what it was tried, and what it does."""
    after = f" after {' and '.join(change.name for change in one.on)}" if one.on else ""
    return f"{one.change.name}{after}: {visible(one.change.summary)}"


def arms(pair: Compared) -> str:
    """Returns the scores without and with what was tried."""
    return f"{number(pair.control)} → {number(pair.treated)}"


def numbers(proof: Proof, held: str, trained: str, run: str) -> Iterator[str]:
    """Yields the scores of both arms of a proof.

    Args:
        proof: Its pairs.
        held: What the validation data are called.
        trained: Likewise the data that are judged where there are none.
        run: What one of a pair is called.
    """
    told = proof.told()
    if not told:
        yield f"  No pair of {run}s with other seeds could be compared."
        return
    scores = [" ".join(map(number, told[arm])) for arm in ("control", "treated")]
    low, high = map(number, told["interval"])
    where = held if told["split"] == "validation" else trained
    yield f"  {told['measure']} on {where}, seeds {' '.join(map(str, told['seeds']))}:"
    yield f"  without {scores[0]}, with {scores[1]}"
    yield f"  gain {number(told['gain'])} (95 % interval {low} to {high})"
    yield f"  a change that does nothing looks as good in {told['chance']:.0%} of draws"
