"""How wide and how deep the recurrent part of a model is."""

from __future__ import annotations

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.case.script import Call, Model

RECURRENT = ("LSTM", "GRU", "SimpleRNN")


def recurrent_layers(model: ModelFacts) -> tuple[LayerFacts, ...]:
    """Returns the recurrent layers in the order of the data; of a wrapper, the one forwards."""
    found = [layer for layer in model.layers if layer.kind in RECURRENT]
    return tuple(layer for layer in found if not layer.config.get("go_backwards"))


def narrowest(model: ModelFacts) -> tuple[LayerFacts, int] | None:
    """Returns the recurrent layer with the fewest units, and how many it puts out a step.

    One that is itself the head has as many units as there are outputs, which is no choice.
    """
    heads = {head.layer for head in model.heads}
    widths = [
        (layer, width)
        for layer in recurrent_layers(model)
        if layer.name not in heads and (width := _width(layer, model)) is not None
    ]
    return min(widths, key=lambda pair: pair[1], default=None)


def hidden_recurrent(model: Model) -> tuple[Call, ...]:
    """Returns the recurrent layers of a source whose states other layers read."""
    found = [layer for layer in model.layers if layer.kind in RECURRENT]
    last = model.layers[-1] if model.layers else None
    return tuple(layer for layer in found if layer is not last and layer.inside is not last)


def _width(layer: LayerFacts, model: ModelFacts) -> int | None:
    units = layer.config.get("units")
    if not isinstance(units, int):
        return None
    holder = next((one for one in model.layers if one.name == layer.inside), None)
    if holder is None or holder.kind != "Bidirectional":
        return units
    return 2 * units if holder.config.get("merge_mode", "concat") == "concat" else units
