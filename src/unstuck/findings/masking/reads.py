"""Which array of the data a layer reads as it is."""

from __future__ import annotations

from unstuck.case.facts import ArrayFacts, LayerFacts, ModelFacts


def read_by(
    layer: LayerFacts, inputs: tuple[ArrayFacts, ...], model: ModelFacts
) -> ArrayFacts | None:
    """Returns the input array that an embedding reads directly, None if there is none."""
    if layer.kind != "Embedding":
        return None
    named = [array for array in inputs if array.name in layer.inputs]
    if named:
        return named[0]
    # Without a graph, an embedding that is the first layer of a one-input model reads it.
    first = next((item for item in model.layers if item.kind != "InputLayer"), None)
    return inputs[0] if len(inputs) == 1 and first is layer else None
