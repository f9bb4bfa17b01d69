"""Holds a replay to the model: the layer's own output, and its own gradients of weights.

z = x.W + h'.U + b, with h' the hidden state before the step, gives dL/db = sum of dL/dz,
dL/dW = sum of x (outer) dL/dz and dL/dU = sum of h' (outer) dL/dz, over samples and steps. The
left sides come from a pass of the model as it is, the right sides from the opened one. Of wide
matrices, random combinations of their rows are compared: they agree only if the matrices do, and
take a fraction of the products (Freivalds, Probabilistic Machines Can Use Less Running Time, 1977).
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.observe.xray.cells import Gru
from unstuck.observe.xray.facts import CheckFacts
from unstuck.observe.xray.replay import OwnPass, Pass

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

OUTPUT_TOLERANCE = {"float32": 1e-5, "float64": 1e-5, "bfloat16": 5e-2, "float16": 5e-3}
"""Relative. Both passes round at every operation, float32 by 6e-8; a hundred steps that each pass
the error on leave a few 1e-6. The half types keep 11 and 8 bits, and each step rounds to them."""
GRADIENT_TOLERANCE = {"float32": 1e-3, "float64": 1e-3, "bfloat16": 2e-1, "float16": 5e-2}
"""Relative to the largest entry of the layer's own gradient, which adds up thousands of terms that
cancel each other: what is lost there is lost in both passes, but not the same."""
COMBINED = 8
"""Combinations that are compared of the rows of a wider matrix. A wrong row is in each of them with
a weight of its own; that all eight weights are small is out of the question."""
SILENT = 1e-25
"""Gradients below this are zero for every purpose: their products leave float32."""


def checks(opened: Pass, own: OwnPass) -> list[CheckFacts]:
    """Compares an opened pass with the model's own, one record for each call."""
    sums = _sums(opened)
    return [_check(at, opened, own, sums) for at in range(len(opened.calls))]


def _check(at: int, opened: Pass, own: OwnPass, sums: dict[int, dict[str, Floats]]) -> CheckFacts:
    call = opened.calls[at]
    dtype = str(call.layer.compute_dtype)
    output = _output(opened.records[at], own.outputs.get(call.call, {}))
    cell = id(call.part.cell)
    differences = {
        name: _difference(sums[cell][name], slope if name == "bias" else _combined(slope))
        for name, slope in own.gradients.get(cell, {}).items()
        if name in sums.get(cell, {})
    }
    gradient = max(differences.values(), default=0.0)
    passed = output <= OUTPUT_TOLERANCE[dtype] and gradient <= GRADIENT_TOLERANCE[dtype]
    return CheckFacts(
        site=call.path,
        output=output,
        bias=differences.get("bias"),
        kernel=differences.get("kernel"),
        recurrent_kernel=differences.get("recurrent_kernel"),
        passed=bool(passed),
    )


def _output(record: dict[str, Array], own: dict[str, Array]) -> float:
    """Compares outputs at the steps that count: others are the implementation's own affair."""
    worst = 0.0
    for name, expected in own.items():
        found = record[name]
        if name == "output" and "mask" in record:
            # Both are in the order of processing, as is the mask.
            kept = record["mask"].reshape(record["mask"].shape[:2]).T.astype(bool)
            found, expected = found[kept], expected[kept]
        worst = max(worst, _difference(found, expected))
    return worst


def _difference(found: Array, expected: Array) -> float:
    if not expected.size:
        return 0.0
    scale = float(np.abs(expected).max())
    precise = np.result_type(found, expected, np.float32)
    apart = float(np.abs(np.subtract(found, expected, dtype=precise)).max())
    # NaN compares as different, and it should.
    return 0.0 if apart <= SILENT else apart / max(scale, SILENT)


def _sums(opened: Pass) -> dict[int, dict[str, Floats]]:
    """Adds up the gradients of weights by cell, over all calls of it; of kernels, ``_combined``."""
    found: dict[int, dict[str, Floats]] = {}
    for at, call in enumerate(opened.calls):
        if not call.part.gates or id(call.layer) in opened.left_out:
            continue
        ours = _gradients(at, opened)
        total = found.setdefault(id(call.part.cell), {})
        for name, slope in ours.items():
            total[name] = total.get(name, 0.0) + slope
    return found


def _gradients(at: int, opened: Pass) -> dict[str, Floats]:
    """Returns the sums over samples and steps that equal the gradients of one call's weights."""
    part, record = opened.calls[at].part, opened.records[at]
    slope = opened.gradients[f"{at}/z"]
    if not part.driven:  # a convolution: its bias is one a channel
        channels = np.moveaxis(slope, -1 if part.channels < 0 else part.channels + 1, -1)
        return {"bias": channels.reshape(-1, channels.shape[-1]).sum(axis=0, dtype=np.float64)}
    gates = len(part.gates)
    before = np.concatenate([record["initial"][0][None], record["h"][:-1]])
    masks = record.get("h_masks")
    if not isinstance(part, Gru):
        bias = _total(slope)
        recurrent = _outer(before, slope, masks, gates)
    else:
        bias, recurrent = _gru_gradients(part, record["gates"], before, slope, masks)
    kernel = _outer(record["x"], slope, record.get("x_masks"), gates)
    return {"bias": bias, "kernel": kernel, "recurrent_kernel": recurrent}


def _gru_gradients(
    part: Gru, gates: Array, before: Array, slope: Array, masks: Any
) -> tuple[Floats, Floats]:
    """The candidate of a GRU sees r * (h'.U + b) or (r * h').U, by ``reset_after``."""
    width = before.shape[-1]
    reset = gates[..., width : 2 * width]
    outer, inner = slope[..., : 2 * width], slope[..., 2 * width :]
    sums = _total(slope)
    recurrent = _outer(before, outer, None if masks is None else masks[:2], 2)
    kept = before if masks is None else before * masks[2]
    if not part.cell.reset_after:
        return sums, np.concatenate([recurrent, _outer(reset * kept, inner, None, 1)], axis=1)
    inner = reset * inner
    second = np.concatenate([sums[: 2 * width], _total(inner)])
    return np.stack([sums, second]), np.concatenate(
        [recurrent, _outer(kept, inner, None, 1)], axis=1
    )


def _total(slope: Array) -> Floats:
    """Adds up (steps, samples, width): the few samples of a step as they are, steps in float64."""
    by_step = slope.sum(axis=1, dtype=np.result_type(slope, np.float32))
    return np.asarray(by_step.sum(axis=0, dtype=np.float64))


def _outer(values: Array, slope: Array, masks: Any, gates: int) -> Floats:
    """Returns the combined sum of outer products over steps and samples.

    In float32, as the layer's own gradients are added up; step by step, since products of that size
    start no threads, which would wait here for the cores that the model's own pass holds.

    Returns:
        ``_combined`` of shape (width, gates x units).
    """
    if masks is None:
        values, slope = (each.astype(np.float32, copy=False) for each in (values, slope))
        combinations = _combinations(values.shape[-1])
        combined = values if combinations is None else values @ combinations
        products = combined.transpose(0, 2, 1) @ slope
        return np.asarray(products.sum(axis=0, dtype=np.float64))
    blocks = zip(masks, np.split(slope, gates, axis=-1), strict=True)
    return np.concatenate([_outer(values * mask, b, None, 1) for mask, b in blocks], axis=1)


def _combined(matrix: Array) -> Array:
    """Returns COMBINED random combinations of a matrix's rows, or itself where it has no more."""
    combinations = _combinations(len(matrix))
    return matrix if combinations is None else combinations.T @ matrix


@functools.cache
def _combinations(width: int) -> Array | None:
    """The same random weights at every call, shape (width, COMBINED); None of a narrow matrix."""
    if width <= COMBINED:
        return None
    return np.random.default_rng(0).normal(size=(width, COMBINED)).astype(np.float32)
