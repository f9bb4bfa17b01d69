"""Token ids that the embedding has no row for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Call, Script
from unstuck.findings.masking.reads import read_by
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, argument_edit, layer_call
from unstuck.record import Finding, Treatment

VOCABULARIES = {
    "Tokenizer": "num_words",
    "TextVectorization": "max_tokens",
    "StringLookup": "max_tokens",
    "IntegerLookup": "max_tokens",
    "load_data": "num_words",
    "one_hot": "1",
}
"""What gives ids to words, and its argument that bounds them: the largest id is one less."""


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
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "words = 50\n"
        "x = rng.integers(0, 60, (256, 8))\n"
        "y = (x[:, 0] > 25).astype('float32')\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8,)),\n"
        "    layers.Embedding(words, 8),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='binary_crossentropy')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("words = 50", "words = 60")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Compares the rows of the only embedding with what gives out the ids."""
        embeddings = {layer.node: layer for layer in script.layers() if layer.kind == "Embedding"}
        # With several, one may be for positions or for another language.
        if len(embeddings) != 1:
            return
        (layer,) = embeddings.values()
        yield from self._counted(layer, script)
        words, rows = _vocabulary(script), layer.get("input_dim").value
        if words is not None and isinstance(rows, int) and rows < words:
            yield self._too_few(layer, rows, words, script)

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Compares the ids with the rows of every embedding that reads an input directly."""
        for layer in model.layers:
            array = read_by(layer, inputs, model)
            rows = layer.config.get("input_dim")
            if array is None or rows is None or array.minimum is None or array.maximum is None:
                continue
            if array.minimum < 0 or array.maximum >= rows:
                edits = _rows_edit(layer, array, scripts)
                yield self._finding(layer, array, int(rows), fit, edits)

    def _finding(
        self, layer: LayerFacts, array: ArrayFacts, rows: int, fit: FitFacts, edits: Edits
    ) -> Finding:
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
                    edits,
                )
            ],
        )

    def _too_few(self, layer: Call, rows: int, words: int, script: Script) -> Finding:
        return self.found(
            f"The vocabulary gives ids up to {words - 1}, but the Embedding has rows for "
            f"0..{rows - 1} only.",
            severity="warning",
            level="suspected",
            confidence=0.8,
            place=layer.place,
            evidence={
                "largest_id": number(words - 1, "id"),
                "input_dim": number(rows, "rows"),
            },
            treatments=[
                Treatment(
                    "renumber-ids",
                    f"Give the Embedding input_dim={words}, or keep fewer words.",
                    argument_edit(layer, script, "input_dim", str(words)),
                )
            ],
        )

    def _counted(self, layer: Call, script: Script) -> Iterator[Finding]:
        """Finds rows that are counted: as many as there are words, or distinct ids."""
        node = layer.get("input_dim").node
        counted = _argument_of_len(node)
        words = isinstance(counted, ast.Attribute) and counted.attr in ("word_index", "index_word")
        distinct = isinstance(counted, ast.Call) and _last_name(counted.func) in ("unique", "set")
        if not words and not distinct:
            return
        assert node is not None
        given = ast.unparse(node)
        # Ids that were numbered from 0 without a gap may be counted.
        yield self.found(
            f"The Embedding has {given} rows, but a tokenizer numbers its words from 1: the last "
            "id is beyond them."
            if words
            else f"The Embedding has {given} rows: an id beyond the number of ids that occur, "
            "as after a gap or a start at 1, has none.",
            severity="warning" if words else "note",
            level="suspected",
            confidence=0.85 if words else 0.4,
            place=layer.get("input_dim").place or layer.place,
            treatments=[
                Treatment(
                    "renumber-ids",
                    "Add one row for the id 0." if words else "Use the largest id plus one.",
                    set_argument(layer, script, "input_dim", f"{given} + 1") if words else (),
                )
            ],
        )


def _rows_edit(layer: LayerFacts, array: ArrayFacts, scripts: Scripts) -> Edits:
    """Returns the edit that gives an embedding rows for all ids, if none is negative."""
    call = layer_call(layer, scripts)
    if call is None or layer.place is None or array.minimum is None or array.minimum < 0:
        return ()
    rows = str(int(array.maximum or 0) + 1)
    return argument_edit(call, scripts[layer.place.file], "input_dim", rows)


def _vocabulary(script: Script) -> int | None:
    """Returns the bound of the ids that the script gives out, None where it isn't the only one."""
    bounds = [
        call.get(VOCABULARIES[call.kind]).value
        for call in script.calls
        if call.kind in VOCABULARIES and call.path.startswith("keras.")
    ]
    known = set(bounds)
    bound = known.pop() if len(known) == 1 else None
    return bound if isinstance(bound, int) else None


def _argument_of_len(node: ast.AST | None) -> ast.expr | None:
    if isinstance(node, ast.Call) and _last_name(node.func) == "len" and len(node.args) == 1:
        return node.args[0]
    return None


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
