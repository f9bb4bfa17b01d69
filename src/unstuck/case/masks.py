"""Where the masks of padded sequences go: which calls one reaches, and which let it through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import keras

from unstuck.case.graph import Call, Graph
from unstuck.case.symbolic import graph_of

Known = bool | None


def mask_flow(graph: Graph, entry: Known) -> Iterator[tuple[Known, Known]]:
    """Yields, for each call of a graph, whether a mask arrives at it and whether one leaves it.

    Args:
        graph: The calls, each after those that it reads.
        entry: Whether the inputs of the graph carry a mask.
    """
    masks: dict[int, Known] = {}
    for call in graph.calls:
        arriving = _arriving(call, masks, entry)
        leaving = _leaving(call.layer, arriving)
        masks.update({id(made): True if _marked(made) else leaving for made in call.outputs})
        yield arriving, masks[id(call.outputs[0])] if call.outputs else leaving


def any_of(masks: Iterable[Known]) -> Known:
    """Returns True if one is, None if one may be, else False."""
    known = list(masks)
    return True if True in known else (None if None in known else False)


def _arriving(call: Call, masks: dict[int, Known], entry: Known) -> Known:
    if call.arguments.get("mask") is not None:
        return True
    if not call.inputs:  # an InputLayer hands on what the graph was given
        return entry
    return any_of(True if _marked(read) else masks.get(id(read), entry) for read in call.inputs)


def _marked(tensor: Any) -> bool:
    return getattr(tensor, "_keras_mask", None) is not None


def _leaving(layer: Any, arriving: Known) -> Known:
    """Says whether a mask leaves a layer; Keras drops it where a layer doesn't support masks."""
    if getattr(layer, "mask_zero", False) or isinstance(layer, keras.layers.Masking):
        return True
    if isinstance(layer, keras.layers.InputLayer):
        return arriving
    if isinstance(layer, keras.Model):
        return _through_model(layer, arriving)
    if arriving is False or not getattr(layer, "supports_masking", False):
        return False
    if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional):
        return arriving if layer.return_sequences else False
    overrides = type(layer).compute_mask is not keras.layers.Layer.compute_mask
    return None if overrides and not isinstance(layer, keras.layers.TimeDistributed) else arriving


def _through_model(model: Any, arriving: Known) -> Known:
    graph = graph_of(model)
    if graph is None:
        return None
    last = graph.producer(next(iter(graph.outputs.values())))
    flow = zip(graph.calls, mask_flow(graph, arriving), strict=True)
    return next((leaving for call, (_, leaving) in flow if call is last), None)
