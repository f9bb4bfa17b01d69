"""What a model puts out and what it is judged by: heads with their activation, and losses."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from unstuck.case.facts import Place
from unstuck.case.reading.models import Model
from unstuck.case.reading.objects import Function, Tensor, tensors
from unstuck.case.reading.values import Call, Reference, Value

RECURRENT = {"LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}
"""Layers whose default activation is tanh."""

_ACTIVATIONS = {
    "Softmax": "softmax",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "PReLU": "prelu",
}
_RESHAPING = {"Reshape", "Flatten", "Permute", "RepeatVector", "Cropping1D", "ZeroPadding1D"}
_QUIET = {"Dropout", "GaussianNoise", "GaussianDropout", "Identity", "SpatialDropout1D"}
_FUNCTIONS = {
    *("softmax", "sigmoid", "relu", "tanh", "linear", "elu", "selu", "softplus", "gelu", "silu"),
    *("exponential", "softsign", "leaky_relu", "hard_sigmoid", "log_softmax"),
}

_LOSS_ALIASES = {
    "bce": "binary_crossentropy",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence",
    "kldivergence": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "huber_loss": "huber",
}
CROSSENTROPIES = {
    "binary_crossentropy",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "binary_focal_crossentropy",
    "categorical_focal_crossentropy",
}
"""Losses that can be told that the output is logits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Loss:
    """A loss as the source names it.

    Attributes:
        name: Keras's snake_case name, or that of the script's own function or class.
        from_logits: None where the loss has no such option or it isn't known.
        custom: Whether it isn't Keras's own.
        call: The call that makes it; None for a name or a function.
        value: The argument of ``compile``, or the part of it.
    """

    name: str
    from_logits: bool | None
    custom: bool
    call: Call | None
    value: Value

    @property
    def place(self) -> Place | None:
        """Where it is written."""
        return self.call.place if self.call is not None else self.value.place


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """One output of a model.

    Attributes:
        layer: The layer that decides the values' range, None where it can't be told.
        activation: The last activation on the way out: "linear" where there is none, None
            where it can't be known. A recurrent layer has its cell's.
        activated_by: The call that sets it, for example ``Activation("softmax")``; else ``layer``.
        reshaped: Whether axes change between layer and activation.
        loss: The loss of this output, None where it isn't known.
    """

    layer: Call | None
    activation: str | None
    activated_by: Call | None
    reshaped: bool = False
    loss: Loss | None = None

    @property
    def units(self) -> int | None:
        """Width of the layer, None where it isn't known."""
        units = None if self.layer is None else self.layer.get("units").value
        return units if isinstance(units, int) else None


def activation_name(value: Value) -> str | None:
    """Returns the activation that an argument denotes, None where that can't be known."""
    content = value.content
    if content is None:
        return "linear"
    if isinstance(content, str):
        return content
    if isinstance(content, Call) and content.kind in _ACTIVATIONS:
        return _ACTIVATIONS[content.kind]
    return content.kind if isinstance(content, Reference | Call) else None


def heads(model: Model) -> tuple[Head, ...]:
    """Returns the outputs of a model, each with its loss."""
    ends = _ends(model)
    losses = _losses(model, len(ends))
    found = []
    for index, tensor in enumerate(ends):
        head = follow(tensor)
        name = None if head.layer is None else head.layer.get("name").content
        loss = losses.get(index, losses.get(name, losses.get(None)))
        found.append(dataclasses.replace(head, loss=loss))
    return tuple(found)


def _ends(model: Model) -> list[Tensor]:
    if model.outputs is not None and not model.stack:
        return list(tensors(model.outputs))
    chain = model.chain()
    # Under "if binary: add(Dense(1)) else: add(Dense(n))" either may be the last layer.
    first = len(chain) - 1
    while first > 0 and model.stack[first].maybe and model.stack[first - 1].maybe:
        first -= 1
    return [t for t in chain[first:-1] if t.call and "units" in t.call.arguments] + chain[-1:]


def follow(tensor: Tensor) -> Head:
    """Goes back from an output to the layer that makes its values."""
    activation: str | None = None
    activated_by: Call | None = None
    reshaped, at = False, tensor
    for _ in range(_FAR):
        call = at.call
        if call is None and at.operator != "index":
            return Head(None, activation, activated_by, reshaped)
        kind = call.kind if call is not None else "index"
        named = _named_activation(call)
        if named == "linear":
            pass  # it only says so, or gives the numbers another type
        elif named is not None and activated_by is None:
            activation, activated_by = named, call
        elif call is not None and not (named or kind in _RESHAPING or kind in _QUIET):
            return _decided(call, activation, activated_by, reshaped)
        elif activated_by is not None and kind in _RESHAPING:
            reshaped = True
        if len(at.inputs) != 1:
            return Head(None, activation, activated_by, reshaped)
        at = at.inputs[0]
    return Head(None, activation, activated_by, reshaped)


_FAR = 20
"""No head has more layers without weights behind it."""


def _named_activation(call: Call | None) -> str | None:
    if call is None:
        return None
    if call.path == "keras.layers.Activation":
        return activation_name(call.get("activation"))
    if call.path.startswith("keras.layers."):
        return _ACTIVATIONS.get(call.kind)
    return call.kind if call.kind in _FUNCTIONS and call.definition is None else None


def _decided(call: Call, activation: str | None, by: Call | None, reshaped: bool) -> Head:
    layer = call
    while layer.kind in ("TimeDistributed", "Bidirectional") and layer.holds:
        layer = layer.holds[0]
    if layer.model is not None:
        inner = heads(layer.model)
        if len(inner) != 1:
            return Head(None, activation, by, reshaped)
        layer = inner[0].layer or layer
        if by is None:
            return dataclasses.replace(inner[0], loss=None)
    if by is None:
        return Head(layer, _own_activation(layer), layer, reshaped)
    return Head(layer, activation, by, reshaped)


def _own_activation(layer: Call) -> str | None:
    if layer.definition is not None or not layer.path.startswith("keras.layers."):
        return None
    default = "tanh" if layer.kind in RECURRENT else None
    if "activation" in layer.arguments or layer.kind in RECURRENT | _WEIGHTED:
        return activation_name(layer.get("activation", default))
    return None


_WEIGHTED = {"Dense", "Conv1D", "Conv2D", "EinsumDense", "SeparableConv1D"}


def model_loss(model: Model) -> Loss | None:
    """Returns the loss of a model that has one for all outputs."""
    return _losses(model, 1).get(None)


def _losses(model: Model, count: int) -> dict[Any, Loss]:
    """Returns the losses by output: None for all, an index, or an output's name."""
    compiled = model.compile
    if compiled is None or (len(model.compiles) > 1 and compiled.maybe):
        return {}
    value = compiled.get("loss")
    parts: dict[Any, Value] = {None: value}
    if isinstance(value.content, list | tuple):
        parts = {None: value.items[0]} if len(value.items) == 1 else dict(enumerate(value.items))
    elif isinstance(value.content, dict):
        parts = dict(value.entries)
        if count == 1 and len(parts) == 1:
            parts = {None: next(iter(parts.values()))}
    named = {key: loss_of(part) for key, part in parts.items()}
    return {key: loss for key, loss in named.items() if loss is not None}


def loss_of(value: Value) -> Loss | None:
    """Returns the loss that an argument denotes, None where that can't be known."""
    content = value.content
    if isinstance(content, str):
        name = loss_name(content)
        return Loss(name, False if name in CROSSENTROPIES else None, False, None, value)
    if isinstance(content, Call) and content.keras:
        return _called_loss(content, value)
    if isinstance(content, Function):
        return Loss(content.kind, None, True, None, value)
    if isinstance(content, Reference):
        keras = content.path.startswith(("keras.losses.", "keras.metrics."))
        name = loss_name(content.kind) if keras else content.kind
        logits = False if keras and name in CROSSENTROPIES else None
        return Loss(name, logits, not keras, None, value)
    return None


def _called_loss(call: Call, value: Value) -> Loss:
    if call.definition is not None:
        return Loss(call.kind, None, True, call, value)
    name = loss_name(call.kind)
    logits = call.get("from_logits", False).value if name in CROSSENTROPIES else None
    return Loss(name, logits if isinstance(logits, bool) else None, False, call, value)


def loss_name(name: str) -> str:
    """Returns Keras's snake_case name for an alias or a class name."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return _LOSS_ALIASES.get(snake, snake)
