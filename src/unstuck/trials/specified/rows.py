"""The rows of a training: inputs, targets and weights, in nests of arrays as ``fit`` takes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from unstuck.case.arrays import NUMERIC, is_nest, leaves, map_nest, to_numpy
from unstuck.trials.specified.errors import SpecificationError

Array = npt.NDArray[Any]

ONE_PASS = ("keras.", "tensorflow.", "torch.utils", "grain.")
"""Where classes of data come from that are read batch by batch."""


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """Rows of data; real numbers are of Keras's float type.

    Attributes:
        x: A nest of arrays, the samples first.
        y: Likewise.
        sample_weight: Likewise, or None.
    """

    x: Any
    y: Any
    sample_weight: Any = None

    @classmethod
    def of(cls, x: Any, y: Any, sample_weight: Any = None) -> Rows:
        """Takes what ``fit`` takes as arrays: arrays, tensors, tables, or nests of them.

        Raises:
            SpecificationError: If it is a stream, holds objects, or has arrays of unequal length.
        """
        if y is None or _streamed(x):
            raise SpecificationError(
                "Expected arrays as x and y. Received: "
                f"{type(x).__name__}{'' if y is not None else ' without y'}. A stream can be read "
                "in one order only, so trials can't share it: pass some thousand of its samples "
                "as arrays, or see 'unstuck fix SCRIPT', which runs the whole script."
            )
        rows = cls(*(map_nest(_array, part) for part in (x, y, sample_weight)))
        counts = {len(leaf) for leaf in rows.arrays}
        if len(counts) != 1 or counts == {0}:
            raise SpecificationError(
                f"Expected arrays of the same number of samples. Received: {sorted(counts)}."
            )
        return rows

    @property
    def arrays(self) -> list[Array]:
        """All arrays, in one list."""
        parts = (self.x, self.y, self.sample_weight)
        return [leaf for part in parts for leaf in leaves(part) if leaf is not None]

    @property
    def count(self) -> int:
        """Number of samples."""
        return len(self.arrays[0])

    @property
    def given(self) -> tuple[Any, ...]:
        """They as ``fit`` takes validation data: (x, y) or (x, y, sample_weight)."""
        weights = () if self.sample_weight is None else (self.sample_weight,)
        return (self.x, self.y, *weights)

    def take(self, index: Any) -> Rows:
        """Returns some of the rows: an array of indices or a slice."""
        parts = (self.x, self.y, self.sample_weight)
        return Rows(*(map_nest(lambda leaf: leaf[index], part) for part in parts))

    def weighted(self, class_weight: Mapping[int, float] | None) -> Rows:
        """Returns them with the weights of their classes as sample weights, as ``fit`` does."""
        if not class_weight:
            return self
        y = np.asarray(self.y)
        if y.ndim > 1:
            y = y.argmax(axis=-1) if y.shape[-1] != 1 else y[..., 0]
        classes = np.round(y).astype(int).tolist()
        if y.ndim > 1:
            raise SpecificationError("Expected one class a sample beside class_weight.")
        weights = [class_weight.get(one, 1.0) for one in classes]
        return Rows(self.x, self.y, np.asarray(weights, keras.config.floatx()))


def _streamed(x: Any) -> bool:
    if is_nest(x) or hasattr(x, "__array__"):
        return False
    origin = type(x).__module__ + "."
    return not isinstance(x, list | tuple) or origin.startswith(ONE_PASS)


def _array(leaf: Any) -> Array:
    array = to_numpy(leaf)
    if array.dtype.kind not in NUMERIC + "U":
        raise SpecificationError(
            f"Expected arrays of numbers or text. Received: an array of {array.dtype} with shape "
            f"{array.shape}. Pad sequences of unequal length to one array, and turn text and "
            "objects into numbers first."
        )
    return array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array
