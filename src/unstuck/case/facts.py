"""What we were given, as plain facts: the model, the call of fit, the data.

Facts are JSON-able and free of Keras, so that a recording can be judged where
no backend is installed. ``model.py`` and ``data.py`` take them from live objects.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

Shape = tuple[int | None, ...]
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Place:
    """A line of the user's source, counted from 1."""

    file: str
    line: int


@dataclasses.dataclass(frozen=True)
class LayerFacts:
    """One layer of the model, nested and wrapped layers included.

    Attributes:
        name: Keras name, unique among its siblings.
        kind: Class name; the user's own classes carry theirs.
        config: What ``get_config`` says, reduced to JSON; activations, initializers and
            regularizers by their serialized name (a user's function by its ``__name__``).
        inputs: Names of the layers whose output it reads; empty where unknown.
        inside: Name of the wrapper or model that holds it, None at the top.
        masked: Whether a mask reaches the layer: True, False or None where unknown.
        stock: Whether the class is Keras's own.
    """

    name: str
    kind: str
    config: Mapping[str, Any]
    input_shape: Shape | None = None
    output_shape: Shape | None = None
    inputs: tuple[str, ...] = ()
    inside: str | None = None
    parameters: int = 0
    trainable: bool = True
    masked: bool | None = None
    stock: bool = True
    place: Place | None = None


@dataclasses.dataclass(frozen=True)
class HeadFacts:
    """One output of the model and the layer that makes its values.

    Attributes:
        output: Name of the output, as in ``model.output_names``.
        layer: Name of the layer that decides the values' range (a Dense, an LSTM, a Softmax…).
        activation: Name of the last activation on the way out: "linear" where there is none,
            None where it can't be known. A recurrent layer as head has its cell's activation.
        shape: Output shape, None for the batch and free axes.
    """

    output: str
    layer: str | None
    kind: str | None
    activation: str | None
    shape: Shape | None
    place: Place | None = None


@dataclasses.dataclass(frozen=True)
class ModelFacts:
    """The model as Keras built it.

    Attributes:
        kind: "sequential", "functional" or "subclassed".
        layers: In the order in which data pass through them, as far as it is known.
    """

    name: str
    kind: str
    layers: tuple[LayerFacts, ...]
    heads: tuple[HeadFacts, ...]
    parameters: int
    trainable_parameters: int
    place: Place | None = None


@dataclasses.dataclass(frozen=True)
class LossFacts:
    """The loss of one output.

    Attributes:
        name: Keras's snake_case name ("mean_squared_error", "binary_crossentropy", …) or the
            ``__name__`` of the user's function or class.
        from_logits: As configured; None where the loss has no such option.
        custom: True for a function or class that isn't Keras's own.
    """

    output: str
    name: str
    from_logits: bool | None = None
    custom: bool = False
    place: Place | None = None


@dataclasses.dataclass(frozen=True)
class OptimizerFacts:
    """The optimizer; ``learning_rate`` is the first step's, ``schedule`` the schedule's class."""

    name: str
    config: Mapping[str, Any]
    learning_rate: float | None = None
    schedule: str | None = None


@dataclasses.dataclass(frozen=True)
class CompileFacts:
    """What ``compile`` was given; ``metrics`` by output name, as the user wrote or named them."""

    optimizer: OptimizerFacts
    losses: tuple[LossFacts, ...]
    metrics: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    jit_compile: bool | None = None
    run_eagerly: bool = False
    steps_per_execution: int = 1
    place: Place | None = None


@dataclasses.dataclass(frozen=True)
class FitFacts:
    """The call of ``fit``.

    Attributes:
        samples: Number of training samples, None for streams of unknown length.
        source: Kind of the data: "arrays", "tf.data", "torch.DataLoader", "PyDataset",
            "generator".
        validation: "none", "data" or "split".
        class_weight: By class, as given.
        callbacks: Class names of the user's callbacks.
    """

    epochs: int
    initial_epoch: int = 0
    batch_size: int | None = None
    steps_per_epoch: int | None = None
    samples: int | None = None
    source: str = "arrays"
    shuffle: bool | None = None
    validation: str = "none"
    class_weight: Mapping[str, float] | None = None
    sample_weight: bool = False
    callbacks: tuple[str, ...] = ()
    place: Place | None = None


@dataclasses.dataclass(frozen=True)
class FeatureFacts:
    """One feature (the last axis) over all samples and steps that were read; finite values only."""

    mean: float
    std: float
    minimum: float
    maximum: float
    distinct: int
    """Number of distinct values, counted up to DISTINCT_CAP in data.py."""


@dataclasses.dataclass(frozen=True)
class PaddingFacts:
    """Runs of one repeated row at the ends of the samples, the mark of padded sequences.

    A sample's tail (head) is the run of rows equal to ``value`` at its end (start).

    Attributes:
        value: The value that fills the runs, None if no run of one value is common.
        tail_share: Mean over samples of tail length / time steps.
        head_share: Likewise for the start.
        tail_samples: Share of samples whose tail has at least one row.
        head_samples: Likewise for the start.
        lengths_vary: Whether the runs have different lengths in different samples.
        inside_share: Share of the rows between the runs that equal ``value`` as well.
    """

    value: float | None
    tail_share: float = 0.0
    head_share: float = 0.0
    tail_samples: float = 0.0
    head_samples: float = 0.0
    lengths_vary: bool = False
    inside_share: float = 0.0


@dataclasses.dataclass(frozen=True)
class ArrayFacts:
    """One input, target or weight array; statistics over the finite values that were read.

    Attributes:
        name: Name of the model's input or output that it belongs to.
        role: "input", "target", "sample_weight", "validation_input", "validation_target".
        shape: Full shape; the first entry is the number of samples, None for a stream.
        read: Number of samples that the statistics rest on.
        complete: Whether that is all of them.
        integral: Whether all values are whole numbers.
        nonfinite: Count of NaN and infinite entries among those read.
        first_nonfinite: Index of the first of them, None if there is none.
        rms: Root mean square.
        bulk_rms: The same without outliers: values more than OUTLYING (outliers.py) interquartile
            ranges outside the quartiles. None for inputs and weights.
        features: At most FEATURE_CAP (data.py) of them, empty for integer ids of rank 2.
        values: The distinct values with their counts if there are at most VALUE_CAP (data.py),
            else empty. Keys are the values' repr as float.
        row_sum_one: For rank >= 2: share of last-axis rows that are non-negative and sum to 1.
        one_hot: Share of last-axis rows that are exactly one-hot.
        padding: For inputs and targets with a time axis.
    """

    name: str
    role: str
    shape: Shape
    dtype: str
    read: int
    complete: bool
    integral: bool
    nonfinite: int
    first_nonfinite: tuple[int, ...] | None
    minimum: float | None
    maximum: float | None
    mean: float | None
    std: float | None
    rms: float | None
    bulk_rms: float | None = None
    features: tuple[FeatureFacts, ...] = ()
    values: Mapping[str, int] = dataclasses.field(default_factory=dict)
    row_sum_one: float | None = None
    one_hot: float | None = None
    padding: PaddingFacts | None = None


@dataclasses.dataclass(frozen=True)
class DataFacts:
    """Everything ``fit`` was fed with, as far as it could be read without consuming it."""

    arrays: tuple[ArrayFacts, ...]

    def role(self, role: str) -> tuple[ArrayFacts, ...]:
        """Returns the arrays of one role, in the model's order."""
        return tuple(array for array in self.arrays if array.role == role)


def from_plain(kind: type[T], value: Any) -> T:
    """Builds facts again from what ``record.plain`` made of them."""
    return typing.cast(T, _revive(kind, value))


def _revive(kind: Any, value: Any) -> Any:
    if value is None and kind is float:
        return math.nan  # JSON has no other word for what isn't finite
    if value is None or kind is Any:
        return value
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = next(option for option in arguments if option is not type(None))
        return _revive(inner, value)
    if origin is tuple:
        return tuple(_revive(arguments[0], item) for item in value)
    if origin is Mapping:
        return {key: _revive(arguments[1], item) for key, item in value.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        # A recording of another version may hold what this one no longer asks for.
        known = {key: item for key, item in value.items() if key in hints}
        return kind(**{key: _revive(hints[key], item) for key, item in known.items()})
    return value
