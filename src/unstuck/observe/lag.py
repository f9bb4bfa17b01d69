"""The lag that a task needs: how far back the inputs still inform the targets.

Lags are tried in ranges that double. A range counts where it and the nearer ones explain more of
the targets, out of sample, than the nearer ones alone: by a margin that matters, and by more
than chance.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.history import with_history
from unstuck.observe.kernel_ridge import chosen_rows, standard_goals
from unstuck.observe.lag_gain import Known, Trial
from unstuck.observe.lag_views import Lags, Sequence, beside, sequences
from unstuck.observe.xray.facts import LagFacts

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

SAMPLES = 500
"""Samples that are fitted: a system of two thirds of them is solved in 1 ms, and some five
hundred are."""
BEYOND = 300
"""Samples of the search outside of the window, a fifth of the cost: only what adds a lot there is
worth another window."""
MOST = 0.9
"""Share of all that could be explained with which a longer window is long enough: the more lags,
the more noise is averaged out, for ever smaller gains."""
FEWEST = 32
"""Samples below which a fold is too small to say anything."""
GOALS = 3
"""Columns of the targets that are explained, spread evenly: of forecasts some horizons, of
classes some of them."""


@dataclasses.dataclass(frozen=True)
class Range:
    """What was found at one range of lags.

    Attributes:
        last: Its upper end.
        score: Share of the targets' variance explained by it and by what nearer lags added.
        chance: The largest share that was reached by chance.
        adds: Whether it adds to the nearer ones.
    """

    last: int
    score: float
    chance: float
    adds: bool


@dataclasses.dataclass(frozen=True)
class Search:
    """What was found over all ranges.

    Attributes:
        needed: Lag beyond which nothing adds, None where nothing informs at all.
        score: Share explained by all up to it.
    """

    needed: int | None
    score: float
    ranges: tuple[Range, ...]


def needed_lag(
    output: str,
    inputs: list[Array],
    targets: Array,
    *,
    token_ids: bool = False,
    per_step: bool = False,
    opening: tuple[Array, Array] | None = None,
) -> LagFacts | None:
    """Measures how far back the inputs inform the targets.

    Args:
        inputs: One array an input, shape (samples, ...), samples in their natural order. Those
            with steps have rank 3 or more, or hold ids of shape (samples, steps).
        targets: Shape (samples, ...): numbers, one-hot rows or integer classes.
        token_ids: Whether inputs of rank 2 are ids.
        per_step: Whether the targets have a time axis after the samples; of these the last step
            is explained, or that of the input's last real step.
        opening: The first windows of the only input, of rank 3 or more, and their targets, in
            the user's order: where they are cut from one series, it shows what lies beyond.

    Returns:
        None where there are too few samples, no input with steps, or a constant target.
    """
    prepared = _prepared(inputs, targets, token_ids, per_step)
    if prepared is None:
        return None
    lags, known = prepared
    found = search(lags, known, doubling(lags.longest))
    beyond, gain = (None, 0.0) if opening is None else _beyond(*opening, per_step)
    return LagFacts(
        output=output,
        window=lags.window,
        needed=found.needed,
        score=found.score,
        beyond=beyond,
        beyond_gain=gain,
        lags=tuple(item.last for item in found.ranges),
        scores=tuple(item.score for item in found.ranges),
        chance=tuple(item.chance for item in found.ranges),
        samples=len(known.goals),
    )


def doubling(window: int) -> list[tuple[int, int]]:
    """Returns first and last lag of ranges that double: 0, 1, 2 to 3, 4 to 7, up to a window."""
    ends = [2**power - 1 for power in range(window.bit_length())]
    ends = [*(end for end in ends if end < window - 1), window - 1]
    return list(zip([0, *(end + 1 for end in ends)], ends, strict=False))


def search(lags: Lags, known: Known, ranges: list[tuple[int, int]], share: float = 1.0) -> Search:
    """Goes through ranges of lags, then halves the last that adds down to a single lag.

    Args:
        known: What is explained without any lag.
        ranges: First and last lag of each, rising, without gaps.
        share: Of the final score, with which the search is content; 1 goes on to the last lag
            that adds.
    """
    found: list[Range] = []
    taken: list[tuple[Known, Trial]] = []
    since, chance = 0, 0.0
    for first, last in ranges:
        trial = known.trial(lags, first, last, since) if known.open else None
        if trial is None:
            continue
        # The more ranges are tried on what is left, the more chances chance has had.
        chance = max(chance, trial.chance)
        adds = trial.adds and trial.gain > chance
        found.append(Range(last, trial.score, known.score + trial.chance, adds))
        if adds:
            taken.append((known, trial))
            known, since, chance = known.with_(trial), last + 1, 0.0
    content = [pair for pair in taken if pair[1].score >= share * known.score] or taken[-1:]
    needed, score = _halved(lags, *content[0]) if content else (None, known.score)
    beginning = lags.beginning() if known.open else None
    if beginning is not None:
        trial = known.best({(0, "each"): beginning[0]}, beginning[1])
        if trial.adds:
            needed, score = max(needed or 0, trial.last), trial.score
    return Search(needed, score, tuple(found))


def _halved(lags: Lags, known: Known, trial: Trial) -> tuple[int, float]:
    """Returns the last lag of a range that still adds, and the score with all up to it."""
    first, last, score = trial.first, trial.last, trial.score
    kinds = ("each", trial.kind)
    while first < last:
        middle = (first + last) // 2
        near = known.trial(lags, first, middle, first, kinds)
        near = near if near is not None and near.adds else None
        nearer = known if near is None else known.with_(near)
        far = nearer.trial(lags, middle + 1, last, middle + 1, kinds) if nearer.open else None
        if far is not None and far.adds:
            known, first, score = nearer, middle + 1, far.score
        elif near is not None:
            last, score = middle, near.score
        else:
            break
    return last, score


def _beyond(windows: Array, targets: Array, per_step: bool) -> tuple[int | None, float]:
    """Returns the lag outside of the window up to which earlier steps add, and what they add."""
    window = windows.shape[1]
    longer = with_history(windows, targets)
    if longer is None:
        return None, 0.0
    prepared = _prepared([longer[0]], longer[1], False, per_step, BEYOND)
    if prepared is None:
        return None, 0.0
    lags, known = prepared
    further = doubling(lags.window - window)
    ranges = [*doubling(window), *((first + window, last + window) for first, last in further)]
    found = search(lags, known, ranges, MOST)
    if found.needed is None or found.needed < window:
        return None, 0.0
    inside = [item.score for item in found.ranges if item.adds and item.last < window]
    return found.needed, found.score - max(inside, default=0.0)


def _prepared(
    inputs: list[Array], targets: Array, token_ids: bool, per_step: bool, samples: int = SAMPLES
) -> tuple[Lags, Known] | None:
    """Returns the lags of some samples, and what is explained of their targets without any."""
    if len(targets) < FEWEST:
        return None
    picked = chosen_rows(targets, samples, np.random.default_rng(0))
    timed, others = sequences([array[picked] for array in inputs], token_ids)
    if not timed:
        return None
    goals = _goals(_last_step(targets[picked], timed[0], per_step))
    if goals is None:
        return None
    return Lags(timed), Known.start(beside(timed, others), goals)


def _goals(targets: Array) -> Floats | None:
    goals = standard_goals(targets)
    if goals is None:
        return None
    return goals[:, np.linspace(0, goals.shape[1] - 1, min(GOALS, goals.shape[1])).astype(int)]


def _last_step(targets: Array, sequence: Sequence, per_step: bool) -> Array:
    if not per_step:
        return targets
    steps = targets.shape[1]
    at = sequence.ends if steps == sequence.window else np.full(len(targets), steps - 1)
    return np.asarray(targets[np.arange(len(targets)), at])
