"""How Keras lines up targets and predictions before an element-wise loss."""

from __future__ import annotations

import dataclasses

from unstuck.case.facts import FitFacts, Shape

BATCH = 32
"""Keras's batch size where none is given."""

Sizes = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Aligned:
    """Shapes of one batch as they meet in the loss.

    Attributes:
        targets: After Keras took away or added a last axis of 1.
        predictions: Likewise.
        together: What numpy's broadcasting makes of the two, None where it refuses.
    """

    targets: Sizes
    predictions: Sizes
    together: Sizes | None

    @property
    def agree(self) -> bool:
        """Whether every target meets its own prediction."""
        return self.targets == self.predictions

    @property
    def repeated(self) -> int | None:
        """How often each entry of the smaller side is used, None where they don't broadcast."""
        if self.together is None:
            return None
        fewest = min(_size(self.targets), _size(self.predictions))
        return _size(self.together) // max(1, fewest)


def aligned(targets: Shape, predictions: Shape, batch: int, squeezed: bool = True) -> Aligned:
    """Lines up two shapes for a batch.

    Args:
        targets: Full shape, the samples first.
        predictions: Likewise; axes of unknown length are taken from the targets, where they
            have one at that place.
        batch: Number of samples in a batch.
        squeezed: Whether Keras adapts the last axis first, as it does for its own losses and
            for functions, and not for a ``Loss`` class of the user's or ``compute_loss``.
    """
    goal = (batch, *(size or 1 for size in targets[1:]))
    given = (batch, *_known(predictions, targets))
    if squeezed:
        goal, given = _squeezed(goal, given)
    return Aligned(goal, given, broadcast(goal, given))


def broadcast(one: Sizes, other: Sizes) -> Sizes | None:
    """Returns the shape that two shapes broadcast to, None where they don't."""
    rank = max(len(one), len(other))
    pairs = zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(other)) + other, strict=True)
    together = []
    for first, second in pairs:
        if first != second and 1 not in (first, second):
            return None
        together.append(max(first, second))
    return tuple(together)


def batch_of(fit: FitFacts | None) -> int:
    """Returns the batch size of a fit; where nothing tells it, Keras's default."""
    return fit.batch_size if fit is not None and fit.batch_size else BATCH


def words(shape: Shape) -> str:
    """Writes a shape with n for the samples, for example "(n, 18, 1)"."""
    sizes = ["n", *("?" if size is None else str(size) for size in shape[1:])]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def _known(predictions: Shape, targets: Shape) -> Sizes:
    return tuple(
        size if size is not None else (targets[axis] or 1) if axis < len(targets) else 1
        for axis, size in enumerate(predictions[1:], start=1)
    )


def _squeezed(targets: Sizes, predictions: Sizes) -> tuple[Sizes, Sizes]:
    if len(targets) == len(predictions) + 1 and targets[-1] == 1:
        return (targets[:-1], predictions) if len(predictions) > 1 else (targets, (*predictions, 1))
    if len(predictions) == len(targets) + 1 and predictions[-1] == 1:
        return ((*targets, 1), predictions) if len(targets) == 1 else (targets, predictions[:-1])
    return targets, predictions


def _size(shape: Sizes) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
