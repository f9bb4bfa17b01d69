"""What the model is: its layers in the order of the data, and where masks go."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import keras

from unstuck.case.config import config_of
from unstuck.case.facts import LayerFacts, ModelFacts, Place
from unstuck.case.graph import Graph, kind_of, shape_of
from unstuck.case.heads import head_facts
from unstuck.case.masks import any_of, mask_flow
from unstuck.case.symbolic import drawn_graph, graph_of

PlaceOf = Callable[[object], Place | None]


def model_facts(model: Any, place_of: PlaceOf = lambda _: None) -> ModelFacts:
    """Describes a model without changing it.

    A subclassed model that has not been built yet shows its layers in the order in which
    they were created, with unknown shapes; after its first step it shows everything.

    Args:
        model: Any ``keras.Model``.
        place_of: Says where in the user's source an object was made.
    """
    graph = graph_of(model)
    return ModelFacts(
        name=str(model.name),
        kind=kind_of(model),
        layers=tuple(_model_layers(model, graph, place_of, masked=False)),
        heads=head_facts(model, graph, place_of),
        parameters=_count(model.weights),
        trainable_parameters=_count(model.trainable_weights),
        place=place_of(model),
    )


@dataclasses.dataclass(frozen=True)
class _Seat:
    """Where a layer sits: in which holder, behind which layers, and with a mask or not."""

    inside: str | None = None
    inputs: tuple[str, ...] = ()
    masked: bool | None = None
    input_shape: tuple[int | None, ...] | None = None
    output_shape: tuple[int | None, ...] | None = None


def _model_layers(
    model: Any,
    graph: Graph | None,
    place_of: PlaceOf,
    *,
    inside: str | None = None,
    masked: bool | None,
) -> Iterator[LayerFacts]:
    seats = {} if graph is None else _seats(graph, inside, masked)
    for layer, seat in seats.values():
        yield from _layer(layer, seat, place_of)
    for layer in _own_layers(model):
        if id(layer) not in seats:
            yield from _layer(layer, _Seat(inside), place_of)


def _layer(layer: Any, seat: _Seat, place_of: PlaceOf) -> Iterator[LayerFacts]:
    yield LayerFacts(
        name=str(layer.name),
        kind=type(layer).__name__,
        # A model's own configuration repeats all of its layers, which follow anyway.
        config={} if isinstance(layer, keras.Model) else config_of(layer),
        input_shape=seat.input_shape,
        output_shape=seat.output_shape,
        inputs=seat.inputs,
        inside=seat.inside,
        parameters=_count(getattr(layer, "weights", ())),
        trainable=bool(getattr(layer, "trainable", True)),
        masked=seat.masked,
        stock=is_stock(layer),
        place=place_of(layer),
    )
    if isinstance(layer, keras.Model) or (isinstance(layer, keras.Layer) and not is_stock(layer)):
        graph = graph_of(layer) if isinstance(layer, keras.Model) else drawn_graph(layer)
        yield from _model_layers(layer, graph, place_of, inside=str(layer.name), masked=seat.masked)
        return
    for part in _wrapped(layer):
        inner = _Seat(inside=str(layer.name), masked=seat.masked)
        yield from _layer(part, inner, place_of)


def is_stock(layer: Any) -> bool:
    """Says whether the class is Keras's own."""
    return str(type(layer).__module__).startswith("keras.")


def _wrapped(layer: Any) -> list[Any]:
    if isinstance(layer, keras.layers.Bidirectional):
        return [layer.forward_layer, layer.backward_layer]
    if isinstance(layer, keras.layers.Wrapper):
        return [layer.layer]
    if isinstance(layer, keras.layers.StackedRNNCells):
        return list(layer.cells)
    if type(layer) is keras.layers.RNN:  # LSTM and its like are one with their cell
        return [layer.cell]
    return []


def _own_layers(model: Any) -> list[Any]:
    return list(model._flatten_layers(include_self=False, recursive=False))


def _seats(graph: Graph, inside: str | None, entry: bool | None) -> dict[int, tuple[Any, _Seat]]:
    """Seats every layer by its first call; a later call of a shared layer adds its inputs."""
    seats: dict[int, tuple[Any, _Seat]] = {}
    makers = {id(made): call for call in graph.calls for made in call.outputs}
    for call, (arriving, _) in zip(graph.calls, mask_flow(graph, entry), strict=True):
        sources = [makers[id(read)] for read in call.inputs if id(read) in makers]
        inputs = tuple(dict.fromkeys(str(source.layer.name) for source in sources))
        seat = _Seat(inside, inputs, arriving, shape_of(call.inputs), shape_of(call.outputs))
        if id(call.layer) in seats:
            first = seats[id(call.layer)][1]
            known = tuple(dict.fromkeys(first.inputs + inputs))
            seat = dataclasses.replace(first, inputs=known, masked=any_of((first.masked, arriving)))
        seats[id(call.layer)] = (call.layer, seat)
    return seats


def _count(weights: Any) -> int:
    return sum(math.prod(weight.shape) for weight in weights)
