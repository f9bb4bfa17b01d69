"""What a fit is to predict, told apart from how it is written: scaled or recoded, it is the same.

A change that makes the targets easier would win every trial. So two runs are compared only if
their targets are the same but for a scale, an offset, or the names of the classes.
"""

from __future__ import annotations

import dataclasses
import math

from unstuck.case.facts import ArrayFacts
from unstuck.findings.evidence import Evidence, Output

APART = 0.05
"""How far the shapes of two distributions of the same targets may lie apart: a window that is
some steps longer, or a split at another row, costs a few rows at an end."""


Ends = tuple[float | None, float | None]


@dataclasses.dataclass(frozen=True)
class Target:
    """The distribution of one output's targets.

    Attributes:
        shares: Of the classes, in rising order; empty for quantities.
        low: The smallest target in standard deviations from the mean, None where unknown.
        high: Likewise the largest.
    """

    shares: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None

    def same(self, other: Target) -> bool:
        """Whether one may be a rescaled or recoded copy of the other; so where unknown."""
        if self.shares and other.shares:
            return len(self.shares) == len(other.shares) and all(
                abs(one - two) <= APART for one, two in zip(self.shares, other.shares, strict=True)
            )
        if None in (self.low, self.high, other.low, other.high):
            return True
        ours, theirs = (self.low, self.high), (other.low, other.high)
        # A negative scale swaps the ends.
        return _near(ours, theirs) or _near(ours, (-(theirs[1] or 0.0), -(theirs[0] or 0.0)))


def _near(ours: Ends, theirs: Ends) -> bool:
    return all(
        abs((one or 0.0) - (two or 0.0)) <= APART * abs(two or 0.0)
        for one, two in zip(ours, theirs, strict=True)
    )


def target(output: Output) -> Target:
    """Describes the targets of one output of a fit."""
    counts = dict(output.train.predictions.actual) if output.train else {}
    counts = counts or _counted(output.target)
    total = sum(counts.values())
    if total:
        return Target(tuple(sorted(count / total for count in counts.values())))
    facts = output.target
    if facts is None or not facts.std or None in (facts.mean, facts.minimum, facts.maximum):
        return Target()
    mean, low, high = facts.mean or 0.0, facts.minimum or 0.0, facts.maximum or 0.0
    return Target((), (low - mean) / facts.std, (high - mean) / facts.std)


def _counted(facts: ArrayFacts | None) -> dict[str, int]:
    """Returns the classes of whole numbers or one-hot rows, {} for quantities."""
    if facts is None or not facts.integral:
        return {}
    if facts.one_hot == 1.0 and facts.features:
        return {str(i): round(f.mean * facts.read) for i, f in enumerate(facts.features)}
    return dict(facts.values)


def targets(evidence: Evidence) -> tuple[Target, ...]:
    """Describes the targets of all outputs of a fit."""
    return tuple(target(output) for output in evidence.outputs or ())


def finite(value: float | None) -> float | None:
    """Returns a number, None for what is missing or isn't finite."""
    return value if value is not None and math.isfinite(value) else None
