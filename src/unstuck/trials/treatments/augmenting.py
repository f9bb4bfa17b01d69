"""Layers behind the input that vary each sample in training and do nothing afterwards."""

from __future__ import annotations

from unstuck.case.script import Call, Model, Script
from unstuck.findings.sites import INPUTS, Edits, input_shape
from unstuck.trials.treatments.places import RECURRENT, in_front, section, trained

PASSED = ("Normalization", "Masking")
"""Layers that see the data as they are: what is varied before them has another size, or no longer
the value that is masked. All layers that vary samples pass a mask on."""
READERS = (*RECURRENT, "Bidirectional", "Conv1D")
"""Layers that read sequences of numbers, so that their input has the axes of one."""
IDS = (
    *("Embedding", "CategoryEncoding", "StringLookup", "IntegerLookup", "TextVectorization"),
    *("Hashing", "HashedCrossing", "Tokenizer", "one_hot", "hashing_trick"),
    *("text_to_word_sequence", "texts_to_sequences"),
)
"""Calls of scripts whose inputs are ids of something: the id beside it is something else."""


def varied(script: Script, made: str) -> Edits:
    """Puts a layer in front of the first one that reads the sequences.

    Args:
        script: The script.
        made: The call that makes it, without the section of Keras.
    """
    model = trained(script)
    if model is None or reader(script, model) is None:
        return ()
    layers, imported = section(script, "layers")
    place = in_front(script, model, f"{layers}.{made}", past=PASSED)
    return (*imported, *place) if place else ()


def reader(script: Script, model: Model) -> Call | None:
    """Returns the layer that reads the input, None where that may be no sequence of numbers."""
    ends = [layer for layer in model.layers if layer.kind in INPUTS]
    if len(ends) > 1 or _has_ids(script) or any(_whole(end) for end in ends):
        return None
    first = next((one for one in model.layers if one.kind not in (*INPUTS, *PASSED)), None)
    return first if first is not None and first.kind in READERS else None


def steps(model: Model) -> int | None:
    """Returns how many time steps a sample has, None where that is open or unknown."""
    axes = input_shape(model)
    count = axes[0].value if axes else None
    return count if isinstance(count, int) else None


def _whole(end: Call) -> bool:
    """Whether an input is declared as something else than floating point."""
    return "dtype" in end.arguments and "float" not in str(end.get("dtype").name)


def _has_ids(script: Script) -> bool:
    return any(
        call.kind in IDS or ".imdb." in call.path or ".reuters." in call.path
        for call in (*script.calls, *script.foreign)
    )
