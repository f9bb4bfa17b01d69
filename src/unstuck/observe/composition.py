"""Are the batches mixtures? How much of what tells the targets apart lies between batches."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from unstuck.case.arrays import named, spread, take, to_numpy
from unstuck.case.fitting import FitArguments
from unstuck.case.stream import Tap
from unstuck.observe.kernel_ridge import standard_goals
from unstuck.observe.outcome import CompositionFacts

Array = npt.NDArray[Any]

BATCHES = 200
"""Batches that are looked at, spread evenly: shares are then known to a few percent."""
FEWEST = 4
"""Batches below which their order says little."""


def composition(
    outputs: tuple[str, ...], arguments: FitArguments | None, tap: Tap | None
) -> tuple[CompositionFacts, ...]:
    """Measures the batches of each output's targets, as they are made without shuffling.

    Args:
        outputs: Names of the model's outputs.
        arguments: Of the running ``fit``; arrays are cut into batches in their own order.
        tap: The batches of a stream, in the order in which they came.
    """
    with contextlib.suppress(ValueError, TypeError, IndexError):  # strings and ragged data
        found = (_facts(*part) for part in _batches(outputs, arguments, tap).items())
        return tuple(facts for facts in found if facts is not None)
    return ()


def _batches(
    outputs: tuple[str, ...], arguments: FitArguments | None, tap: Tap | None
) -> dict[str, list[Array]]:
    """Returns the batches of each output's targets by its name."""
    batches: dict[str, list[Array]] = {}
    if tap is not None and tap.batches:
        for batch in tap.batches:
            for name, leaf in named(batch[1], outputs, "output"):
                batches.setdefault(name, []).append(np.asarray(leaf))
    elif arguments is not None and not arguments.streamed and arguments.batch_size:
        for name, leaf in named(arguments.y, outputs, "output"):
            batches[name] = list(_cut(leaf, arguments.batch_size))
    return batches


def _cut(targets: Any, size: int) -> Iterator[Array]:
    """Yields batches of an array in its own order."""
    rows = int(np.shape(targets)[0])
    for index in spread(-(-rows // size), BATCHES):
        chosen = np.arange(index * size, min((index + 1) * size, rows))
        yield to_numpy(take(targets, chosen))


def _facts(name: str, parts: list[Array]) -> CompositionFacts | None:
    parts = [part for part in parts if len(part) and part.dtype.kind in "biuf"]
    if len(parts) < FEWEST or len({part.shape[1:] for part in parts}) > 1:
        return None
    whole = np.concatenate(parts)
    goals = standard_goals(whole)
    if goals is None or len(whole) <= len(parts):
        return None
    ends = np.cumsum([len(part) for part in parts])[:-1]
    means = [len(part) * part.mean(axis=0) ** 2 for part in np.split(goals, ends)]
    between = float(np.sum(means) / goals.size)
    expected = (len(parts) - 1) / (len(whole) - 1)
    return CompositionFacts(name, between, expected, len(parts))
