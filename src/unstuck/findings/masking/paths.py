"""The way of a mask: the layer that makes it, the layers it passes, the layer that loses it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, LayerFacts, ModelFacts

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D")
STILL = ("InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout",
         "AlphaDropout", "Identity", "ActivityRegularization")  # fmt: skip
"""Layers that hand values on as they are when the model is used."""
KEEPING_ZERO = (*STILL, "ReLU", "LeakyReLU", "ELU", "PReLU", "UnitNormalization")
"""Layers that leave a row of zeros one, beside those that leave every row as it is."""
ENDING = ("RepeatVector", "Flatten", "GlobalAveragePooling1D", "GlobalMaxPooling1D")
"""Layers after which the steps are not those of the data, so that their mask has ended rightly."""
SAME = 1e-6
"""Relative difference within which a float32 in the data is the number that was written."""


@dataclasses.dataclass(frozen=True)
class Way:
    """The layers between one that makes a mask and a recurrent layer that reads behind it.

    Attributes:
        maker: The ``Masking`` or the ``Embedding`` with ``mask_zero``.
        between: What lies between both, the maker's side first.
        reader: The recurrent layer.
    """

    maker: LayerFacts
    between: tuple[LayerFacts, ...]
    reader: LayerFacts

    @property
    def loser(self) -> LayerFacts | None:
        """The layer that a mask reaches and does not leave; None if the mask arrives."""
        if self.reader.masked is not False:
            return None
        reached = [layer for layer in self.between if layer.masked]
        return reached[-1] if reached else None


def ways(model: ModelFacts) -> Iterator[Way]:
    """Yields the way to every recurrent layer that is the first behind something with a mask."""
    for reader in model.layers:
        if reader.kind in RECURRENT:
            yield from _behind(reader, model)


def _behind(reader: LayerFacts, model: ModelFacts) -> Iterator[Way]:
    beside = {layer.name: layer for layer in model.layers if layer.inside == reader.inside}
    paths: list[tuple[LayerFacts, ...]] = [
        (beside[name],) for name in reader.inputs if name in beside
    ]
    seen = set()
    while paths:
        path = paths.pop(0)
        first = path[0]
        if first.name in seen or first.kind in (*RECURRENT, *ENDING):
            continue
        seen.add(first.name)
        if hidden_value(first) is not None:
            yield Way(first, path[1:], reader)
            continue
        paths += [(beside[name], *path) for name in first.inputs if name in beside]


def hidden_value(layer: LayerFacts) -> float | None:
    """Returns the value that a layer hides; None for a layer that makes no mask."""
    if layer.kind == "Masking":
        value = layer.config.get("mask_value", 0.0)
        return float(value) if isinstance(value, int | float) else None
    return 0.0 if layer.kind == "Embedding" and layer.config.get("mask_zero") else None


def changing(maker: LayerFacts, model: ModelFacts) -> LayerFacts | None:
    """Returns the last layer in front of a maker that changes the value which it hides."""
    keeping = KEEPING_ZERO if hidden_value(maker) == 0 else STILL
    for layer in _chain(maker, model):
        zero = hidden_value(maker) == 0 and _keeps_zero(layer)
        if layer.kind not in keeping and not zero:
            return layer
    return None


def array_before(
    maker: LayerFacts, inputs: tuple[ArrayFacts, ...], model: ModelFacts
) -> ArrayFacts | None:
    """Returns the array of the data that a maker reads through a chain of layers."""
    chain = [maker, *_chain(maker, model)]
    named = {name for layer in chain for name in (layer.name, *layer.inputs)}
    found = [array for array in inputs if array.name in named]
    if found:
        return found[0]
    return inputs[0] if len(inputs) == 1 and len(chain[-1].inputs) == 0 else None


def _chain(layer: LayerFacts, model: ModelFacts) -> Iterator[LayerFacts]:
    """Yields the layers in front of a layer, nearest first, as long as there is one way only."""
    beside = {one.name: one for one in model.layers if one.inside == layer.inside}
    for _ in model.layers:
        if len(layer.inputs) != 1 or layer.inputs[0] not in beside:
            return
        layer = beside[layer.inputs[0]]
        yield layer


def _keeps_zero(layer: LayerFacts) -> bool:
    if layer.kind == "Activation":
        return layer.config.get("activation") in ("relu", "tanh", "linear", "elu", "selu")
    return layer.kind == "Rescaling" and layer.config.get("offset") in (0, 0.0)


def same(one: float, other: float) -> bool:
    """Whether two numbers are one, up to float32."""
    return abs(one - other) <= SAME * max(1.0, abs(one), abs(other))
