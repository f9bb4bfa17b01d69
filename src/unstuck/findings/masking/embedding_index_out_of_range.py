"""Token ids that the embedding has no row for."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment


class EmbeddingIndexOutOfRange(Rule):
    """Token ids are negative or reach ``input_dim``.

    ## What it finds
    Ids outside 0..input_dim-1 in the array that an ``Embedding`` reads.

    ## Why LSTMs get this
    A vocabulary of V words needs V + 1 rows when 0 is padding. An id too large raises an error
    with TensorFlow on a CPU and with torch; on JAX and on a GPU it silently gives NaN or another
    row. A negative id is silent everywhere.

    ## How it is measured
    Least and largest id against ``input_dim``.

    ## What proves it
    It is a matter of definition: there is no such row.

    ## What cures it
    ``input_dim = ids.max() + 1``, or map rare words to one id.

    ## False alarms
    None: a lookup layer in front of the embedding is seen and its raw input left alone.

    ## References
    Keras API, ``keras.layers.Embedding``.
    """

    code = "MSK102"
    name = "ids-beyond-the-embedding"
    cause = "embedding_index_out_of_range"
    explains = ("exploding_gradients", "lr_too_high", "no_input_scaling", "no_gradient_clipping")
    weight = 110
    sick = "x = rng.integers(1, 1001, (500, 20)); Embedding(1000, 16)"
    healthy = "x = rng.integers(1, 1000, (500, 20)); Embedding(1000, 16)"

    def examine(
        self, inputs: tuple[ArrayFacts, ...], model: ModelFacts, fit: FitFacts
    ) -> Iterator[Finding]:
        """Compares the ids with the rows of every embedding that reads an input directly."""
        for layer in model.layers:
            array = _read_by(layer, inputs, model)
            rows = layer.config.get("input_dim")
            if array is None or rows is None or array.minimum is None or array.maximum is None:
                continue
            if array.minimum < 0 or array.maximum >= rows:
                yield self._finding(layer, array, int(rows), fit)

    def _finding(self, layer: LayerFacts, array: ArrayFacts, rows: int, fit: FitFacts) -> Finding:
        negative = array.minimum is not None and array.minimum < 0
        fault = f"go down to {array.minimum:g}" if negative else f"reach {array.maximum:g}"
        return self.found(
            f"The ids that {layer.name} looks up {fault}, but it has rows for 0..{rows - 1} only: "
            "depending on the backend that is an error, another row, or NaN.",
            confidence=0.97,
            place=layer.place or fit.place,
            layer=layer.name,
            evidence={
                "least_id": number(array.minimum, "id"),
                "largest_id": number(array.maximum, "id"),
                "input_dim": number(rows, "rows"),
            },
            treatments=[
                Treatment(
                    "renumber-ids",
                    "Number the ids from 0 upwards."
                    if negative
                    else f"Give the Embedding input_dim={int(array.maximum or 0) + 1}, or map ids "
                    "beyond the vocabulary to one id for unknown words.",
                )
            ],
        )


def _read_by(
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
