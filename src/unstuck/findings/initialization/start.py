"""What an initializer gives: a constant, or numbers of some spread."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from unstuck.case.script import Value

OPTIONS = {
    "kernel": "kernel_initializer",
    "recurrent_kernel": "recurrent_initializer",
    "depthwise_kernel": "depthwise_initializer",
    "embeddings": "embeddings_initializer",
    "bias": "bias_initializer",
}
"""The option of a layer that decides how a weight of that name begins."""
DEFAULTS = {
    "kernel_initializer": ("GlorotUniform",),
    "recurrent_initializer": ("Orthogonal", "OrthogonalInitializer"),
    "depthwise_initializer": ("GlorotUniform",),
    "embeddings_initializer": ("RandomUniform",),
    "bias_initializer": ("Zeros",),
}
"""Keras's own choices; where one stands and the weights are others, something else set them."""
CONSTANTS = {"zeros": 0.0, "zero": 0.0, "ones": 1.0, "one": 1.0}
POSITIONS = {
    "constant": ("value",),
    "randomnormal": ("mean", "stddev"),
    "truncatednormal": ("mean", "stddev"),
    "randomuniform": ("minval", "maxval"),
    "variancescaling": ("scale",),
    "orthogonal": ("gain",),
}
"""Names of positional arguments, by the initializer's name without capitals and underscores."""
KERAS = {"stddev": 0.05, "minval": -0.05, "maxval": 0.05, "mean": 0.0, "value": 0.0}
"""Keras's defaults of these arguments."""


@dataclasses.dataclass(frozen=True)
class Start:
    """How weights begin.

    Attributes:
        name: The initializer, as the user would call it.
        constant: The value of all entries, None where they are drawn.
        spread: Standard deviation of an entry, None where it depends on the weight's shape.
    """

    name: str
    constant: float | None = None
    spread: float | None = None


def start_of(config: Any) -> Start | None:
    """Reads an initializer in a layer's configuration, None where it isn't known."""
    if isinstance(config, str):
        return Start(config, CONSTANTS.get(_plain(config)))
    if not isinstance(config, Mapping) or "class_name" not in config:
        return None
    return _start(str(config["class_name"]), config.get("config") or {})


def start_in(value: Value) -> Start | None:
    """Reads an initializer in the source, None where it can't be read."""
    if value.call is None:
        return None if value.name is None else _start(value.name, {})
    names = POSITIONS.get(_plain(value.call.kind), ())
    given = {
        (names[int(name)] if name.isdigit() and int(name) < len(names) else name): part.value
        for name, part in value.call.arguments.items()
    }
    return _start(value.call.kind, given)


def _start(name: str, given: Mapping[str, Any]) -> Start | None:
    plain = _plain(name)
    numbers = {key: given.get(key, KERAS[key]) for key in KERAS}
    if any(not isinstance(number, int | float) for number in numbers.values()):
        return Start(name)
    if plain in CONSTANTS or plain == "constant":
        return Start(name, CONSTANTS.get(plain, float(numbers["value"])))
    if plain in ("randomnormal", "truncatednormal", "normal"):
        return Start(name, spread=math.hypot(numbers["stddev"], numbers["mean"]))
    if plain in ("randomuniform", "uniform"):
        low, high = numbers["minval"], numbers["maxval"]
        middle, width = (low + high) / 2, (high - low) / math.sqrt(12)
        return Start(name, spread=math.hypot(middle, width))
    return Start(name)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
