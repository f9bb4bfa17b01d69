"""What ``fit`` is fed with: the statistics of every input, target and weight array."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from unstuck.case.arrays import NUMERIC, Array, leaves, named, spread, take, to_numpy
from unstuck.case.compiled import output_names
from unstuck.case.facts import ArrayFacts, DataFacts, FeatureFacts, PaddingFacts, Shape
from unstuck.case.fitting import FitArguments
from unstuck.case.graph import input_names
from unstuck.case.moments import CHUNK, DISTINCT_CAP, FEATURE_CAP, Moments, chunks
from unstuck.case.outliers import outlier_limits
from unstuck.case.padding import padding_facts

ENTRY_CAP = 10_000_000
"""Entries of an array that are all read, which takes about 0.1 s; of more, samples are spread."""

BULK_CAP = 1_000_000
"""Values of a target that are sorted for its quartiles, which takes some 20 ms."""

FINITE_CAP = 200_000_000
"""Entries up to which every one is checked for NaN and infinity, which takes about 0.2 s."""

Batch = tuple[Any, Any, Any]


@dataclasses.dataclass(frozen=True)
class _Read:
    """One array as far as it was read: all of it, spread samples, or batches of a stream."""

    blocks: Sequence[Array]
    shape: Shape
    complete: bool
    whole: Array | None = None


def data_facts(model: Any, source: Any) -> DataFacts:
    """Describes the data of a fit without consuming any of them.

    Args:
        model: The model, for the names of its inputs and outputs.
        source: ``FitArguments``, a ``Tap`` with the batches of a stream, or a tuple (x, y) or
            (x, y, sample_weight) of arrays or nests of them.
    """
    inputs, outputs = input_names(model), output_names(model)
    roles = (("input", inputs, "input"), ("target", outputs, "output"))
    weights = ("sample_weight", outputs, "sample_weight")
    arrays: list[ArrayFacts] = []
    for prefix, batches, streamed in _parts(source):
        for index, (role, names, fallback) in enumerate(roles if prefix else (*roles, weights)):
            for name, held in _by_name(batches, index, names, fallback).items():
                read = _batches(held) if streamed else _samples(held[0])
                arrays.append(array_facts(name, prefix + role, read))
    return DataFacts(tuple(arrays))


def array_batches(data: Any) -> list[Batch]:
    """Returns (x, y) or (x, y, sample_weight) of arrays as one batch, [] for anything else."""
    if not isinstance(data, list | tuple) or not 1 <= len(data) <= 3:
        return []
    held = [leaf for leaf in leaves(tuple(data)) if leaf is not None]
    if not all(hasattr(leaf, "shape") and hasattr(leaf, "__array__") for leaf in held):
        return []
    x, y, weights = (*data, None, None)[:3]
    return [(x, y, weights)]


def _parts(source: Any) -> Iterator[tuple[str, list[Batch], bool]]:
    if isinstance(source, FitArguments):
        if not source.streamed:
            yield "", [(source.x, source.y, source.sample_weight)], False
        yield "validation_", array_batches(source.validation_data), False
    elif hasattr(source, "batches"):
        yield "", list(source.batches), True
        yield "validation_", array_batches(source.validation_data), False
    else:
        yield "", array_batches(source), False


def _by_name(
    batches: Sequence[Batch], index: int, names: Sequence[str], fallback: str
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for batch in batches:
        for name, leaf in named(batch[index], names, fallback):
            if leaf is not None:
                found.setdefault(name, []).append(leaf)
    return found


def _samples(leaf: Any) -> _Read:
    """Reads an array whole, or spread samples of a larger one."""
    shape = tuple(np.shape(leaf) if not hasattr(leaf, "shape") else leaf.shape)
    ragged = any(size is None for size in shape)
    entries = 0 if ragged else math.prod(int(size) for size in shape)
    if entries <= ENTRY_CAP or not shape:
        whole = np.atleast_1d(to_numpy(leaf))
        return _Read([whole], tuple(whole.shape), True)
    indices = spread(shape[0], max(1, ENTRY_CAP * shape[0] // entries))
    scanned = entries <= FINITE_CAP and isinstance(leaf, np.ndarray)
    scanned = scanned and not isinstance(leaf, np.memmap)  # reading it all may take minutes
    return _Read([take(leaf, indices)], shape, False, leaf if scanned else None)


def _batches(held: Sequence[Any]) -> _Read:
    blocks = [np.atleast_1d(to_numpy(leaf)) for leaf in held]
    rank = max(block.ndim for block in blocks)
    blocks = [block for block in blocks if block.ndim == rank]
    sizes = [{block.shape[axis] for block in blocks} for axis in range(1, rank)]
    return _Read(blocks, (None, *(s.pop() if len(s) == 1 else None for s in sizes)), False)


def array_facts(name: str, role: str, read: _Read) -> ArrayFacts:
    """Describes one array; one of strings or other objects has a shape and nothing else."""
    blocks, samples = read.blocks, sum(len(block) for block in read.blocks)
    kind = blocks[0].dtype
    if kind.kind not in NUMERIC or not any(block.size for block in blocks):
        return _unread(name, role, read, samples)
    width = read.shape[-1] if len(read.shape) > 1 else 1
    moments = Moments.empty(width or 1)
    for chunk in chunks(blocks, width or 1):
        moments.add(chunk)
    count, bad = moments.count.sum(), _first_nonfinite(read, moments)
    ids = len(read.shape) == 2 and moments.integral and role.endswith("input")
    wide = len(read.shape) > 1 and (width or 1) > 1 and moments.rows > 0
    mean = float(moments.mean @ moments.count / count) if count else None
    spread_out = moments.deviation + moments.count * (moments.mean - (mean or 0.0)) ** 2
    variance = float(spread_out.sum() / count) if count else 0.0
    return ArrayFacts(
        name=name,
        role=role,
        shape=read.shape,
        dtype=str(kind),
        read=samples,
        complete=read.complete,
        integral=moments.integral,
        nonfinite=bad[0],
        first_nonfinite=bad[1],
        minimum=float(moments.minimum.min()) if count else None,
        maximum=float(moments.maximum.max()) if count else None,
        mean=mean,
        std=variance**0.5 if count else None,
        rms=(variance + (mean or 0.0) ** 2) ** 0.5 if count else None,
        bulk_rms=_bulk_rms(blocks) if count and role.endswith("target") else None,
        features=() if ids else _features(moments),
        values={repr(value): n for value, n in sorted((moments.values or {}).items())},
        row_sum_one=moments.sums_to_one / moments.rows if wide else None,
        one_hot=moments.one_hot / moments.rows if wide else None,
        padding=_padding(blocks, role, moments),
    )


def _bulk_rms(blocks: Sequence[Array]) -> float:
    values = np.concatenate([block.reshape(-1) for block in blocks])
    values = values[:: max(1, len(values) // BULK_CAP)].astype(np.float64)
    values = values[np.isfinite(values)]
    low, high = outlier_limits(values[:, None])
    bulk = values[(values >= low) & (values <= high)]
    return float(np.sqrt((bulk**2).mean())) if len(bulk) else 0.0


def _features(moments: Moments) -> tuple[FeatureFacts, ...]:
    facts = []
    for index, distinct in enumerate(moments.distinct[:FEATURE_CAP]):
        count = moments.count[index]  # of a feature without finite values all is 0, even distinct
        facts.append(
            FeatureFacts(
                mean=float(moments.mean[index]),
                std=float((moments.deviation[index] / max(count, 1)) ** 0.5),
                minimum=float(moments.minimum[index]) if count else 0.0,
                maximum=float(moments.maximum[index]) if count else 0.0,
                distinct=DISTINCT_CAP if distinct is None else len(distinct),
            )
        )
    return tuple(facts)


def _first_nonfinite(read: _Read, moments: Moments) -> tuple[int, tuple[int, ...] | None]:
    """Counts NaN and infinities in all that is known, with the index of the first."""
    if read.whole is None and not moments.nonfinite:
        return 0, None
    count, first = 0, None
    for block in read.blocks if read.whole is None else [read.whole]:
        rows = max(1, CHUNK // max(1, block[:1].size))
        for start in range(0, len(block), rows):
            bad = ~np.isfinite(block[start : start + rows])
            if bad.any():
                count += int(np.count_nonzero(bad))
                found = np.argwhere(bad)[0].tolist() if first is None else None
                first = first or (start + found[0], *found[1:]) if found else first
    return count, first


def _padding(blocks: Sequence[Array], role: str, moments: Moments) -> PaddingFacts | None:
    if "weight" in role or blocks[0].ndim not in (2, 3):
        return None
    if blocks[0].ndim == 2 and not moments.integral:  # features or horizons, not ids
        return None
    if blocks[0].ndim == 2 and (role.endswith("target") and moments.one_hot == moments.rows):
        return None
    return padding_facts(blocks) if max(block.shape[1] for block in blocks) > 1 else None


def _unread(name: str, role: str, read: _Read, samples: int) -> ArrayFacts:
    return ArrayFacts(
        name=name,
        role=role,
        shape=read.shape,
        dtype=str(read.blocks[0].dtype),
        read=samples,
        complete=read.complete,
        integral=False,
        nonfinite=0,
        first_nonfinite=None,
        minimum=None,
        maximum=None,
        mean=None,
        std=None,
        rms=None,
    )
