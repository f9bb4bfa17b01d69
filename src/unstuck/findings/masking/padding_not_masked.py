"""Padding that is read as data."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Call, Model, Script
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, option_edit
from unstuck.record import Finding, Treatment

FORGET = 0.73
"""Share of its state that a cell keeps at each step at the start: sigmoid(1), the forget gate
with Keras's forget bias of one and no drive from the padding."""
KEPT = 0.2
"""Share of the last real step's state that must survive the padding to be learned from. Below a
fifth the padding has more to say than the sequence."""
NATURAL = 0.2
"""Share of rows inside the sequences that equal the padding; above it the value is part of the
data (a rain gauge reads zero) and a run of it at the end is no padding."""
COMMON = 0.3
"""Share of the samples that must be padded before padding can be why training fails."""
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional")
POOLING = ("GlobalAveragePooling1D", "GlobalMaxPooling1D", "Attention", "Flatten",
           "MultiHeadAttention", "AdditiveAttention")  # fmt: skip
"""Layers that read all steps, so that the last state need not remember the sequence."""


PASSING = (
    *("Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "Activation", "Identity"),
    *("BatchNormalization", "LayerNormalization", "LSTM", "GRU", "SimpleRNN", "Bidirectional"),
)
"""Layers between an embedding and the last state that hand on steps and mask as they are."""
TYPICAL = 0.5
"""Share of ``maxlen`` that is taken for the typical run of padding where only it is known."""


class PaddingNotMasked(Rule):
    """Padding is read as data, so the last state has forgotten the sequence.

    ## What it finds
    Samples that end in a run of one repeated value, of varying length, with no mask at the
    recurrent layer whose last state is used, in a run that does not learn.

    ## Why LSTMs get this
    The layer hands on the state after the last step. With 20 real tokens of 200, the last 180
    steps are padding; at each of them the forget gate multiplies what was there by about 0.73,
    so 0.73^180 of it is left. ``pad_sequences`` pads in front unless told otherwise; many hand-made
    loops pad behind.

    ## How it is measured
    The runs of one value at the ends of the samples; the mask at each recurrent layer; what a
    cell with the initial forget bias keeps over the mean length of the run.

    ## What proves it
    The same run with a mask, or with the padding in front.

    ## What cures it
    ``mask_zero=True`` on the ``Embedding`` (with 0 kept free), a ``Masking`` layer, or padding in
    front.

    ## False alarms
    Padding in front; heads that pool over all steps; runs that learn all the same.

    ## References
    Keras guide, Masking and padding.
    """

    code = "MSK101"
    name = "padding-without-mask"
    cause = "padding_not_masked"
    explains = (
        "vanishing_gradients",
        "too_few_updates",
        "class_imbalance",
        "sequence_too_long",
        "lr_too_low",
    )
    weight = 85
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "texts = [rng.integers(1, 50, rng.integers(3, 9)) for _ in range(400)]\n"
        "y = np.array([text[0] > 25 for text in texts], dtype='float32')\n"
        "x = keras.utils.pad_sequences(texts, maxlen=60, padding='post')\n"
        "model = keras.Sequential([\n"
        "    keras.Input((60,)),\n"
        "    layers.Embedding(50, 8),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='binary_crossentropy')\n"
        "model.fit(x, y, epochs=15, verbose=0)\n"
    )
    healthy = sick.replace("Embedding(50, 8)", "Embedding(50, 8, mask_zero=True)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds last states that lie behind padding which no mask covers."""
        pads = [call for call in script.calls if call.kind == "pad_sequences"]
        if not pads or any(not _pads_behind(call) for call in pads):
            return
        for embedding in dict.fromkeys(
            embedding for model in script.models for embedding in _unmasked(model)
        ):
            yield self._suspected(embedding, pads, script)

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Judges every padded input of a run that does not learn."""
        reader = _last_state_reader(model)
        if reader is None or not progress.poor:
            return
        backwards = bool(reader.config.get("go_backwards"))
        for array in inputs:
            steps, share = padding(array, backwards)
            if share >= COMMON and FORGET**steps < KEPT:
                source = _embedding(reader, model)
                yield self._finding(array, reader, source, steps, share, fit, scripts)

    def _finding(
        self,
        array: ArrayFacts,
        reader: LayerFacts,
        embedding: LayerFacts | None,
        steps: float,
        share: float,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        value = array.padding.value if array.padding else 0.0
        return self.found(
            f"{share:.0%} of the sequences end in padding ({value:g}), {steps:.0f} steps on "
            f"average, and no mask reaches {reader.name}: a cell keeps about "
            f"{FORGET**steps:.1g} of what it read before them.",
            confidence=0.9,
            place=(embedding.place if embedding else None) or reader.place or fit.place,
            layer=reader.name,
            evidence={
                "padded_samples": number(share, "1"),
                "mean_padding": number(steps, "time steps"),
                "state_kept": number(FORGET**steps, "1"),
            },
            treatments=_treatments(value or 0.0, reader, embedding, scripts),
        )

    def _suspected(self, embedding: Call, pads: list[Call], script: Script) -> Finding:
        return self.found(
            "The sequences are padded behind and this Embedding makes no mask, so the last state "
            "is taken after the padding, when it has forgotten most of the sequence.",
            severity="warning",
            level="suspected",
            confidence=0.7,
            place=embedding.place,
            treatments=[
                Treatment(
                    "mask-padding",
                    "Mask the padding: mask_zero=True, with 0 kept free of words.",
                    set_argument(embedding, script, "mask_zero", "True"),
                ),
                Treatment("pad-in-front", _IN_FRONT, _in_front(pads, script)),
            ],
        )


_IN_FRONT = "Pad in front: padding='pre', so that the last steps are those of the sequence."


def _in_front(pads: list[Call], script: Script) -> Edits:
    """Returns the edits that move all padding to the front, none where one can't be moved."""
    edits = [set_argument(call, script, "padding", '"pre"') for call in pads]
    return tuple(dict.fromkeys(edit for part in edits for edit in part)) if all(edits) else ()


def _treatments(
    value: float, reader: LayerFacts, embedding: LayerFacts | None, scripts: Scripts
) -> Iterator[Treatment]:
    maskable = embedding is not None and value == 0
    yield Treatment(
        "mask-padding",
        "Mask the padding: mask_zero=True on the Embedding, or a Masking layer with "
        f"mask_value={value:g} in front of {reader.name}.",
        option_edit(embedding, scripts, "mask_zero", "True") if embedding and maskable else (),
    )
    for script in scripts.values():
        pads = [call for call in script.calls if call.kind == "pad_sequences"]
        if pads and all(_pads_behind(call) for call in pads):
            yield Treatment("pad-in-front", _IN_FRONT, _in_front(pads, script))


def _pads_behind(call: Call) -> bool:
    """Whether sequences are padded at their end, by more than a cell remembers."""
    longest = call.get("maxlen").value
    enough = not isinstance(longest, int) or FORGET ** (TYPICAL * longest) < KEPT
    return call.get("padding", "pre").value == "post" and enough


def _unmasked(model: Model) -> Iterator[Call]:
    """Yields the embeddings without a mask whose steps end in a last state that is used."""
    for layer in model.layers:
        if layer.kind not in ("LSTM", "GRU", "SimpleRNN") or layer.inside is not None:
            continue
        flags = ("return_sequences", "return_state", "go_backwards")
        if any(layer.get(flag, False).value is not False for flag in flags):
            continue
        below = layer.inputs
        while len(below) == 1 and below[0].kind in PASSING:
            below = below[0].inputs
        found = below[0] if len(below) == 1 and below[0].kind == "Embedding" else None
        if found is not None and found.get("mask_zero", False).value is False:
            yield found


def _embedding(reader: LayerFacts, model: ModelFacts) -> LayerFacts | None:
    """Returns the embedding whose mask would reach the last state, None if there is none."""
    layers = {layer.name: layer for layer in model.layers}
    below = reader
    for _ in model.layers:
        if len(below.inputs) != 1 or below.inputs[0] not in layers:
            return None
        below = layers[below.inputs[0]]
        if below.kind == "Embedding":
            return below
        if below.kind not in PASSING:
            return None
    return None


def _last_state_reader(model: ModelFacts) -> LayerFacts | None:
    """Returns the unmasked recurrent layer whose last state the model uses."""
    if any(layer.kind in POOLING for layer in model.layers):
        return None
    top = [layer for layer in model.layers if layer.kind in RECURRENT and layer.inside is None]
    if not top or any(layer.masked for layer in top):
        return None
    return top[-1]


def padding(array: ArrayFacts, backwards: bool) -> tuple[float, float]:
    """Returns the mean run of padding before the read-out, in steps, and the share of samples."""
    runs = array.padding
    if runs is None or runs.value is None or len(array.shape) < 2:
        return 0.0, 0.0
    if not runs.lengths_vary or runs.inside_share > NATURAL:
        return 0.0, 0.0
    share = runs.head_share if backwards else runs.tail_share
    samples = runs.head_samples if backwards else runs.tail_samples
    return share * (array.shape[1] or 0), samples
