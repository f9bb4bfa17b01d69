"""What a range of lags adds to what the nearer ones explain, and what chance would add.

Chance is the same range once the part that the nearer lags leave unexplained is dealt out anew
among the samples (Freedman and Lane, A Nonstochastic Interpretation of Reported Significance
Levels, 1983): all that they do explain stays where it is.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.kernel_ridge import contiguous_folds, held_out
from unstuck.observe.lag_views import Lags

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Views = dict[tuple[int, str], Floats]
"""Kernels by the first lag that they hold and their kind."""

FOLDS = 3
"""Folds of the cross-validation; each more costs as much again."""
RIDGES = (0.003, 0.1, 3.0)
"""Next to no ridge, for smooth series where only differences tell, and one that silences
hundreds of columns of noise."""
MARGIN = 0.02
"""Share of the targets' variance that a range must add: what one column of noise adds to 500
samples once in a thousand times, and less than a user would notice."""
PERMUTATIONS = 19
"""The largest of 19 chance gains is their 95th percentile."""
BLOCKS = 20
"""Runs of neighbouring samples that are dealt out as a whole: consecutive windows resemble each
other, and chance must keep that."""
JOINT = ("each", "sum")
"""Kinds of views that several ranges are tried together by."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """The best view of one range, together with what is known.

    Attributes:
        first: First lag of that view.
        last: Last lag of the range.
        kernel: Of the view and of what was known.
        predicted: The goals as predicted out of sample, shape (samples, goals).
        score: Share of the goals' variance explained.
        gain: What the range adds to the score.
        chance: The most that it added by chance.
    """

    first: int
    last: int
    kind: str
    kernel: Floats
    predicted: Floats
    score: float
    gain: float
    chance: float

    @property
    def adds(self) -> bool:
        """Whether it adds more than chance, and more than a trifle."""
        return self.gain > max(MARGIN, self.chance)


@dataclasses.dataclass(frozen=True)
class Known:
    """What is explained so far.

    Attributes:
        orders: Orders of the samples in which the unexplained part is dealt out.
        dealt: The goals, then a copy for each order, shape (samples, copies * goals).
        scores: Share explained of each copy, the goals themselves first.
    """

    kernel: Floats
    goals: Floats
    orders: list[Array]
    dealt: Floats
    scores: Floats

    @classmethod
    def start(cls, kernel: Floats, goals: Floats) -> Known:
        """Returns what a kernel explains.

        Args:
            goals: Standardized, shape (samples, goals).
        """
        predicted = held_out(kernel, goals, _folds(goals), RIDGES).predicted
        return cls._dealt(kernel, goals, _orders(len(goals)), predicted)

    @classmethod
    def _dealt(cls, kernel: Floats, goals: Floats, orders: list[Array], predicted: Floats) -> Known:
        rest = goals - predicted
        dealt = np.concatenate([goals, *(predicted + rest[order] for order in orders)], axis=1)
        explained = held_out(kernel, dealt, _folds(goals), RIDGES).explained
        return cls(kernel, goals, orders, dealt, _by_copy(explained, goals))

    @property
    def score(self) -> float:
        """Share of the goals' variance explained, not below zero."""
        return max(float(self.scores[0]), 0.0)

    @property
    def open(self) -> bool:
        """Whether enough is unexplained for anything to add to it."""
        return 1 - self.score >= MARGIN

    def with_(self, trial: Trial) -> Known:
        """Returns what is known once a range has been taken."""
        return self._dealt(trial.kernel, self.goals, self.orders, trial.predicted)

    def trial(
        self, lags: Lags, first: int, last: int, since: int, kinds: tuple[str, ...] = ()
    ) -> Trial | None:
        """Tries a range by every view of it; None where nothing in it varies.

        Args:
            since: The lags from this one on were not taken. They are tried together with the
                range too: what says little in each may say enough in all.
            kinds: Views to be tried, all if empty.
        """
        views = {(first, name): view for name, view in lags.views(first, last).items()}
        if since < first:
            joint = lags.views(since, last)
            views |= {(since, name): joint[name] for name in JOINT if name in joint}
        if kinds:
            views = {key: view for key, view in views.items() if key[1] in kinds}
        return self.best(views, last) if views else None

    def best(self, views: Views, last: int) -> Trial:
        """Returns the best of some views; chance may choose among them as well."""
        folds = _folds(self.goals)
        fits = {
            key: held_out(self.kernel + view, self.dealt, folds, RIDGES)
            for key, view in views.items()
        }
        scores = {key: _by_copy(fit.explained, self.goals) for key, fit in fits.items()}
        best = max(scores, key=lambda key: float(scores[key][0]))
        gains = np.max(list(scores.values()), axis=0) - np.maximum(self.scores, 0)
        return Trial(
            first=best[0],
            last=last,
            kind=best[1],
            kernel=self.kernel + views[best],
            predicted=fits[best].predicted[:, : self.goals.shape[1]],
            score=float(scores[best][0]),
            gain=float(gains[0]),
            chance=float(gains[1:].max()),
        )


def _folds(goals: Floats) -> list[Array]:
    return contiguous_folds(len(goals), FOLDS)


def _by_copy(explained: Floats, goals: Floats) -> Floats:
    """Averages over the columns of each copy of the goals."""
    return np.asarray(explained.reshape(-1, goals.shape[1]).mean(axis=1))


def _orders(samples: int) -> list[Array]:
    """Returns orders that keep neighbours together within blocks, from a random start on."""
    rng = np.random.default_rng(0)
    orders = []
    for _ in range(PERMUTATIONS):
        blocks = np.array_split(np.roll(np.arange(samples), rng.integers(samples)), BLOCKS)
        orders.append(np.concatenate([blocks[at] for at in rng.permutation(BLOCKS)]))
    return orders
