"""How the gradient thins out from the last layer to the first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.findings.series import StepSeries

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"

THIN = 4.0**-4
"""Gradient of a weight over that of one in the last layer, from which it is thin: a sigmoid leaves
a quarter at most, and four of them on end leave this."""
TAIL = 0.1
"""Share of the steps, at the end: networks that learn have brought the ratio up by then."""
SQUASHING = ("sigmoid", "tanh", "hard_sigmoid", "softmax", "softsign")


@dataclasses.dataclass(frozen=True)
class Depth:
    """The first layer against the last.

    Attributes:
        first: The recurrent or other layer with a kernel that comes first.
        last: Name of the last one.
        between: Layers with a kernel between both.
        ratio: Gradient of a weight of the first over that of one of the last, at the end.
        travel: Way of the first layer's weights over their initial norm.
        last_travel: The same of the last layer's.
    """

    first: LayerFacts
    last: str
    between: int
    ratio: float
    travel: float
    last_travel: float


def depth(steps: StepSeries | None, model: ModelFacts) -> Depth | None:
    """Compares first and last layer, None where the gradient arrives or isn't known."""
    if steps is None or len(steps.index) < 2:
        return None
    order = {layer.name: layer for layer in model.layers}
    kernels = [
        (watched.layer, at)
        for at, watched in enumerate(steps.watched)
        if watched.weight == "kernel" and watched.layer in order
    ]
    names = sorted(dict(kernels), key=list(order).index)
    if len(names) < 2:
        return None
    first, last = names[0], names[-1]
    ends = [[at for name, at in kernels if name == end] for end in (first, last)]
    front, back = (_each(steps, at)[-max(2, int(len(steps.index) * TAIL)) :] for at in ends)
    # A gradient of exactly zero is cut off, not thinned out.
    if not (back > 0).any() or not (front > 0).any():
        return None
    ratio = float(np.median(front[back > 0] / back[back > 0]))
    if ratio > THIN:
        return None
    here, there = (_travel(steps, at) for at in ends)
    return Depth(order[first], last, len(names) - 2, ratio, here, there)


def steeper(way: Depth, model: ModelFacts) -> Iterator[LayerFacts]:
    """Yields the dense layers between that squash what they hand on."""
    names = [layer.name for layer in model.layers]
    inside = model.layers[names.index(way.first.name) + 1 : names.index(way.last)]
    for layer in inside:
        if layer.kind == "Dense" and layer.config.get("activation") in SQUASHING:
            yield layer


def _each(steps: StepSeries, at: list[int]) -> Floats:
    """Returns the root mean square of a gradient's entries at each step."""
    size = sum(int(np.prod(steps.watched[index].shape)) for index in at)
    squares = (np.nan_to_num(steps.column("gradient_norm")[:, at]) ** 2).sum(axis=1)
    return np.asarray(np.sqrt(squares / max(size, 1)))


def _travel(steps: StepSeries, at: list[int]) -> float:
    every = (steps.index[-1] + 1) / len(steps.index)
    moved = np.nan_to_num(steps.column("update_norm")[:, at]).sum(axis=0) * every
    start = steps.column("weight_norm")[0, at]
    return float(np.max(moved / np.where(start > 0, start, np.inf)))
