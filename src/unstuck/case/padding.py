"""Padding in sequences: runs of one repeated row at the ends of the samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from unstuck.case.arrays import Array, spread
from unstuck.case.facts import PaddingFacts

COMMON_SHARE = 0.05
"""A value that fills the end of fewer samples than this is chance, not padding."""

SAMPLE_CAP = 4096
"""Samples that are looked at: shares are then known to one percent."""

ENTRY_CAP = 4_000_000
"""Entries that are looked at, so that long sequences take no longer than 20 ms."""

Lengths = npt.NDArray[np.int64]


def padding_facts(blocks: Sequence[Array]) -> PaddingFacts:
    """Measures padding.

    Args:
        blocks: Arrays of shape (samples, steps, features) or (samples, steps); the number of
            steps may differ between blocks, as between the batches of a stream.
    """
    looked_at = [_thinned(block, len(blocks)) for block in blocks if _has_steps(block)]
    best = PaddingFacts(value=None)
    for value in _candidates(looked_at):
        facts = _measured(looked_at, value)
        common = max(facts.tail_samples, facts.head_samples) >= COMMON_SHARE
        if common and _total(facts) > _total(best):
            best = facts
    return best


def run_lengths(equal: npt.NDArray[np.bool_]) -> Lengths:
    """Returns how many entries from the start are True, for each row of (samples, steps)."""
    first_other = np.argmin(equal, axis=1)
    lengths: Lengths = np.where(equal.all(axis=1), equal.shape[1], first_other)
    return lengths


def _has_steps(block: Array) -> bool:
    return block.ndim in (2, 3) and len(block) > 0 and block.shape[1] > 1 and block.size > 0


def _total(facts: PaddingFacts) -> float:
    return facts.tail_share + facts.head_share


def _thinned(block: Array, blocks: int) -> Array:
    cap = max(1, min(SAMPLE_CAP, ENTRY_CAP // max(1, block[:1].size)) // blocks)
    block = block if len(block) <= cap else block[spread(len(block), cap)]
    return block if block.ndim == 3 else block[:, :, None]


def _candidates(blocks: Sequence[Array]) -> list[float]:
    """Returns the values that most often fill the last, and the first, row of a sample."""
    found: list[float] = []
    for step in (-1, 0):
        rows = [block[:, step] for block in blocks]
        filling = [row[(row == row[:, :1]).all(axis=1), 0] for row in rows]
        values, counts = np.unique(np.concatenate([*filling, np.empty(0)]), return_counts=True)
        samples = sum(len(block) for block in blocks)
        # A value seen once is no repetition, unless there is only one sample.
        if len(values) and counts.max() >= min(2, samples):
            found.append(float(values[counts.argmax()]))
    return list(dict.fromkeys(found))


def _measured(blocks: Sequence[Array], value: float) -> PaddingFacts:
    shares: list[tuple[Lengths, Lengths, int]] = []
    inside = inside_equal = 0
    for block in blocks:
        equal = _equal_rows(block, value)
        tail, head = run_lengths(equal[:, ::-1]), run_lengths(equal)
        shares.append((tail, head, block.shape[1]))
        whole = tail == block.shape[1]
        between = np.where(whole, 0, block.shape[1] - tail - head)
        runs = np.where(whole, block.shape[1], tail + head)
        inside += int(between.sum())
        inside_equal += int((equal.sum(axis=1) - runs).sum())
    tails, heads = (np.concatenate([share[side] for share in shares]) for side in (0, 1))
    steps = np.concatenate([np.full(len(share[0]), share[2]) for share in shares])
    return PaddingFacts(
        value=value,
        tail_share=float((tails / steps).mean()),
        head_share=float((heads / steps).mean()),
        tail_samples=float((tails > 0).mean()),
        head_samples=float((heads > 0).mean()),
        lengths_vary=bool(np.ptp(tails) > 0 or np.ptp(heads) > 0),
        inside_share=inside_equal / inside if inside else 0.0,
    )


def _equal_rows(block: Array, value: float) -> npt.NDArray[np.bool_]:
    equal: npt.NDArray[np.bool_] = block[:, :, 0] == value
    for feature in range(1, block.shape[2]):
        if not equal.any():
            break
        equal &= block[:, :, feature] == value
    return equal
