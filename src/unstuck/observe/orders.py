"""Are the places along an axis in an order? Neighbours against those in a shuffled order.

Steps in time resemble their neighbours, in their values or in how these are distributed. The
columns of a table do not: any other order of them is as good.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

SHUFFLES = 999
"""Orders that are tried: a chance is then known to 0.007 where it is 0.05."""
FEWEST = 4
"""Places below which there is no order to speak of: three have three, up to direction."""
GRID = 64
"""Quantiles of all values at which distributions are compared."""
FEW = 12
"""Distinct values up to which a place holds categories or counts."""
REPEATED = 10
"""How often each of few values occurs at least, on average: else they are a few rare ones."""
MANY = 0.5
"""Share of distinct values from which a place holds real numbers."""


def likeness(cube: Floats) -> Floats:
    """Returns how places along the second axis correlate over samples, shape (places, places).

    Args:
        cube: Standardized for each place, shape (samples, places, rest); zero where constant.
    """
    columns = cube.transpose(2, 1, 0)
    # By column of the rest, so that no (places * rest) square is held.
    total = np.zeros((cube.shape[1], cube.shape[1]))
    for column in columns:
        total += column @ column.T
    return np.asarray(total / (cube.shape[0] * cube.shape[2]))


def order_chance(alike: Floats) -> float | None:
    """Returns the chance that places in random order were as alike to their neighbours.

    Args:
        alike: How alike two places are, shape (places, places).

    Returns:
        None where there are too few places, or all are equally alike.
    """
    places = len(alike)
    apart = alike[~np.eye(places, dtype=bool)]
    if places < FEWEST or np.ptp(apart) < 1e-12:
        return None
    rng = np.random.default_rng(0)
    orders = rng.permuted(np.tile(np.arange(places), (SHUFFLES, 1)), axis=1)
    shuffled = alike[orders[:, :-1], orders[:, 1:]].mean(axis=1)
    seen = np.diag(alike, 1).mean()
    return float((1 + (shuffled >= seen - 1e-12).sum()) / (1 + SHUFFLES))


def distance_chance(alike: Floats) -> float | None:
    """Returns the chance that places in random order were as alike to those equally far away.

    Steps of a season resemble those one season away, and no neighbour.

    Args:
        alike: How alike two places are, shape (places, places).

    Returns:
        None where there are too few places, or all are equally alike.
    """
    places = len(alike)
    one, other = np.triu_indices(places, 1)
    if places < FEWEST or np.ptp(alike[one, other]) < 1e-12:
        return None
    pairs = np.bincount(other - one)[1:]
    rng = np.random.default_rng(0)

    def explained(order: Array) -> float:
        """Returns the sum of squares that the distance alone accounts for."""
        sums = np.bincount(other - one, alike[order[one], order[other]])[1:]
        return float((sums**2 / pairs).sum())

    seen = explained(np.arange(places))
    shuffled = np.asarray([explained(rng.permutation(places)) for _ in range(SHUFFLES)])
    return float((1 + (shuffled >= seen - 1e-12).sum()) / (1 + SHUFFLES))


def own_distances(values: Floats) -> Floats:
    """Returns the Kolmogorov-Smirnov distances between places, shape (places, places).

    Args:
        values: Shape (samples, places).
    """
    points = np.unique(np.quantile(values, np.linspace(0, 1, GRID)))
    below = np.stack([np.searchsorted(np.sort(column), points, "right") for column in values.T])
    shares = below / len(values)
    found = np.zeros((len(shares), len(shares)))
    for at, share in enumerate(shares):
        found[at] = np.abs(shares - share).max(axis=1)
    return found


def kinds(values: Floats) -> tuple[str, ...]:
    """Tells for each place whether it takes "few" values, "many", or "" for neither.

    The commonest value does not count: where sequences are padded, the last steps hold little
    else, and what is left are as real numbers as before.

    Args:
        values: Shape (samples, places).
    """
    return tuple(_kind(column) for column in values.T)


def _kind(column: Floats) -> str:
    counts = np.sort(np.unique(column, return_counts=True)[1])
    if len(counts) < 2:
        return ""
    rest, distinct = int(counts[:-1].sum()), len(counts) - 1
    if distinct <= FEW and rest >= REPEATED * distinct:
        return "few"
    return "many" if distinct >= MANY * rest and rest > REPEATED * FEW else ""


def shared(values: Floats) -> bool:
    """Tells whether real numbers of the last place stand at other places of other samples.

    Args:
        values: Shape (samples, places).
    """
    last = values[:, -1]
    real = _kind(last) == "many"
    return bool(real and np.isin(last, values[:, :-1]).mean() >= MANY)
