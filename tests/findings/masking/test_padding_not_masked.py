"""MSK101: padding that no mask covers."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply
from unstuck.case.facts import PaddingFacts

HEAD = "import keras\nfrom keras import layers\nfrom keras.utils import pad_sequences\n"
PAD = "x = pad_sequences(texts, maxlen=100, padding='post')\n"


def source(*layers: str, pad: str = PAD) -> str:
    inside = "".join(f"    {layer},\n" for layer in layers)
    return f"{HEAD}{pad}model = keras.Sequential([\n{inside}])\n"


PLAIN = ("layers.Embedding(50, 8)", "layers.LSTM(4)", "layers.Dense(1)")


@pytest.mark.parametrize(
    "layers",
    [
        PLAIN,
        ("keras.Input((100,))", *PLAIN),
        ("layers.Embedding(50, 8)", "layers.SpatialDropout1D(0.2)", "layers.GRU(4)"),
        ("layers.Embedding(50, 8)", "layers.LSTM(4, return_sequences=True)", "layers.LSTM(4)"),
        ("layers.Embedding(50, 8, mask_zero=False)", "layers.LSTM(4)"),
    ],
)
def test_a_last_state_behind_padding_is_found_and_cured(suspected, layers):
    script = source(*layers)
    (finding,) = suspected("MSK101", script)
    assert (finding.severity, finding.level) == ("warning", "suspected")
    assert "Embedding" in script.splitlines()[finding.location.line - 1]
    assert [treatment.id for treatment in finding.treatments] == ["mask-padding", "pad-in-front"]
    for treatment in finding.treatments:
        assert treatment.edits
        assert not suspected("MSK101", apply(script, treatment.edits))


@pytest.mark.parametrize(
    "script",
    [
        source(*PLAIN, pad="x = pad_sequences(texts, maxlen=100)\n"),
        source(*PLAIN, pad="x = pad_sequences(texts, maxlen=100, padding='pre')\n"),
        source(*PLAIN, pad="x = pad_sequences(texts, maxlen=100, padding=side)\n"),
        source(*PLAIN, pad=""),
        # A cell remembers over a few steps.
        source(*PLAIN, pad="x = pad_sequences(texts, maxlen=8, padding='post')\n"),
        # Decoder targets are padded behind, encoder inputs in front.
        source(*PLAIN, pad=PAD + "z = pad_sequences(texts)\n"),
        source("layers.Embedding(50, 8, mask_zero=True)", "layers.LSTM(4)"),
        source("layers.Embedding(50, 8, mask_zero=chosen)", "layers.LSTM(4)"),
        source("layers.Embedding(50, 8)", "layers.LSTM(4, go_backwards=True)"),
        source("layers.Embedding(50, 8)", "layers.Bidirectional(layers.LSTM(4))"),
        source("layers.Embedding(50, 8)", "layers.LSTM(4, return_sequences=True)",
               "layers.GlobalMaxPooling1D()"),
        source("layers.Embedding(50, 8)", "layers.GlobalAveragePooling1D()"),
        source("layers.Embedding(50, 8)", "layers.Masking()", "layers.LSTM(4)"),
    ],
)  # fmt: skip
def test_other_scripts_are_left_alone(suspected, script):
    assert not suspected("MSK101", script)


TAIL = PaddingFacts(0.0, tail_share=0.8, tail_samples=0.9, lengths_vary=True)
IDS = np.tile(np.arange(50), (64, 1))


def test_a_run_that_forgot(written, cell):
    script = source(*PLAIN)
    layers = (
        cell("Embedding", line=6, inputs=("x",), input_dim=50, output_dim=8),
        cell("LSTM", line=7, inputs=("embedding",), units=4),
    )
    words = {"x": IDS, "inputs": {"padding": TAIL}, "layers": layers}
    (found,) = written.judge("MSK101", source=script, **words)
    assert (found.severity, found.location.line, found.location.layer) == ("error", 6, "lstm")
    assert found.evidence["mean_padding"].value == pytest.approx(0.8 * 50)
    assert found.evidence["state_kept"].value == pytest.approx(0.73**40, rel=1e-4)
    masked, in_front = found.treatments
    assert "Embedding(50, 8, mask_zero=True)" in apply(script, masked.edits)
    assert "padding='pre'" in apply(script, in_front.edits)
    assert not written.judge("MSK101", skill=0.97, **words)


@pytest.mark.parametrize(
    ("padding", "masked"),
    [
        (PaddingFacts(0.0, tail_share=0.8, tail_samples=0.9, lengths_vary=True), True),
        # A state survives a step or two.
        (PaddingFacts(0.0, tail_share=0.04, tail_samples=0.9, lengths_vary=True), False),
        # A rain gauge reads zero also between the ends.
        (PaddingFacts(0.0, 0.8, 0.0, 0.9, 0.0, True, inside_share=0.5), False),
        (PaddingFacts(0.0, 0.8, 0.0, 0.9, 0.0, lengths_vary=False), False),
        (PaddingFacts(0.0, head_share=0.8, head_samples=0.9, lengths_vary=True), False),
        (PaddingFacts(None), False),
    ],
)
def test_padding_that_does_no_harm(written, cell, padding, masked):
    layers = (cell("LSTM", masked=masked),)
    assert not written.judge("MSK101", x=IDS, inputs={"padding": padding}, layers=layers)


def test_pooling_reads_all_steps(written, cell):
    layers = (cell("LSTM", return_sequences=True), cell("GlobalMaxPooling1D"))
    assert not written.judge("MSK101", x=IDS, inputs={"padding": TAIL}, layers=layers)


def test_padding_with_another_value_is_not_masked_by_the_embedding(written, cell):
    layers = (
        cell("Embedding", line=6, inputs=("x",), input_dim=50, output_dim=8),
        cell("LSTM", line=7, inputs=("embedding",), units=4),
    )
    tail = PaddingFacts(7.0, tail_share=0.8, tail_samples=0.9, lengths_vary=True)
    words = {"x": IDS, "inputs": {"padding": tail}, "layers": layers}
    (found,) = written.judge("MSK101", source=source(*PLAIN), **words)
    assert found.treatments[0].edits == ()
    assert "mask_value=7" in found.treatments[0].summary
