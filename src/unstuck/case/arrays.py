"""Arrays of any library as numpy arrays, and nested structures of them by name.

Nothing is imported for it: whoever passes a tensor has its library loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

NUMERIC = "biuf"
"""Kinds of numpy dtypes that statistics can be taken of: bool, integers, floats."""


def to_numpy(leaf: Any) -> Array:
    """Returns an array, tensor, data frame or nested list as a numpy array.

    What is already in the host's memory is not copied where its library allows that. Ragged
    and sparse tensors become dense, with zeros; bfloat16 becomes float32; objects that are
    numbers become float64, other objects stay objects.
    """
    if hasattr(leaf, "detach"):  # torch
        leaf = leaf.detach().cpu()
        leaf = leaf.float() if "bfloat16" in str(leaf.dtype) else leaf
    elif hasattr(leaf, "toarray"):  # scipy
        leaf = leaf.toarray()
    elif hasattr(leaf, "todense"):  # sparse JAX arrays
        leaf = leaf.todense()
    elif hasattr(leaf, "to_tensor"):  # ragged
        leaf = leaf.to_tensor()
    elif hasattr(leaf, "dense_shape"):
        leaf = _from_sparse(leaf)
    return _plain_numbers(np.asarray(leaf))


def take(leaf: Any, indices: npt.NDArray[np.int64]) -> Array:
    """Returns some samples (entries of the first axis) as a numpy array."""
    if hasattr(leaf, "iloc"):  # pandas
        return to_numpy(leaf.iloc[indices])
    if hasattr(leaf, "detach") or hasattr(leaf, "tocsr"):  # torch, scipy
        leaf = leaf.tocsr() if hasattr(leaf, "tocsr") else leaf
        return to_numpy(leaf[indices])
    return to_numpy(leaf)[indices]


def named(structure: Any, names: Sequence[str], fallback: str) -> Iterator[tuple[str, Any]]:
    """Yields (name, leaf) for a nest of arrays; dicts name theirs, lists take the given names."""
    if structure is None:
        return
    if isinstance(structure, dict):
        for key, item in structure.items():
            yield from named(item, (str(key),), str(key))
        return
    if not is_nest(structure):
        yield (names[0] if len(names) == 1 else fallback), structure
        return
    matching = list(names) if len(names) == len(structure) else []
    for index, item in enumerate(structure):
        name = matching[index] if matching else f"{fallback}_{index}"
        yield from named(item, (name,), name)


def is_nest(structure: Any) -> bool:
    """Says whether a value holds arrays, instead of being one."""
    if isinstance(structure, dict):
        return True
    if not isinstance(structure, list | tuple):
        return False
    # A list of plain numbers, as a generator may yield it, is an array itself.
    return any(hasattr(item, "shape") or is_nest(item) for item in structure)


def map_nest(function: Any, structure: Any) -> Any:
    """Applies a function to each array of a nest and keeps the nesting; None stays None."""
    if structure is None:
        return None
    if isinstance(structure, dict):
        return {key: map_nest(function, item) for key, item in structure.items()}
    if is_nest(structure):
        items = [map_nest(function, item) for item in structure]
        named_tuple = getattr(type(structure), "_make", type(structure))
        return named_tuple(items)
    return function(structure)


def leaves(structure: Any) -> list[Any]:
    """Returns the arrays of a nest."""
    return [leaf for _, leaf in named(structure, (), "")]


def spread(total: int, count: int) -> npt.NDArray[np.int64]:
    """Returns at most ``count`` indices that lie evenly over ``total``, first and last included."""
    return np.unique(np.linspace(0, max(total - 1, 0), min(count, total)).astype(np.int64))


def _plain_numbers(array: Array) -> Array:
    if array.dtype.kind == "V":  # bfloat16 and float8 of ml_dtypes
        return array.astype(np.float32)
    if array.dtype.kind == "O":
        try:
            return array.astype(np.float64)
        except (TypeError, ValueError):
            return array
    return array


def _from_sparse(tensor: Any) -> Array:
    indices, values = np.asarray(tensor.indices), np.asarray(tensor.values)
    dense = np.zeros(tuple(np.asarray(tensor.dense_shape)), values.dtype)
    dense[tuple(indices.T)] = values
    return dense
