"""Proves that changes help, with seeds that their choice has not seen, and drops what is idle."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from unstuck.trials.change import Change, together
from unstuck.trials.helping import MOST, NOTICEABLE
from unstuck.trials.lab import Lab
from unstuck.trials.minimal import smallest
from unstuck.trials.score import Compared, compared
from unstuck.trials.statistics import bootstrap_interval, chance
from unstuck.trials.trial import OWN_SEED, Trial
from unstuck.trials.version import Version

R = TypeVar("R")

FEWEST = 3
"""Pairs without which nothing is called proven: with three, chance is at least 1/20."""
UNLIKELY = 0.05
"""Chance up to which a difference counts as real; with three pairs, every treated run then beats
every untreated one."""


@dataclasses.dataclass(frozen=True)
class Proof:
    """Two arms of runs that share their seeds.

    Attributes:
        pairs: The scores of each pair.
        seeds: The seeds of the pairs.
    """

    pairs: tuple[Compared, ...]
    seeds: tuple[int, ...]

    @property
    def gain(self) -> float:
        """Mean gain over the pairs, 0 without any."""
        return sum(pair.gain for pair in self.pairs) / max(1, len(self.pairs))

    @functools.cached_property
    def chance(self) -> float:
        """How often a change that does nothing would look as good."""
        return chance([p.treated for p in self.pairs], [p.control for p in self.pairs])

    @property
    def holds(self) -> bool:
        """Whether it is a proof: enough pairs, of one measure, a noticeable and unlikely gain."""
        alike = len({(pair.measure, pair.split) for pair in self.pairs}) == 1
        enough = len(self.pairs) >= FEWEST and self.gain >= NOTICEABLE
        return alike and enough and self.chance <= UNLIKELY

    def reaches(self, whole: Proof) -> bool:
        """Whether a part of a change is proven to bring about as much as the whole."""
        return self.holds and self.gain >= MOST * whole.gain

    def told(self) -> dict[str, Any]:
        """Returns the numbers as a plain dict, for ``Treatment.trial``."""
        if not self.pairs:
            return {}
        low, high = bootstrap_interval([pair.gain for pair in self.pairs])
        return {
            "measure": self.pairs[0].measure,
            "split": self.pairs[0].split,
            "seeds": list(self.seeds),
            "control": [_rounded(pair.control) for pair in self.pairs],
            "treated": [_rounded(pair.treated) for pair in self.pairs],
            "gain": _rounded(self.gain),
            "interval": [_rounded(low), _rounded(high)],
            "chance": _rounded(self.chance),
        }


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


class Prover:
    """Runs pairs.

    Args:
        lab: Where trials are run.
        version: The user's code, the control.
        seeds: How many pairs.
        hold_out: Whether trials hold out rows, for want of validation data.
    """

    def __init__(self, lab: Lab, version: Version, seeds: int, hold_out: bool = False) -> None:
        self._lab = lab
        self._version = version
        self._hold_out = hold_out
        # The script's own seeds were used to choose; what was chosen by them looks too good.
        self._seeds = range(OWN_SEED + 1, OWN_SEED + 1 + seeds)

    def proof(self, changes: Sequence[Change]) -> Proof:
        """Runs the script with and without some changes; fewer pairs if the budget ends."""
        treated = together(self._version, changes)
        if treated is None:
            return Proof((), ())
        name = " + ".join(change.name for change in changes)
        if self._lab.jobs >= 2 * len(self._seeds):  # then all together take no longer than one pair
            return self._pairs(treated, self._seeds, name)
        return stepwise(lambda seeds: self._pairs(treated, seeds, name), self._seeds)

    def _pairs(self, treated: Version, seeds: Sequence[int], name: str) -> Proof:
        trials = [
            Trial(arm.text, seed, hold_out=self._hold_out, modules=arm.modules)
            for seed in seeds
            for arm in (treated, self._version)
        ]
        runs = self._lab.runs(trials, [name, "without it"] * len(seeds))
        return paired(seeds, runs[::2], runs[1::2], compared)

    def smallest(self, changes: Sequence[Change], whole: Proof) -> tuple[Change, ...]:
        """Returns a part of some changes that brings about as much, none of it idle."""
        return smallest(changes, lambda part: self.proof(part).reaches(whole))


def stepwise(pairs: Callable[[Sequence[int]], Proof], seeds: Sequence[int]) -> Proof:
    """Returns the proof by all seeds, or by the first alone where that tells against it.

    Args:
        pairs: Runs the pairs of some seeds.
        seeds: All of them.
    """
    first = pairs(seeds[:1])
    # One pair that tells against it is enough: a proof by few pairs needs all of them.
    if not first.pairs or first.gain < NOTICEABLE:
        return first
    return pairs(seeds)


def paired(
    seeds: Sequence[int],
    treated: Sequence[R | None],
    control: Sequence[R | None],
    compare: Callable[[R, R], Compared | None],
) -> Proof:
    """Pairs runs, those left out that the time was too short for.

    None of them counts where two can't be compared: a treated run that failed learned nothing.
    """
    pairs, used = [], []
    for seed, ours, theirs in zip(seeds, treated, control, strict=True):
        if ours is None or theirs is None:
            continue
        pair = compare(ours, theirs)
        if pair is None:
            return Proof((), ())
        pairs.append(pair)
        used.append(seed)
    return Proof(tuple(pairs), tuple(used))
