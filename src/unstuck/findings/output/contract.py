"""What a head can give, what a loss expects, and what targets are: the words of this family."""

from __future__ import annotations

import math
from typing import Final, Literal

from unstuck.case.facts import ArrayFacts, HeadFacts, Shape
from unstuck.findings.evidence import Output
from unstuck.findings.progress import Progress

INFINITY: Final = math.inf

RANGES: Final = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "sparsemax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "soft_sign": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, INFINITY),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, INFINITY),
    "exponential": (0.0, INFINITY),
    "exp": (0.0, INFINITY),
    "abs": (0.0, INFINITY),
    "square": (0.0, INFINITY),
    "elu": (-1.0, INFINITY),
    "selu": (-1.7582, INFINITY),
    "gelu": (-0.17, INFINITY),
    "silu": (-0.2785, INFINITY),
    "swish": (-0.2785, INFINITY),
    "log_softmax": (-INFINITY, 0.0),
    "log_sigmoid": (-INFINITY, 0.0),
    "linear": (-INFINITY, INFINITY),
    "leaky_relu": (-INFINITY, INFINITY),
}
"""Closed ranges of Keras's activations; a function that is not here is not judged."""

PROBABILITIES: Final = frozenset({"sigmoid", "hard_sigmoid", "softmax", "sparsemax"})
RECURRENT: Final = frozenset(
    {"LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}
)
"""Layers whose activation sits inside the cell, before a gate."""

BINARY: Final = frozenset({"binary_crossentropy", "binary_focal_crossentropy"})
CATEGORICAL: Final = frozenset({"categorical_crossentropy", "categorical_focal_crossentropy"})
SPARSE: Final = frozenset({"sparse_categorical_crossentropy"})
CROSSENTROPIES: Final = BINARY | CATEGORICAL | SPARSE
REGRESSION: Final = frozenset(
    {
        "mean_squared_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "huber",
        "log_cosh",
    }
)
"""Losses that measure a distance between numbers."""

CLASSES_CAP: Final = 50
"""Whole numbers with more distinct values than this are taken for counts, years or prices when
nothing else tells them from the classes of one unit."""
FEW_CLASSES: Final = 3
"""From this many distinct whole numbers on, one unit with a threshold cannot tell them apart."""

Kind = Literal["binary", "signs", "one_hot", "multi_hot", "classes", "quantity"]


def loss_name(output: Output) -> str:
    """Returns the loss that Keras takes; "crossentropy" stands for one of three by shape."""
    if output.loss.name != "crossentropy":
        return output.loss.name
    if width(output) == 1:
        return "binary_crossentropy"
    hot = output.target is not None and target_kind(output.target) in ("one_hot", "multi_hot")
    return "categorical_crossentropy" if hot else "sparse_categorical_crossentropy"


def width(output: Output) -> int | None:
    """Returns the number of units of the head, None where it is unknown."""
    shape = output_shape(output)
    return shape[-1] if shape and len(shape) > 1 else None


def output_shape(output: Output) -> Shape | None:
    """Returns the shape of the output, the samples first: as predicted, else as declared."""
    if output.train is not None:
        return (None, *output.train.predictions.shape[1:])
    return output.head.shape


def head_range(head: HeadFacts) -> tuple[float, float] | None:
    """Returns the closed range of a head's values, None where it is unknown."""
    found = RANGES.get(head.activation or "")
    if found is None or not in_cell(head):
        return found
    # The output gate multiplies by 0..1, so that 0 can always be reached.
    return min(found[0], 0.0), max(found[1], 0.0)


def in_cell(head: HeadFacts) -> bool:
    """Whether the head is a recurrent layer itself, with its activation inside the cell."""
    return head.kind in RECURRENT or head.kind == "Bidirectional"


def target_kind(target: ArrayFacts) -> Kind:
    """Tells what targets are by their values."""
    if not target.integral:
        return "quantity"
    values = {float(value) for value in target.values}
    if values == {-1.0, 1.0}:
        return "signs"
    if values and values <= {0.0, 1.0}:
        return _kind_of_bits(target)
    whole = (target.minimum or 0.0) >= 0 and 0 < len(values) <= CLASSES_CAP
    return "classes" if whole else "quantity"


def _kind_of_bits(target: ArrayFacts) -> Kind:
    columns = target.shape[-1] if len(target.shape) > 1 else 1
    if columns is None or columns == 1 or target.one_hot is None:
        return "binary"
    # Rows of zeros are padding: what counts is that no row has more than one 1.
    single = target.one_hot > 0 and (target.mean or 0.0) * columns <= 1.0 + 1e-6
    exact = abs((target.mean or 0.0) * columns - target.one_hot) < 1e-3
    return "one_hot" if single and exact else "multi_hot"


def distinct(target: ArrayFacts) -> int | None:
    """Returns the number of distinct target values, None where there are too many to count."""
    return len(target.values) or None


def learned(output: Output, progress: Progress) -> bool:
    """Whether a training got so far that nothing can be fundamentally wrong with the contract."""
    if progress.diverged:
        return False
    return _well(progress.skill) or _well(accuracy_skill(output))


LEARNED: Final = 0.8
"""Four fifths of the way from the best constant to perfect: no fault that stops a training lets
it get so far."""


def _well(skill: float | None) -> bool:
    return skill is not None and skill >= LEARNED


def accuracy_skill(output: Output) -> float | None:
    """Returns how far the accuracy got from the majority share (0) to all right (1)."""
    facts = output.train.predictions if output.train else None
    if facts is None or facts.accuracy is None or facts.majority_share is None:
        return None
    room = 1.0 - facts.majority_share
    return (facts.accuracy - facts.majority_share) / room if room > 0 else None
