"""How far back the gradient that arrives still stands out of its own noise.

What learning receives from the step at lag k is, for the weights of a cell, the sum over samples of
x_i ⊗ d_i: x_i holds the inputs, the previous hidden state and a 1 for the bias, d_i the gradients
dL/dz of all gates. Each sample is one draw, so the sum of a batch is an estimate with noise. If
there were nothing but noise around zero, every x_i ⊗ d_i could as well have had the other sign.

So compare the squared norm of the sum with what random signs s_i give, as in any sign-flip test:

    |∑ s_i x_i ⊗ d_i|² = s' K s    with K = (X X') * (D D'), one entry for each pair of samples

and the observed one is 1' K 1. Inputs, hidden state and 1 are each brought to a mean square of 1
first, so that the units in which the inputs come decide nothing. The diagonal of K is the same for
all signs; without it s' K s has the mean 0 and the variance 2 ∑ K_ij², which makes lags comparable.

Many lags are looked at, and the furthest that stands out counts, so that the p value of a lag has
to allow for all of them: it is the share of sign vectors, the observed one among them, for which
*any* lag stands out as far (Westfall and Young 1993). As all lags of a sample get the same sign,
that holds however lags hang together. It does not ask that all nearer lags stand out too: where the
target is what came in five steps ago, learning hears of step five and of nothing nearer.

What it does not tell: a head that is off by a constant sends the same gradient from all samples,
which also stands out, and where every step has a loss of its own the gradient need not travel.
The horizon is how far back learning hears of the loss, not how far back it hears the right thing.
Conversely, at a minimum of the loss nothing stands out at any lag.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from unstuck.observe.measures.lags import Lags, previous_hidden
from unstuck.observe.measures.rows import all_finite
from unstuck.observe.xray.trace import Array, Trace

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"

FLIPS = 199
"""Random sign vectors: p values come in steps of 1/200. They are exact for any number of them."""
LEVEL = 0.05
"""A p value up to this one is significant: one x-ray in twenty of pure noise has a horizon."""
FEWEST = 6
"""Samples that the test needs: fewer have at most 2⁴ distinct patterns of signs (a pattern and its
opposite give the same), of which none is rarer than ``LEVEL``."""
MOST = 256
"""Samples that are tested, spread over the batch: the work grows with the square of their number,
and what stands out of the noise of 256 is more than training with any usual batch hears."""
RESOLUTION = 2.0**-23
"""The spacing of float32 at 1: a contribution below this share of the largest leaves a float32 sum
as it is."""
TIE = 1e-5
"""Float32 sums of the same numbers in another order are equal to some 1e-6; equal ones count."""


@dataclasses.dataclass(frozen=True)
class Arrival:
    """What learning receives from each of some lags.

    Attributes:
        significance: p values, 1 where there are too few samples.
        contribution: Norm of the sum over samples, over the largest of all lags.
        tested: Whether the lag has samples enough.
    """

    significance: Floats
    contribution: Floats
    tested: npt.NDArray[np.bool_]

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """Whether a contribution is too small for float32 to add to the largest."""
        return self.contribution < RESOLUTION

    def horizon(self, lags: npt.NDArray[np.intp]) -> int | None:
        """Returns the furthest lag that stands out, 0 for none, None where none can be tested."""
        if not self.tested.any():
            return None
        heard = np.flatnonzero((self.significance <= LEVEL) & ~self.lost)
        return int(lags[heard[-1]]) if len(heard) else 0


def arrival(trace: Trace, lags: Lags, at: npt.NDArray[np.intp]) -> Arrival:
    """Measures what learning receives from the steps at some lags."""
    trace, lags = _fewer(trace, lags)
    views = [lags.at(trace.inputs, at), previous_hidden(trace, lags, at)]
    gradients = trace.gate_gradients or {"": trace.hidden_gradient}  # unknown cells: the nearest
    received = _beside(list(gradients.values()), lags, at)
    usable = _usable([*views, received], lags.valid[:, at].T)
    peak = _largest(_cleared(received, usable))
    received /= np.where(peak > 0, peak, 1)[:, None, None]
    pairs = _gram(received) * _inputs_gram([_cleared(view, usable) for view in views], usable)
    total = pairs.sum(axis=(1, 2), dtype=np.float64)
    size = peak * np.sqrt(np.maximum(total, 0))
    tested = usable.sum(axis=1) >= FEWEST
    significance = _significance(pairs * tested[:, None, None])
    return Arrival(significance, size / (size.max(initial=0.0) or 1.0), tested)


def _fewer(trace: Trace, lags: Lags) -> tuple[Trace, Lags]:
    """Returns a trace, as far as it is read here, and its lags, thinned out to ``MOST`` samples."""
    samples = len(trace.hidden)
    if samples <= MOST:
        return trace, lags
    kept = np.linspace(0, samples - 1, MOST).astype(int)
    fewer = dataclasses.replace(
        trace,
        inputs=trace.inputs[kept],
        hidden=trace.hidden[kept],
        hidden_gradient=trace.hidden_gradient[kept],
        gate_gradients={name: values[kept] for name, values in trace.gate_gradients.items()},
        initial=tuple(state[kept] for state in trace.initial),
    )
    return fewer, Lags(lags.steps[kept], lags.valid[kept])


def _beside(arrays: list[Array], lags: Lags, at: npt.NDArray[np.intp]) -> Array:
    """Returns the entries of several arrays at lags in one, shape (lags, samples, all widths)."""
    ends = np.cumsum([values.shape[2] for values in arrays])
    joined = np.empty((len(at), len(arrays[0]), int(ends[-1])), np.float32)
    for values, end in zip(arrays, ends, strict=True):
        joined[..., end - values.shape[2] : end] = lags.at(values, at)
    return joined


def _usable(arrays: list[Array], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether a sample has a lag and only numbers there, shape (lags, samples)."""
    usable = valid.copy()
    for values in arrays:
        if not all_finite(values):
            usable &= np.isfinite(values).all(axis=2)
    return usable


def _cleared(values: Array, usable: npt.NDArray[np.bool_]) -> Array:
    """Puts zeros where there is nothing to use, in place."""
    if not usable.all():
        values[~usable] = 0
    return values


def _largest(values: Array) -> Array:
    """Largest absolute entry by lag."""
    flat = values.reshape(len(values), -1)
    return np.asarray(np.maximum(flat.max(axis=1), -flat.min(axis=1)))


def _gram(values: Array) -> Array:
    """Inner products of all pairs of samples, (lags, samples, width) to (lags, samples, samples).

    In float32, as entries are at most of order 1 and the test compares sums of them.
    """
    return np.asarray(values @ values.transpose(0, 2, 1))


def _inputs_gram(views: list[Array], usable: npt.NDArray[np.bool_]) -> Array:
    """Sum of the inner products of inputs, hidden state and 1, each over its own mean square."""
    total: Array = np.ones((*usable.shape, usable.shape[1]), np.float32)
    for values in views:
        values /= _largest(values).max(initial=0.0) or np.float32(1)
        gram = _gram(values)
        own = float(np.trace(gram, axis1=1, axis2=2).sum(dtype=np.float64))
        total += gram * np.float32(usable.sum() / own if own else 0.0)
    return total


def _significance(pairs: Array) -> Floats:
    """The p value of each lag: the share of sign vectors by which any lag stands out as far.

    As K is symmetric, s' K s without its diagonal is twice the sum over the pairs with i < j. Its
    products are made lag by lag: small ones start no threads, which would wait here for the cores
    that the model's own pass holds.
    """
    upper = np.triu(pairs, 1)
    deviation = np.sqrt(np.square(upper, dtype=np.float64).sum(axis=(1, 2)))
    upper /= np.where(deviation > 0, deviation, 1)[:, None, None]
    signs = _signs(pairs.shape[1])
    chance = np.einsum("lsf,sf->lf", upper @ signs, signs).max(axis=0, initial=-np.inf)
    observed = upper.sum(axis=(1, 2))[:, None] - TIE
    return np.asarray((1 + (chance >= observed).sum(axis=1)) / (1 + FLIPS))


@functools.lru_cache(maxsize=1)
def _signs(samples: int) -> Array:
    """The same random sign vectors at every call, shape (samples, FLIPS)."""
    return np.random.default_rng(0).choice([-1.0, 1.0], (samples, FLIPS)).astype(np.float32)
