"""The edit that gives each category values of its own: an Embedding in front of the cell."""

from __future__ import annotations

from unstuck.case.facts import ArrayFacts, LayerFacts
from unstuck.findings.in_front import in_front
from unstuck.findings.sites import Edits, Scripts, keras_name, layer_call

DIMENSIONS = 8
"""Values of each category: room for more kinds of effect than 500 samples show."""


def embedding_edits(layer: LayerFacts, array: ArrayFacts, scripts: Scripts) -> Edits:
    """Returns the edits that look the only feature of an input up in a table.

    Args:
        layer: The recurrent layer that reads the input.
        array: The input.

    Returns:
        Empty where the feature is no code from zero up, or there is no place for the layers.
    """
    call = layer_call(layer, scripts)
    single = len(array.shape) == 3 and array.shape[2] == 1 and array.shape == _read(layer, array)
    if call is None or layer.place is None or not single or not array.integral:
        return ()
    script = scripts[layer.place.file]
    section = keras_name(script, "layers")
    if section is None or array.minimum is None or array.minimum < 0:
        return ()
    kinds = int(array.maximum or 0) + 1
    table = f"{section}.Embedding({kinds}, {DIMENSIONS})"
    shape = f"{section}.Reshape(({array.shape[1]}, {DIMENSIONS}))"
    return in_front(call, script, table, shape)


def _read(layer: LayerFacts, array: ArrayFacts) -> tuple[int | None, ...]:
    """Returns the shape that a layer reads, with the number of samples of the array."""
    return (array.shape[0], *(layer.input_shape or ())[1:])
