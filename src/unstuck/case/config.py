"""A layer's, optimizer's or schedule's configuration, reduced to what JSON can hold."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from unstuck.case.serialization import without_loading_tensorflow

_TEXT_CAP = 200
"""Characters kept of a value's ``repr``; longer ones are data, not settings."""

_HELD_ELSEWHERE = frozenset(
    {"layers", "layer", "backward_layer", "cell", "cells"}
    | {"build_config", "input_layers", "output_layers"}
)
"""Keys under which a model or wrapper repeats the layers that it holds."""


def config_of(thing: Any) -> dict[str, Any]:
    """Returns ``get_config()`` reduced to JSON; of a class without one, its plain attributes.

    Activations and other functions become their ``__name__``; initializers, regularizers,
    constraints and schedules become ``{"class_name": …, "config": {…}}``.
    """
    try:
        with warnings.catch_warnings(), without_loading_tensorflow():
            warnings.simplefilter("ignore")
            config = dict(thing.get_config())
    except Exception:  # a user's get_config may be missing or wrong
        return _attributes(thing)
    return {
        str(key): _name_of(getattr(thing, str(key), None)) or reduced(value)
        for key, value in config.items()
        if key not in _HELD_ELSEWHERE
    }


def function_name(function: Any) -> str:
    """Returns the name of an activation: "linear" for None, a class's in snake case."""
    if function is None:
        return "linear"
    inner = getattr(function, "func", function)  # functools.partial
    name = getattr(inner, "__name__", None)
    return str(name) if name else snake_case(type(inner).__name__)


def snake_case(name: str) -> str:
    """Turns a class name into Keras's snake case, for example "CosineSimilarity"."""
    letters = []
    for index, letter in enumerate(name):
        after_small = index > 0 and not name[index - 1].isupper()
        before_small = 0 < index < len(name) - 1 and name[index + 1].islower()
        if letter.isupper() and index > 0 and (after_small or before_small):
            letters.append("_")
        letters.append(letter.lower())
    return "".join(letters)


def reduced(value: Any) -> Any:
    """Reduces a value to None, bool, int, float, str, lists and dicts of these."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    if isinstance(value, Mapping):
        return _reduced_mapping(value)
    if isinstance(value, list | tuple):
        return [reduced(item) for item in value]
    return _name_of(value) or _text(value)


def _reduced_mapping(value: Mapping[Any, Any]) -> Any:
    if "class_name" not in value:
        return {str(key): reduced(item) for key, item in value.items()}
    config = value.get("config")
    if value["class_name"] == "function" and isinstance(config, str):
        return config
    if str(value["class_name"]).endswith("DTypePolicy") and isinstance(config, Mapping):
        return reduced(config.get("name"))
    return {"class_name": str(value["class_name"]), "config": reduced(config)}


def _name_of(value: Any) -> str | None:
    if isinstance(value, type) or not callable(value):
        return None
    name = getattr(value, "__name__", None)
    return name if isinstance(name, str) else None


def _attributes(thing: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(thing).items()
        if not name.startswith("_") and isinstance(value, bool | int | float | str)
    }


def _text(value: Any) -> str:
    try:
        return repr(value)[:_TEXT_CAP]
    except Exception:  # a user's __repr__ may be wrong
        return type(value).__name__
