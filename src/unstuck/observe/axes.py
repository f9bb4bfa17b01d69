"""Along which axis does time run? What lies next to each other in memory, read in several ways.

An array that was reshaped where it should have been transposed still holds its series, value by
value; only the steps are cut elsewhere. So values are compared that another reading puts next to
each other in time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.framing import AxisFacts, LayoutFacts
from unstuck.observe.kernel_ridge import standard_goals
from unstuck.observe.orders import (
    distance_chance,
    kinds,
    likeness,
    order_chance,
    own_distances,
    shared,
)

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

FEWEST = 32
"""Samples below which correlations over samples say little: their standard error is 0.18."""
SAMPLES = 600
"""Samples that are looked at: a correlation is then known to 0.04, and its mean much better."""
ENTRIES = 600_000
"""Entries that are looked at, which takes some 0.2 s; of long samples fewer are."""
BLOCKS = 10
"""Blocks of neighbouring samples whose means give a standard error, overlapping windows or not."""
ORDERED = 128
"""Steps up to which their order is tested."""
LAGS = 24
"""Other distances in memory that a stride is compared with."""
STRIDES = 8
"""Steps by which consecutive windows may move on."""
WHOLE = 0.95
"""Share of samples that must agree: windows of several series joined end to end break at joints."""
CRITICAL = 1.36
"""Times sqrt(2 / n): the 5 % critical Kolmogorov-Smirnov distance of two samples of n values."""


def axes(
    inputs: Array, opening: Array | None, index: int = 0, targets: Array | None = None
) -> AxisFacts | None:
    """Measures one input.

    Args:
        inputs: Shape (samples, steps, features), or (samples, steps) of single numbers.
        opening: Consecutive samples in the user's order, None where their order isn't known.
        index: Which of the model's inputs it is.
        targets: Those of the samples, shape (samples, ...).

    Returns:
        None where there are too few samples or steps.
    """
    cube = inputs if inputs.ndim == 3 else inputs[..., None]
    count, steps, features = cube.shape
    kept = min(count, SAMPLES, ENTRIES // max(1, steps * features))
    if kept < FEWEST or steps < 2 or cube.dtype.kind not in "biuf":
        return None
    rows = np.linspace(0, count - 1, kept).astype(int)
    values = np.nan_to_num(cube[rows].astype(np.float64))
    places = _standard(values.reshape(len(values), -1))
    ordered = None if opening is None else opening.reshape(len(opening), steps, features)
    flat = Flat(places, steps, features)
    given = flat.mean(flat.given)
    layouts = {} if features < 2 else _layouts(flat, ordered)
    moved = ordered is not None and _moves_on(ordered)
    more: dict[str, Any] = {"samples": kept}
    if max(steps, features) <= ORDERED:
        more |= _orders(values, places)
        if features == 1:
            goals = None if targets is None else standard_goals(np.asarray(targets)[rows])
            more |= _single(values[:, :, 0], places, goals)
    return AxisFacts(index, steps, features, given, moved, layouts, **more)


class Flat:
    """Standardized places of the samples in the order of the memory, and pairs of them.

    Args:
        places: Shape (samples, steps * features).
    """

    def __init__(self, places: Floats, steps: int, features: int) -> None:
        self.places, self.steps, self.features = places, steps, features
        self.varying: npt.NDArray[np.bool_] = (places != 0).any(axis=0)
        self.given = self.pairs(features)

    def pairs(self, lag: int) -> Array:
        """Returns the first places of all pairs that lie some places apart, with the lag."""
        first = np.arange(self.places.shape[1] - lag)
        kept = self.varying[first] & self.varying[first + lag]
        return np.stack([first[kept], first[kept] + lag])

    def products(self, pairs: Array) -> Floats:
        """Returns the mean product of the pairs, by block of samples."""
        if not pairs.shape[1]:
            return np.zeros(BLOCKS)
        product = np.einsum("ij,ij->i", self.places[:, pairs[0]], self.places[:, pairs[1]])
        blocks = np.array_split(product / pairs.shape[1], BLOCKS)
        return np.asarray([block.mean() for block in blocks])

    def mean(self, pairs: Array) -> float:
        """Returns the mean correlation of the pairs."""
        return float(self.products(pairs).mean())

    def crossing(self, pairs: Array) -> Array:
        """Returns those pairs that lie in different steps as given."""
        return pairs[:, pairs[0] // self.features != pairs[1] // self.features]

    def error(self, pairs: Array) -> float:
        """Returns the standard error of the pairs' mean less that of the steps as given."""
        difference = self.products(pairs) - self.products(self.given)
        return float(difference.std(ddof=1) / np.sqrt(BLOCKS))


def _standard(places: Floats) -> Floats:
    spread = places.std(axis=0)
    tiny = spread <= 1e-9 * (1 + np.abs(places).max(axis=0))
    return np.asarray(
        np.where(tiny, 0.0, (places - places.mean(axis=0)) / np.where(tiny, 1, spread))
    )


def _layouts(flat: Flat, ordered: Array | None) -> dict[str, LayoutFacts]:
    """Measures the other readings; with as many steps as features two of them are the given one."""
    found = {"swapped": _swapped(flat, ordered)}
    if flat.steps != flat.features:
        found["reshaped"] = _reshaped(flat, ordered)
    # A stride of whole steps is a season of the array as given.
    if flat.steps % flat.features:
        found["strided"] = _strided(flat, ordered)
    return found


def _swapped(flat: Flat, ordered: Array | None) -> LayoutFacts:
    pairs = flat.pairs(1)
    crosses = pairs[0] // flat.features != pairs[1] // flat.features
    inside, across = pairs[:, ~crosses], pairs[:, crosses]
    moved = ordered is not None and _moves_on(ordered.transpose(0, 2, 1)) and not _wraps(ordered)
    alike, over = flat.mean(inside), flat.mean(across)
    return LayoutFacts(alike, over, over, over, flat.error(inside), moved)


def _reshaped(flat: Flat, ordered: Array | None) -> LayoutFacts:
    """Reads the memory as (features, steps): time goes on from place to place, up to a seam."""
    pairs = flat.pairs(1)
    phase = pairs[1] % flat.steps
    inside = pairs[:, phase > 0]
    phases = [flat.mean(pairs[:, phase == at]) for at in np.unique(phase[phase > 0])]
    moved = False
    if ordered is not None:
        blocks = ordered.reshape(len(ordered), flat.features, flat.steps)
        moved = _moves_on(blocks.transpose(0, 2, 1)) and not _wraps(blocks)
    return LayoutFacts(
        alike=flat.mean(inside),
        across=flat.mean(flat.crossing(inside)),
        seam=flat.mean(pairs[:, phase == 0]),
        lowest=min(phases, default=0.0),
        error=flat.error(inside),
        shifted=moved,
    )


def _strided(flat: Flat, ordered: Array | None) -> LayoutFacts:
    """Reads the memory as (features, steps) with the first axis for time."""
    stride = flat.steps
    pairs = flat.pairs(stride)
    lags = [lag for lag in range(1, 2 * stride) if lag % stride and lag < flat.places.shape[1]]
    rest = [flat.mean(flat.pairs(lag)) for lag in lags[:LAGS]]
    moved = ordered is not None and _moves_on(
        ordered.reshape(len(ordered), flat.features, flat.steps)
    )
    across = flat.mean(flat.crossing(pairs))
    return LayoutFacts(
        flat.mean(pairs), across, max(rest, default=0.0), 0.0, flat.error(pairs), moved
    )


def _moves_on(windows: Array) -> bool:
    """Whether each sample is the one before it moved on by some steps, (samples, steps, rest)."""
    before, after = windows[:-1], windows[1:]
    changed = (before != after).any(axis=(1, 2)).mean()
    if len(before) < FEWEST or changed < WHOLE:
        return False
    steps = windows.shape[1]
    return any(
        (after[:, :-by] == before[:, by:]).all(axis=(1, 2)).mean() >= WHOLE
        for by in range(1, min(STRIDES, steps - 1) + 1)
    )


def _wraps(blocks: Array) -> bool:
    """Whether what leaves a row comes in at the end of the row before it, as in one long series."""
    size = blocks[0].size
    flat = blocks.reshape(len(blocks), size)
    return any(
        (flat[1:, :-by] == flat[:-1, by:]).all(axis=1).mean() >= WHOLE
        for by in range(1, min(STRIDES, size - 1) + 1)
    )


def _orders(values: Floats, places: Floats) -> dict[str, Any]:
    cube = places.reshape(values.shape)
    steps = own_distances(values.mean(axis=2))
    return {
        "order": order_chance(likeness(cube)),
        "feature_order": order_chance(likeness(cube.transpose(0, 2, 1))),
        "own": _mean_apart(steps),
        "own_by_chance": CRITICAL * float(np.sqrt(2 / len(values))),
        "own_order": order_chance(-steps),
        "feature_own": _mean_apart(own_distances(values.mean(axis=1))),
    }


def _single(values: Floats, places: Floats, goals: Floats | None) -> dict[str, Any]:
    """Measures steps of a single number, shape (samples, steps)."""
    told = np.zeros(0) if goals is None else np.abs(places.T @ goals / len(places)).max(axis=1)
    return {
        "distance_order": distance_chance(likeness(places[..., None])),
        "kinds": kinds(values),
        "told": tuple(float(share) for share in told),
        "shared": shared(values),
    }


def _mean_apart(matrix: Floats) -> float | None:
    apart = matrix[~np.eye(len(matrix), dtype=bool)]
    return float(apart.mean()) if apart.size else None
