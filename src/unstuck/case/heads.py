"""What makes each output: the layer and the last activation on the way out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import keras

from unstuck.case.config import function_name, snake_case
from unstuck.case.facts import HeadFacts, Place
from unstuck.case.graph import Call, Graph, shape_of
from unstuck.case.symbolic import graph_of

LINEAR = "linear"

SHAPE_ONLY = frozenset(
    {"Reshape", "Flatten", "Permute", "RepeatVector", "Identity", "Masking", "Cropping1D"}
    | {"Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout"}
    | {"GaussianNoise", "GaussianDropout", "ActivityRegularization"}
    | {"GetItem", "Squeeze", "ExpandDims", "Transpose", "Moveaxis", "Swapaxes", "Ravel"}
    | {"Take", "Cast", "Copy", "StopGradient", "BroadcastTo", "Flip"}
    | {"GlobalAveragePooling1D", "GlobalMaxPooling1D", "AveragePooling1D", "MaxPooling1D"}
    | {"Mean", "Max", "Min"}
)
"""Layers and operations after which values have the range that they had before."""

SCALING = frozenset(
    {"Rescaling", "Multiply", "Divide", "TrueDivide", "Add", "Subtract", "Negative"}
    | {"UnitNormalization", "Clip", "Minimum", "Maximum", "Sum"}
)
"""Of one tensor: what was linear may stay so, what was bounded gets other bounds."""

ACTIVATING = frozenset(
    {"Softmax", "ReLU", "LeakyReLU", "PReLU", "ELU", "Sigmoid", "Tanh", "Relu", "LogSoftmax"}
    | {"Softplus", "HardSigmoid", "LeakyRelu", "Elu", "Selu", "Gelu", "Silu", "Exp", "LogSigmoid"}
    | {"Softsign", "Relu6", "Swish", "Mish", "HardSwish", "HardSilu", "HardTanh", "Abs", "Square"}
)
"""Layers and operations that are an activation of their own."""

_OWN_NAMES = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu"}
"""Names of ``keras.activations`` that are not the class's name in snake case."""


@dataclasses.dataclass
class _Walk:
    """The way back from one output, and what was done to its values behind the head.

    Attributes:
        activation: The last one on the way out, "linear" while none has been met.
        scaled: Whether values were scaled or shifted after it.
        opaque: Whether something unknown was done to them after it.
    """

    activation: str = LINEAR
    scaled: bool = False
    opaque: bool = False

    def pass_by(self, layer: Any, kind: str) -> bool:
        """Notes what a layer does to values; False if the way ends at it."""
        if self.activation != LINEAR:  # what comes before it no longer matters
            pass
        elif kind == "Activation":
            self.activation = function_name(layer.activation)
        elif kind in ACTIVATING:
            self.activation = _OWN_NAMES.get(kind) or snake_case(kind)
        elif kind == "Lambda":
            self.opaque = True
        elif kind in SCALING:
            self.scaled = True
        return kind in SHAPE_ONLY | SCALING | ACTIVATING | {"Lambda", "Activation"}

    def result(self, head: str | None) -> str | None:
        """Returns the output's activation, given that of the layer where the way ends."""
        last = self.activation if self.activation != LINEAR else head
        return None if self.opaque or (self.scaled and last != LINEAR) else last


def head_facts(
    model: Any, graph: Graph | None, place_of: Callable[[object], Place | None]
) -> tuple[HeadFacts, ...]:
    """Describes every output of a model.

    Args:
        model: Any ``keras.Model``.
        graph: Its graph; None lets the last dense or recurrent layer stand for the only
            output, with an unknown activation.
        place_of: Says where in the user's source an object was made.
    """
    if graph is None:
        return (_guessed(model, place_of),)
    heads = []
    for name, tensor in graph.outputs.items():
        layer, activation = _walk_back(graph, tensor, _Walk())
        if layer is None and graph.calls:  # functions of the backend stand behind the last layer
            layer = graph.calls[-1].layer
        heads.append(
            HeadFacts(
                output=name,
                layer=None if layer is None else str(layer.name),
                kind=None if layer is None else type(layer).__name__,
                activation=activation,
                shape=shape_of([tensor]),
                place=None if layer is None else place_of(layer),
            )
        )
    return tuple(heads)


def own_activation(layer: Any) -> str | None:
    """Returns the activation that a layer ends with, None where it can't be known."""
    if isinstance(layer, keras.layers.Bidirectional):
        merged = layer.merge_mode in ("concat", "ave", None)
        return own_activation(layer.forward_layer) if merged else None
    if type(layer) is keras.layers.RNN:
        return own_activation(layer.cell)
    if isinstance(layer, keras.layers.StackedRNNCells):
        return own_activation(layer.cells[-1])
    if not type(layer).call.__module__.startswith("keras."):
        return None
    if hasattr(layer, "activation"):
        return function_name(layer.activation)
    linear = (keras.layers.Embedding, keras.layers.BatchNormalization)
    return LINEAR if isinstance(layer, (*linear, keras.layers.LayerNormalization)) else None


def _walk_back(graph: Graph, tensor: Any, walk: _Walk) -> tuple[Any, str | None]:
    call = graph.producer(tensor)
    if call is None:
        return None, walk.result(None)
    layer, kind = call.layer, type(call.layer).__name__
    before = call.inputs[0] if len(call.inputs) == 1 else None
    stock = str(type(layer).__module__).startswith("keras.")
    if before is not None and stock and walk.pass_by(layer, kind):
        return _walk_back(graph, before, walk)
    if isinstance(layer, keras.Model):
        return _inside(layer, call, tensor, walk)
    if isinstance(layer, keras.layers.TimeDistributed):
        return layer.layer, walk.result(own_activation(layer.layer))
    if not hasattr(layer, "call") or isinstance(layer, keras.layers.InputLayer):
        return layer, walk.result(None)
    return layer, walk.result(own_activation(layer))


def _inside(model: Any, call: Call, tensor: Any, walk: _Walk) -> tuple[Any, str | None]:
    graph = graph_of(model)
    index = next(i for i, made in enumerate(call.outputs) if made is tensor)
    if graph is None or index >= len(graph.outputs):
        return model, walk.result(None)
    return _walk_back(graph, list(graph.outputs.values())[index], walk)


def _guessed(model: Any, place_of: Callable[[object], Place | None]) -> HeadFacts:
    kinds = (keras.layers.Dense, keras.layers.RNN, keras.layers.Bidirectional)
    found = reversed(model._flatten_layers(include_self=False))
    last = next((layer for layer in found if isinstance(layer, kinds)), None)
    return HeadFacts(
        output="output",
        layer=None if last is None else str(last.name),
        kind=None if last is None else type(last).__name__,
        activation=None,
        shape=None,
        place=None if last is None else place_of(last),
    )
