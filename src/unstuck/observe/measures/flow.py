"""The signal and the gradient that pass through a site, as root mean squares over counted entries.

Gradients are those of the batch's mean loss, so that a sample's part shrinks with the batch. The
gradient of the kernel is the sum over samples and steps of x dL/dz', for inputs before dropout.
"""

from __future__ import annotations

import numpy as np

from unstuck.observe.measures.expected import expected_output_rms
from unstuck.observe.measures.lags import Lags
from unstuck.observe.measures.rows import rms, rows
from unstuck.observe.xray.facts import FlowFacts
from unstuck.observe.xray.trace import Array, Trace


def flow_facts(trace: Trace, lags: Lags) -> FlowFacts:
    """Measures what passes through a site."""
    last = lags.last(trace.hidden_gradient)
    return FlowFacts(
        input_rms=rms(rows(trace, trace.inputs)),
        output_rms=rms(rows(trace, trace.hidden)),
        expected_output_rms=expected_output_rms(trace, lags),
        output_gradient=rms(last[np.isfinite(last).all(axis=1)]),
        input_gradient=rms(rows(trace, trace.input_gradient)),
        kernel_gradient=_kernel_gradient(trace),
    )


def _kernel_gradient(trace: Trace) -> float | None:
    """Frobenius norm of dL/dkernel; None for cells whose gates aren't known.

    Entries that aren't finite are left out.
    """
    if not trace.gate_gradients:
        return None
    counted = trace.counted
    inputs = trace.inputs[counted]
    gradients = [values[counted] for values in trace.gate_gradients.values()]
    good = np.all([np.isfinite(values).all(axis=1) for values in (inputs, *gradients)], axis=0)
    squares = sum(_product_square(inputs[good], values[good]) for values in gradients)
    return float(np.sqrt(squares))


def _product_square(inputs: Array, gradients: Array) -> float:
    """Sum of squares of inputs' gradients, scaled before the product so that no float32 is lost."""
    scales = [float(np.abs(values).max(initial=0.0)) or 1.0 for values in (inputs, gradients)]
    product = (inputs / scales[0]).T @ (gradients / scales[1])
    return (rms(product) * scales[0] * scales[1]) ** 2 * product.size
