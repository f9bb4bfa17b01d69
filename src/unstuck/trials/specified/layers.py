"""Reads and changes the layers of a model in the form in which Keras serializes it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras

Config = dict[str, Any]
Rule = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Takes the class name and the configuration of a layer, and returns options to change."""

RECURRENT = frozenset(
    {"LSTM", "GRU", "SimpleRNN", "LSTMCell", "GRUCell", "SimpleRNNCell", "ConvLSTM1D"}
)
"""Layers and cells with units that carry a state."""


def layers(architecture: Mapping[str, Any]) -> Iterator[tuple[str, Config]]:
    """Yields class name and configuration of each layer of Keras, wrapped and nested ones too."""
    for node in _nodes(architecture):
        yield node["class_name"], node["config"]


def changed(architecture: Mapping[str, Any], rule: Rule) -> Config | None:
    """Returns a model with changed options of layers, None if nothing changes."""
    made = copy.deepcopy(dict(architecture))
    different = False
    for node in _nodes(made):
        options = {k: v for k, v in rule(node["class_name"], node["config"]).items()}
        for name, value in options.items():
            if name in node["config"] and not _alike(node["config"][name], value):
                node["config"][name] = value
                different = True
    _unbuilt(made)
    return made if different else None


def in_front(architecture: Mapping[str, Any], layer: Any) -> Config | None:
    """Returns a model with a layer behind its input, None unless it has one input that is written.

    Args:
        architecture: The model.
        layer: The new layer, which keeps the shape of what it is given.
    """
    # Keras numbers its names, and another name would be another program.
    name = _unused(architecture, type(layer).__name__.lower())
    made = copy.deepcopy(dict(architecture))
    chain = made["config"].get("layers", [])
    inputs = [node for node in chain if node["class_name"] == "InputLayer"]
    if len(inputs) != 1 or chain[0] is not inputs[0]:
        return None
    new = keras.saving.serialize_keras_object(layer)
    new.pop("build_config", None)
    new["config"]["name"] = name
    if "input_layers" in made["config"]:
        source = inputs[0]["config"]["name"]
        tensor = _first_read(chain, source)
        if tensor is None:
            return None
        new["name"] = name
        new["inbound_nodes"] = [{"args": [copy.deepcopy(tensor)], "kwargs": {}}]
        for node in chain:
            _rewire(node.get("inbound_nodes"), source, name)
    chain.insert(1, new)
    _unbuilt(made)
    return made


def head(architecture: Mapping[str, Any]) -> tuple[str, Config] | None:
    """Returns name and configuration of the ``Dense`` that a model ends with, if it does."""
    config = architecture["config"]
    chain, outputs = config.get("layers", []), config.get("output_layers")
    if outputs is not None:
        flat = keras.tree.flatten(outputs)
        chain = [node for node in chain if len(flat) == 3 and node["config"].get("name") == flat[0]]
    last = chain[-1] if chain else None
    while last is not None and "layer" in last["config"]:  # TimeDistributed
        last = last["config"]["layer"]
    return (
        (last["config"]["name"], last["config"]) if last and last["class_name"] == "Dense" else None
    )


def with_head(architecture: Mapping[str, Any], **options: Any) -> Config | None:
    """Returns a model whose last ``Dense`` has other options, None if nothing changes."""
    found = head(architecture)
    name = found[0] if found is not None else None

    def rule(kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
        return options if kind == "Dense" and config.get("name") == name else {}

    return changed(architecture, rule)


def named(function: Any) -> str:
    """Returns the name of a serialized function: an activation or a loss."""
    if not isinstance(function, Mapping):
        return "linear" if function is None else str(function)
    config = function.get("config")
    return config if isinstance(config, str) else str(function.get("class_name"))


def _unused(architecture: Mapping[str, Any], name: str) -> str:
    """Returns a name that no layer has yet."""
    taken = {config.get("name") for _, config in layers(architecture)}
    numbered = (f"{name}_{index}" for index in range(1, len(taken) + 2))
    return next(one for one in (name, *numbered) if one not in taken)


def _nodes(value: Any) -> Iterator[Config]:
    if isinstance(value, Mapping):
        ours = value.get("module") == "keras.layers"
        if ours and isinstance(value.get("config"), dict):
            yield value  # type: ignore[misc]
        for item in value.values():
            yield from _nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _nodes(item)


def _alike(old: Any, new: Any) -> bool:
    """Whether two options mean the same; the seed of an initializer is a matter of the trial."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _seedless(old) == _seedless(new)
    return bool(old == new)


def _seedless(value: Mapping[str, Any]) -> dict[str, Any]:
    config = value.get("config")
    if isinstance(config, Mapping):
        return {**value, "config": {k: v for k, v in config.items() if k != "seed"}}
    return dict(value)


def _unbuilt(architecture: Config) -> None:
    """Leaves the shapes of layers to what they are given: they may be others now."""
    for node in _nodes(architecture):
        if "layers" not in node["config"]:
            node.pop("build_config", None)


def _first_read(nodes: Any, source: str) -> Any:
    """Returns the first serialized tensor that comes from a layer."""
    for tensor in _tensors(nodes):
        if tensor["config"]["keras_history"][0] == source:
            return tensor
    return None


def _rewire(nodes: Any, source: str, target: str) -> None:
    for tensor in _tensors(nodes):
        history = tensor["config"]["keras_history"]
        if history[0] == source:
            tensor["config"]["keras_history"] = [target, 0, 0]


def _tensors(value: Any) -> Iterator[Config]:
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            yield value
        else:
            for item in value.values():
                yield from _tensors(item)
    elif isinstance(value, list):
        for item in value:
            yield from _tensors(item)
