"""What trials gave, as lines of text, for scripts and for models alike."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.report.wording import number, visible
from unstuck.trials.attempt import Attempt
from unstuck.trials.helping import Gained
from unstuck.trials.proof import Proof
from unstuck.trials.score import Compared

HOPELESS = (
    "Neither a healthy LSTM, trained on these data until it settled, nor any other control does "
    "noticeably better than a constant: the answer is about the data, and no change of the model "
    "is proposed."
)
NAIVE = (
    "With it the forecast is no better than the naive one, and so is that of a healthy LSTM and of "
    "every other control: the answer is about the data, and the change is not proposed."
)


def named(one: Gained) -> str:
    """Returns the name of what was tried, behind what it was tried, and what it does."""
    after = f" after {' and '.join(change.name for change in one.on)}" if one.on else ""
    return f"{one.change.name}{after}: {visible(one.change.summary)}"


def arms(pair: Compared) -> str:
    """Returns the scores without and with what was tried."""
    return f"{number(pair.control)} → {number(pair.treated)}"


def scales(attempt: Attempt, what: str) -> Iterator[str]:
    """Yields the ends of the scale of each fit, and what was reached on it.

    Args:
        attempt: What was tried.
        what: What is tried to be cured: "the script" or "the model".
    """
    for one, changed in attempt.scales:
        unseen = " on rows it has not seen" if one.split == "train" else ""
        unseen += "" if one.settled else " (more time might help it)"
        reached = {
            "the naive forecast": (one.naive, ""),
            "a healthy LSTM": (one.twin, unseen),
            what: (one.reached, ""),
            "with the change": (changed, ""),
        }
        told = [
            # Adding zero takes the sign off a rounded zero.
            f"{who} {round(skill, 2) + 0.0:.2f}{how}"
            for who, (skill, how) in reached.items()
            if skill is not None
        ]
        where = "validation data" if one.split == "validation" else "training data"
        yield f"On a scale from 0, the best constant, to 1, perfect ({where}): {', '.join(told)}."


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
