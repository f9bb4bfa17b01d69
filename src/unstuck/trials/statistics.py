"""How sure a difference between two arms of trials is, in numpy."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"

EXACT = 20_000
"""Resamples that are enumerated; where there are more, that many are drawn, which puts a
5 % quantile or probability right to 0.3 %."""


def bootstrap_interval(differences: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Returns the paired bootstrap interval of a mean difference.

    Of few pairs all resamples are enumerated. Then it is no wider than the pairs themselves are
    apart, so it goes with ``chance``, which knows how few they are.

    Args:
        differences: One for each pair.
        level: Share of the resampled means inside.
    """
    values = np.asarray(differences, np.float64)
    tail = (1 - level) / 2
    low, high = np.quantile(_resampled_means(values), [tail, 1 - tail])
    return float(low), float(high)


def _resampled_means(values: Floats) -> Floats:
    count = len(values)
    if count**count <= EXACT:
        picks = np.asarray(list(itertools.product(range(count), repeat=count)))
    else:
        picks = np.random.default_rng(0).integers(0, count, (EXACT, count))
    return np.asarray(values[picks].mean(axis=1))


def chance(treated: Sequence[float], control: Sequence[float]) -> float:
    """Returns how often arms drawn from these runs by lot differ in favour of the treatment so.

    It is the one-sided permutation test of the difference of means over all ways to call some of
    the runs treated. Pairs that share their seeds make it cautious, not bold: their difference
    spreads less than that of strangers. With three runs each, 1/20 is the least possible: every
    treated run beats every control.

    Args:
        treated: Scores, one for each seed.
        control: Scores without the treatment.
    """
    scores = np.asarray([*treated, *control], np.float64)
    count = len(treated)
    observed = scores[:count].sum()
    sums = _relabelled_sums(scores, count)
    # Sums of the same runs in another order differ by rounding.
    return float((sums >= observed - 1e-12 * max(1.0, abs(observed))).mean())


def _relabelled_sums(scores: Floats, count: int) -> Floats:
    if math.comb(len(scores), count) <= EXACT:
        picks = np.asarray(list(itertools.combinations(range(len(scores)), count)))
        return np.asarray(scores[picks].sum(axis=1))
    generator = np.random.default_rng(0)
    drawn = [generator.permutation(scores)[:count].sum() for _ in range(EXACT - 1)]
    return np.asarray([scores[:count].sum(), *drawn])
