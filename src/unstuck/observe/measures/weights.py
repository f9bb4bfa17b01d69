"""The weights of a site against what Keras's own initializers give for these shapes.

The columns of kernel and recurrent kernel are those of all gates side by side, and Keras draws each
of them as one matrix, so that the expected scales depend on all columns:

* Glorot uniform draws a (features, gates x units) kernel with the variance 2 / (fan in + fan out),
  fan out being all columns;
* an orthogonal (units, gates x units) recurrent kernel has orthonormal rows. Each row's squares sum
  to 1 over all columns, so the root mean square is 1 / sqrt(gates x units).

Scales are 1 at the start of a default layer, within sampling error of 1 / sqrt(2 x entries) or
less, and exactly 1 for the orthogonal one. One gate's (units, units) block of that holds, on
average, 1 / gates of the squares, so its singular values lie around 1 / sqrt(gates), not at 1.
"""

from __future__ import annotations

import math

import numpy as np

from unstuck.observe.measures.rows import mean, ratio, rms, square_sum
from unstuck.observe.measures.twins import symmetric_units
from unstuck.observe.xray.facts import WeightFacts
from unstuck.observe.xray.trace import Array, Trace

WIDEST = 512
"""Units up to which spectra are worked out: there they take a third of a second for four gates, and
eight times as long for twice the units."""
DOUBLINGS = 11
"""The spectral radius is taken from powers 1024 and 2048 of a block, which tell it to some 0.1 % in
a third of the time of all eigenvalues."""


def weight_facts(trace: Trace) -> WeightFacts | None:
    """Measures the weights of a site, None where they aren't known or aren't matrices."""
    kernel, recurrent, gates = trace.kernel, trace.recurrent_kernel, len(trace.site.gates)
    if kernel is None or recurrent is None or not gates or kernel.ndim != 2:
        return None
    units = len(recurrent)
    if recurrent.shape != (units, gates * units) or kernel.shape[1] != gates * units:
        return None
    blocks = dict(zip(trace.site.gates, np.split(recurrent, gates, axis=1), strict=True))
    blocks = {name: b for name, b in blocks.items() if np.isfinite(b).all() and units <= WIDEST}
    bias = None if trace.bias is None else trace.bias.reshape(-1, gates, units)
    return WeightFacts(
        spectral_radius={name: spectral_radius(block) for name, block in blocks.items()},
        singular_values={name: _singular_values(block) for name, block in blocks.items()},
        kernel_scale=_kernel_scale(kernel),
        recurrent_scale=ratio(rms(recurrent), 1 / math.sqrt(gates * units)),
        forget_bias=_forget_bias(trace.site.gates, bias),
        constant=_constant(kernel) or _constant(recurrent),
        symmetric_units=_symmetric(kernel, recurrent, bias, gates),
    )


def spectral_radius(block: Array) -> float:
    """Largest absolute eigenvalue of a square matrix A of finite numbers.

    Gelfand's formula, |A^k|^(1/k) for large k, in the form (|A^2k| / |A^k|)^(1/k), from which the
    constant between norm and radius drops out. Powers are made by squaring, each brought to norm 1
    so that it neither overflows nor vanishes; what float32 rounds off, the root makes small.
    """
    power, log_norm, growth = block.astype(np.float32), 0.0, 0.0
    norm = _norm(power)
    for _ in range(DOUBLINGS + 1):
        if not norm:
            return 0.0
        growth = log_norm + math.log(norm)  # log of |A^2k| / |A^k|, in the first round of |A|
        log_norm += growth
        power = power / norm
        power = power @ power
        norm = _norm(power)
    return math.exp(growth / 2 ** (DOUBLINGS - 1))


def _norm(matrix: Array) -> float:
    return math.sqrt(square_sum(matrix))


def _singular_values(block: Array) -> tuple[float, float, float]:
    values = np.linalg.svd(block, compute_uv=False)
    return float(values[0]), float(np.median(values)), float(values[-1])


def _kernel_scale(kernel: Array) -> float | None:
    """Standard deviation over that of Glorot uniform; None for one entry, which has none."""
    if kernel.size < 2 or not np.isfinite(kernel).all():
        return None
    return float(kernel.std(dtype=np.float64)) / math.sqrt(2 / sum(kernel.shape))


def _forget_bias(gates: tuple[str, ...], bias: Array | None) -> float | None:
    if bias is None or "forget" not in gates:
        return None
    return _finite(mean(bias[:, gates.index("forget")].sum(axis=0)))


def _constant(matrix: Array) -> bool:
    """Whether several entries are all the same number."""
    return matrix.size > 1 and bool((matrix == matrix.flat[0]).all())


def _symmetric(kernel: Array, recurrent: Array, bias: Array | None, gates: int) -> float:
    """Share of units whose weights make them do the same as another: see ``symmetric_units``."""
    units = len(recurrent)
    sources = [kernel.reshape(-1, gates, units), *([] if bias is None else [bias])]
    incoming = np.concatenate(sources).astype(np.float64)
    if not (np.isfinite(incoming).all() and np.isfinite(recurrent).all()):
        return 0.0
    return mean(symmetric_units(incoming, recurrent.reshape(units, gates, units)))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
