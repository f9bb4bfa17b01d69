"""What the graph of a model shows to be lost on the way from the sequence to the answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TypeVar

from unstuck.case.facts import LayerFacts, ModelFacts

T = TypeVar("T")

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "RNN")
POOLING = ("GlobalAveragePooling1D", "GlobalMaxPooling1D")
"""Layers after which the order of the steps can't be told: they give the same for any order."""
ATTENTION = ("MultiHeadAttention", "Attention", "AdditiveAttention", "GroupQueryAttention")
"""Layers by which a step may see all others."""
SQUASHING = ("sigmoid", "tanh", "softmax", "hard_sigmoid", "softsign")


@dataclasses.dataclass(frozen=True)
class Flaw:
    """A place in the graph where something is lost.

    Attributes:
        layer: The layer that loses it.
        message: What is lost, in a sentence.
        law: Whether it is lost whatever the weights are.
    """

    layer: LayerFacts
    message: str
    law: bool


def flaw(model: ModelFacts) -> Flaw | None:
    """Returns what a model's graph shows to be lost, the surest first; None if nothing is.

    Branched graphs are not judged by their chain: another branch may carry what one loses.
    """
    top = [layer for layer in model.layers if layer.inside is None]
    if any(len(layer.inputs) > 1 for layer in top):
        return None
    pooling = pooled_first((layer.kind, layer) for layer in top)
    if pooling is not None:
        return Flaw(
            pooling,
            f"{pooling.name} gives the same for any order of the steps, and the recurrent layer "
            "behind it has no order left to read.",
            law=True,
        )
    return _bottleneck(top, model) or _repeated(top, model) or _one_way(top, model)


def pooled_first(layers: Iterable[tuple[str, T]]) -> T | None:
    """Returns the layer of a chain that pools over time before the first recurrent one.

    None where no recurrent layer follows, or something that reads order stands in front.

    Args:
        layers: Kinds with their layers, in the order of the data.
    """
    pooling = None
    for kind, layer in layers:
        if kind in RECURRENT:
            return pooling
        if kind.startswith("Conv") or kind in ATTENTION:
            return None
        if kind in POOLING:
            pooling = layer
    return None


def _bottleneck(top: list[LayerFacts], model: ModelFacts) -> Flaw | None:
    heads = {head.layer for head in model.heads}
    for layer in top:
        one = layer.kind == "Dense" and layer.config.get("units") == 1
        if one and layer.name not in heads and layer.config.get("activation") in SQUASHING:
            return Flaw(
                layer,
                f"{layer.name} passes on one number, squashed by {layer.config['activation']}.",
                law=False,
            )
    return None


def _repeated(top: list[LayerFacts], model: ModelFacts) -> Flaw | None:
    if not per_step(model):
        return None
    for layer in top:
        if layer.kind == "RepeatVector":
            return Flaw(
                layer,
                f"{layer.name} hands the same vector to every step, which must hold the whole "
                "sequence.",
                law=False,
            )
    return None


def _one_way(top: list[LayerFacts], model: ModelFacts) -> Flaw | None:
    if not per_step(model) or any(one.kind in ("Bidirectional", *ATTENTION) for one in top):
        return None
    for layer in top:
        if layer.kind in RECURRENT and layer.config.get("return_sequences"):
            return Flaw(
                layer,
                f"{layer.name} reads forwards only: its answer for a step can't use what comes "
                "after it.",
                law=False,
            )
    return None


def per_step(model: ModelFacts) -> bool:
    """Whether a model with one output answers for each step."""
    shapes = [head.shape for head in model.heads if head.shape is not None]
    return len(shapes) == 1 and len(shapes[0]) == 3
