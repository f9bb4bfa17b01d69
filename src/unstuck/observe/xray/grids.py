"""From what one x-ray saw to what a recording keeps of it: means over samples, and a sample.

A mean activation tells where a gate sits, a root mean square gradient how much it is pulled at;
both count only the steps that the mask lets through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from unstuck.observe.xray.trace import Array, Floats, Trace

if TYPE_CHECKING:
    import numpy.typing as npt

STEPS = 128
UNITS = 64
"""Bins of a map: more than a chart of 400 x 220 pixels can tell apart, and 32 KiB of float32."""
SAMPLES = 2
SAMPLE_BYTES = 2**20
"""Whole sequences that are kept of a site, for whoever wants to look at more than means."""

CELL_STATE = "cell state"
HIDDEN_STATE = "hidden state"
"""The two quantities that are no gates."""
COUNTED = "counted"
"""(steps,): the share of samples that count at each step."""
STEP_BINS = "step bins"
UNIT_BINS = "unit bins"
"""(bins, 2): index of the first and the last step or unit of each bin of the maps."""
SAMPLE_UNITS = "sample units"
"""(n,): indices of the units of which whole sequences are kept."""

Doubles: TypeAlias = "npt.NDArray[np.float64]"
Indices: TypeAlias = "npt.NDArray[np.int64]"


def course(measure: str, quantity: str) -> str:
    """Names an array (steps,) over samples and units: mean activation, or rms gradient."""
    return f"course of {measure}: {quantity}"


def chart(measure: str, quantity: str) -> str:
    """Names an array (unit bins, step bins) over samples: mean activation, or rms gradient."""
    return f"map of {measure}: {quantity}"


def sample(quantity: str) -> str:
    """Names an array (samples, steps, n) of activations of the first samples."""
    return f"sample: {quantity}"


def kept(trace: Trace) -> dict[str, Array]:
    """Returns what is kept of a site, by the names that this module gives.

    Values are NaN where no sample counts. ``measure`` is "activation" or "gradient"; quantities
    are those of ``quantities``, where the cell has them.
    """
    counts = trace.counted.sum(axis=0).astype(float)
    steps, units = bins(trace.hidden.shape[1], STEPS), bins(trace.hidden.shape[2], UNITS)
    arrays: dict[str, Array] = {
        COUNTED: (counts / len(trace.hidden)).astype(np.float32),
        STEP_BINS: steps,
        UNIT_BINS: units,
    }
    activations, gradients = _activations(trace), _gradients(trace)
    for measure, by_quantity in (("activation", activations), ("gradient", gradients)):
        for quantity, values in by_quantity.items():
            squared = measure == "gradient"
            sums = _over_samples(values, trace.counted, squared)
            weights = np.broadcast_to(counts[:, None], sums.shape)
            arrays[course(measure, quantity)] = _mean(
                sums.sum(axis=1), weights.sum(axis=1), squared
            )
            arrays[chart(measure, quantity)] = _pooled(sums.T, weights.T, units, steps, squared)
    return arrays | _sequences(activations)


def quantities(gates: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the quantities that a cell with these gates may have, gates first."""
    return (*gates, CELL_STATE, HIDDEN_STATE)


def bins(length: int, most: int) -> Indices:
    """Cuts ``length`` indices into at most ``most`` runs of one width; the last may be shorter.

    Returns:
        Shape (bins, 2): first and last index of each.
    """
    width = -(-length // most)
    first = np.arange(0, length, width)
    return np.stack([first, np.minimum(first + width, length) - 1], axis=1)


def rebinned(
    values: Array, weights: Array, row_bins: Indices, column_bins: Indices, squared: bool
) -> Floats:
    """Averages a map further, to bins of bins.

    Args:
        values: A map, shape (rows, columns).
        weights: How many numbers each entry stands for, up to a factor; same shape.
        row_bins: First and last row of each new row.
        column_bins: Likewise for columns.
        squared: Whether entries are root mean squares, not means.
    """
    with np.errstate(all="ignore"):
        sums = np.where(weights > 0, values.astype(float) ** (2 if squared else 1) * weights, 0)
    return _pooled(sums, weights, row_bins, column_bins, squared)


def _activations(trace: Trace) -> dict[str, Floats]:
    states = {CELL_STATE: trace.cell, HIDDEN_STATE: trace.hidden}
    return {**trace.gates, **{name: state for name, state in states.items() if state is not None}}


def _gradients(trace: Trace) -> dict[str, Floats]:
    states = {CELL_STATE: trace.cell_gradient, HIDDEN_STATE: trace.hidden_gradient}
    found = {name: state for name, state in states.items() if state is not None}
    return {**trace.gate_gradients, **found}


def _over_samples(values: Floats, counted: npt.NDArray[np.bool_], squared: bool) -> Doubles:
    """Sums (samples, steps, units) over samples, one at a time: a batch may be a hundred MB."""
    sums = np.zeros(values.shape[1:])
    with np.errstate(all="ignore"):
        for one, counts in zip(values, counted, strict=True):
            # Not a product: what a masked step holds may be NaN.
            taken = np.where(counts[:, None], one, 0).astype(float)
            sums += np.square(taken) if squared else taken
    return sums


def _pooled(
    sums: Array, weights: Array, row_bins: Indices, column_bins: Indices, squared: bool
) -> Floats:
    with np.errstate(all="ignore"):
        total, weight = (
            np.add.reduceat(
                np.add.reduceat(each, row_bins[:, 0], axis=0), column_bins[:, 0], axis=1
            )
            for each in (sums, weights)
        )
    return _mean(total, weight, squared)


def _mean(total: Any, weight: Any, squared: bool) -> Floats:
    with np.errstate(all="ignore"):
        mean = total / weight
        return np.asarray(np.sqrt(mean) if squared else mean, np.float32)


def _sequences(activations: dict[str, Floats]) -> dict[str, Array]:
    """Keeps the first samples whole, of as many evenly spread units as SAMPLE_BYTES allow."""
    samples, steps, units = next(iter(activations.values())).shape
    samples = min(samples, SAMPLES)
    room = SAMPLE_BYTES // (4 * samples * steps * len(activations))
    if not room:
        return {}
    chosen = np.unique(np.linspace(0, units - 1, min(units, room)).astype(int))
    found: dict[str, Array] = {
        sample(name): values[:samples, :, chosen].astype(np.float32)
        for name, values in activations.items()
    }
    return {SAMPLE_UNITS: chosen, **found}
