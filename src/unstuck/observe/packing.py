"""Arrays as a recording keeps them: their type, their shape and their plain numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from unstuck.errors import RecordingError

if TYPE_CHECKING:
    import numpy.typing as npt

TYPES = ("<f4", "<i4")
"""What arrays are kept as: measurements and indices. No other type is ever read back."""

Array: TypeAlias = "npt.NDArray[Any]"


def packed(array: Array) -> tuple[str, str, bytes]:
    """Returns the type, the shape as JSON and the numbers of an array."""
    kind = "<i4" if array.dtype.kind in "iub" else "<f4"
    return kind, json.dumps(array.shape), array.astype(kind).tobytes()


def unpacked(kind: str, shape: str, data: bytes) -> Array:
    """Returns what ``packed`` was given.

    Raises:
        RecordingError: If that can't have been.
    """
    if kind not in TYPES:
        raise RecordingError(
            f"Expected arrays of type {' or '.join(TYPES)} in the recording, received {kind!r}. "
            "Install a newer unstuck, or make the recording again."
        )
    try:
        return np.frombuffer(data, kind).reshape(json.loads(shape))
    except ValueError as error:
        raise RecordingError(
            f"Expected an array of shape {shape} in the recording, which is damaged: {error}. "
            "Make the recording again."
        ) from error
