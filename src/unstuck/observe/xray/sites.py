"""Where the recurrent layers of a model are."""

from __future__ import annotations

from typing import Any

import keras


def recurrent_layers(model: Any) -> dict[str, Any]:
    """Returns every recurrent layer by its path: "encoder/bidirectional/forward_lstm".

    Layers in nested models and wrappers included, a shared layer once.
    """
    found: dict[str, Any] = {}
    seen: set[int] = set()
    _collect(model, "", found, seen)
    return found


def _collect(owner: Any, path: str, found: dict[str, Any], seen: set[int]) -> None:
    for layer in _children(owner):
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        name = f"{path}/{layer.name}" if path else str(layer.name)
        if isinstance(layer, keras.layers.RNN):
            found[_free(name, found)] = layer
        else:
            _collect(layer, name, found, seen)


def _children(layer: Any) -> list[Any]:
    children = list(getattr(layer, "_layers", None) or [])
    # A sequential model keeps a functional one that has the same layers under another name.
    return [child for child in children if child is not getattr(layer, "_functional", None)]


def _free(name: str, taken: dict[str, Any]) -> str:
    """Names of layers are unique among siblings only where the user gave none."""
    count = 2
    while name in taken:
        name, count = f"{name.partition(' (')[0]} ({count})", count + 1
    return name


def variables(model: Any) -> list[Any]:
    """Returns all variables that a pass depends on.

    Keras leaves the carried states of stateful layers out of its own list.
    """
    states = [
        state
        for layer in recurrent_layers(model).values()
        for state in keras.tree.flatten(layer.states or [])
    ]
    return [*model.variables, *(state for state in states if hasattr(state, "assign"))]
