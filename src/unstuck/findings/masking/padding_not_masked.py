"""Padding that is read as data."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import ArrayFacts, FitFacts, LayerFacts, ModelFacts
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
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
    sick = "x[i, :20] = tokens; Embedding(1000, 16), LSTM(16)"
    healthy = "x[i, :20] = tokens; Embedding(1000, 16, mask_zero=True), LSTM(16)"

    def examine(
        self,
        inputs: tuple[ArrayFacts, ...],
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
    ) -> Iterator[Finding]:
        """Judges every padded input of a run that does not learn."""
        reader = _last_state_reader(model)
        if reader is None or not progress.poor:
            return
        backwards = bool(reader.config.get("go_backwards"))
        for array in inputs:
            steps, share = _padding(array, backwards)
            if share >= COMMON and FORGET**steps < KEPT:
                yield self._finding(array, reader, steps, share, fit)

    def _finding(
        self, array: ArrayFacts, reader: LayerFacts, steps: float, share: float, fit: FitFacts
    ) -> Finding:
        value = array.padding.value if array.padding else 0.0
        return self.found(
            f"{share:.0%} of the sequences end in padding ({value:g}), {steps:.0f} steps on "
            f"average, and no mask reaches {reader.name}: a cell keeps about "
            f"{FORGET**steps:.1g} of what it read before them.",
            confidence=0.9,
            place=reader.place or fit.place,
            layer=reader.name,
            evidence={
                "padded_samples": number(share, "1"),
                "mean_padding": number(steps, "time steps"),
                "state_kept": number(FORGET**steps, "1"),
            },
            treatments=[
                Treatment(
                    "mask-padding",
                    "Mask the padding: mask_zero=True on the Embedding, or a Masking layer with "
                    f"mask_value={value:g} in front of {reader.name}.",
                )
            ],
        )


def _last_state_reader(model: ModelFacts) -> LayerFacts | None:
    """Returns the unmasked recurrent layer whose last state the model uses."""
    if any(layer.kind in POOLING for layer in model.layers):
        return None
    top = [layer for layer in model.layers if layer.kind in RECURRENT and layer.inside is None]
    if not top or any(layer.masked for layer in top):
        return None
    return top[-1]


def _padding(array: ArrayFacts, backwards: bool) -> tuple[float, float]:
    """Returns the mean run of padding before the read-out, in steps, and the share of samples."""
    padding = array.padding
    if padding is None or padding.value is None or len(array.shape) < 2:
        return 0.0, 0.0
    if not padding.lengths_vary or padding.inside_share > NATURAL:
        return 0.0, 0.0
    share = padding.head_share if backwards else padding.tail_share
    samples = padding.head_samples if backwards else padding.tail_samples
    return share * (array.shape[1] or 0), samples
