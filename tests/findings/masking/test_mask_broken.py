"""MSK103: masks that do not arrive, or hide nothing."""

from __future__ import annotations

import numpy as np
import pytest
from tests.findings.xrayed import both, site

from unstuck.case.edits import apply
from unstuck.case.facts import PaddingFacts

HEAD = "import tensorflow as tf\nimport keras\nfrom keras import layers\n"


def source(*lines: str) -> str:
    inside = "".join(f"    {line},\n" for line in lines)
    return f"{HEAD}model = keras.Sequential([\n    keras.Input((60,)),\n{inside}])\n"


EMBEDDING = "layers.Embedding(50, 8, mask_zero=True)"


@pytest.mark.parametrize(
    ("lines", "blamed"),
    [
        ((EMBEDDING, "layers.Conv1D(8, 3)", "layers.LSTM(4)"), "Conv1D"),
        ((EMBEDDING, "layers.Conv1D(8, 3)", "layers.MaxPooling1D()", "layers.GRU(4)"), "Conv1D"),
        ((EMBEDDING, "layers.Dropout(0.2)", "layers.Reshape((60, 8))", "layers.GRU(4)"), "Resh"),
        ((EMBEDDING, "layers.Lambda(double)", "layers.Bidirectional(layers.LSTM(4))"), "Lambda"),
        (("layers.Masking(-1.0)", "layers.Permute((2, 1))", "layers.LSTM(4)"), "Permute"),
        (("layers.BatchNormalization()", "layers.Masking()", "layers.LSTM(4)"), "Masking"),
        (("layers.Dense(8)", "layers.Dropout(0.1)", "layers.Masking()", "layers.GRU(4)"), "Mask"),
        (("tf.keras.layers.Normalization()", "tf.keras.layers.Masking()",
          "tf.keras.layers.LSTM(4)"), "Masking"),
    ],
)  # fmt: skip
def test_what_the_source_shows(suspected, lines, blamed):
    script = source(*lines)
    (finding,) = suspected("MSK103", script)
    assert (finding.severity, finding.level) == ("warning", "suspected")
    assert blamed in script.splitlines()[finding.location.line - 1]


def test_a_functional_model_and_a_subclass(suspected):
    functional = (
        f"{HEAD}i = keras.Input((60,))\ne = {EMBEDDING}(i)\n"
        "c = layers.Conv1D(8, kernel_size=3)(e)\nm = keras.Model(i, layers.LSTM(4)(c))\n"
    )
    (finding,) = suspected("MSK103", functional)
    assert finding.location.line == 6
    subclass = (
        f"{HEAD}class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.e = {EMBEDDING}\n        self.c = layers.Conv1D(8, 3)\n"
        "        self.r = layers.LSTM(4)\n"
        "    def call(self, x):\n        return self.r(self.c(self.e(x)))\n"
        "model = Net()\nmodel.compile('adam', 'mse')\n"
    )
    (finding,) = suspected("MSK103", subclass)
    assert finding.location.line == 8


@pytest.mark.parametrize(
    "lines",
    [
        (EMBEDDING, "layers.LSTM(4)"),
        (EMBEDDING, "layers.Dense(8)", "layers.BatchNormalization()", "layers.LSTM(4)"),
        ("layers.Embedding(50, 8)", "layers.Conv1D(8, 3)", "layers.LSTM(4)"),
        ("layers.Masking()", "layers.BatchNormalization()", "layers.LSTM(4)"),
        ("layers.Conv1D(8, 3)", "layers.LSTM(4)"),
        # The steps of the decoder are not those of the data.
        (EMBEDDING, "layers.LSTM(4)", "layers.RepeatVector(9)", "layers.LSTM(4)"),
        (EMBEDDING, "layers.LSTM(4, return_sequences=True)", "layers.Conv1D(8, 3)"),
        (EMBEDDING, "layers.Lambda(double, mask=kept)", "layers.LSTM(4)"),
        (EMBEDDING, "Mine()", "layers.LSTM(4)"),
    ],
)
def test_sources_that_are_left_alone(suspected, lines):
    assert not suspected("MSK103", source(*lines))


IDS = np.tile(np.arange(60), (64, 1))
TAIL = PaddingFacts(0.0, tail_share=0.8, tail_samples=0.9, lengths_vary=True)
FRONT = PaddingFacts(0.0, head_share=0.8, head_samples=0.9, lengths_vary=True)


def lost(cell, between="Conv1D"):
    return (
        cell("InputLayer", name="x"),
        cell("Embedding", inputs=("x",), line=6, input_dim=60, mask_zero=True),
        cell(between, name="between", inputs=("embedding",), line=7, masked=True),
        cell("LSTM", inputs=("between",), line=8, masked=False),
    )


def test_a_mask_that_a_layer_lost(written, cell):
    words = {"x": IDS, "inputs": {"padding": TAIL}, "layers": lost(cell)}
    (found,) = written.judge("MSK103", **words)
    assert (found.severity, found.location.line, found.location.layer) == ("error", 7, "between")
    assert found.evidence["padding_read_as_data"].value == pytest.approx(0.8 * 60)
    assert "padding_not_masked" in found.explains
    (learned,) = written.judge("MSK103", skill=0.95, **words)
    assert learned.severity == "note"


@pytest.mark.parametrize(
    ("padding", "severities"),
    [
        (TAIL, ["error"]),
        (FRONT, ["warning"]),
        # A cell remembers across one step.
        (PaddingFacts(0.0, tail_share=0.02, tail_samples=0.9, lengths_vary=True), []),
        (PaddingFacts(0.0, 0.8, 0.0, 0.9, 0.0, True, inside_share=0.5), []),
        (PaddingFacts(None), []),
        (None, ["warning"]),
    ],
)
def test_it_is_as_grave_as_what_is_read(written, cell, padding, severities):
    found = written.judge("MSK103", x=IDS, inputs={"padding": padding}, layers=lost(cell))
    assert [one.severity for one in found] == severities


def test_masks_that_arrive_or_end_rightly(written, cell):
    words = {"x": IDS, "inputs": {"padding": TAIL}}
    embedding = cell("Embedding", inputs=("x",), input_dim=60, mask_zero=True)
    plain = (embedding, cell("LSTM", inputs=("embedding",), masked=True))
    assert not written.judge("MSK103", layers=plain, **words)
    seq2seq = (
        embedding,
        cell("LSTM", name="encoder", inputs=("embedding",), masked=True),
        cell("RepeatVector", name="repeat", inputs=("encoder",), masked=False),
        cell("LSTM", name="decoder", inputs=("repeat",), masked=False),
    )
    assert not written.judge("MSK103", layers=seq2seq, **words)
    unknown = (*lost(cell)[:3], cell("LSTM", inputs=("between",), masked=None))
    assert not written.judge("MSK103", layers=unknown, **words)


def moved(cell, front="BatchNormalization", value=0.0, **config):
    return (
        cell("InputLayer", name="x"),
        cell(front, name="front", inputs=("x",), line=6, **config),
        cell("Masking", inputs=("front",), line=7, mask_value=value),
        cell("LSTM", inputs=("masking",), line=8, masked=True),
    )


SERIES = np.random.default_rng(0).normal(size=(64, 60, 2))


def test_a_value_that_a_layer_in_front_changes(written, cell):
    script = source("layers.BatchNormalization()", "layers.Masking()", "layers.LSTM(4)")
    words = {"x": SERIES, "inputs": {"padding": TAIL}, "layers": moved(cell)}
    (found,) = written.judge("MSK103", source=script, **words)
    assert (found.severity, found.location.line) == ("error", 7)
    swapped = apply(script, found.treatments[0].edits).splitlines()
    assert "Masking" in swapped[5]
    assert "BatchNormalization" in swapped[6]
    seen = both(site(masked=0.0))
    assert written.judge("MSK103", xrays=seen, **words)
    # Where the x-ray sees hidden steps, the value survived.
    assert not written.judge("MSK103", xrays=both(site(masked=0.8)), **words)


def test_chains_on_one_line_are_not_swapped(written, cell):
    script = f"{HEAD}i = keras.Input((60, 2))\n\nb = layers.BatchNormalization()(i)\n"
    script += "m = layers.Masking()(b)\nr = layers.LSTM(4)(m)\n"
    words = {"x": SERIES, "inputs": {"padding": TAIL}, "layers": moved(cell)}
    (found,) = written.judge("MSK103", source=script, **words)
    assert found.treatments[0].edits == ()


@pytest.mark.parametrize(
    ("front", "config", "found"),
    [
        ("Dense", {}, True),
        ("Mine", {}, True),
        ("Rescaling", {"scale": 2.0, "offset": 1.0}, True),
        ("Rescaling", {"scale": 2.0, "offset": 0.0}, False),
        ("Activation", {"activation": "sigmoid"}, True),
        ("Activation", {"activation": "tanh"}, False),
        ("Dropout", {}, False),
        ("ReLU", {}, False),
    ],
)
def test_what_keeps_zero_keeps_the_mask(written, cell, front, config, found):
    layers = moved(cell, front, **config)
    words = {"x": SERIES, "inputs": {"padding": TAIL}, "layers": layers}
    assert bool(written.judge("MSK103", **words)) is found


def test_padding_with_another_value(written, cell):
    script = source("layers.Dropout(0.1)", "layers.Masking(mask_value=0.0)", "layers.LSTM(4)")
    padding = PaddingFacts(-1.0, tail_share=0.8, tail_samples=0.9, lengths_vary=True)
    words = {"x": SERIES, "layers": moved(cell, "Dropout"), "source": script}
    (found,) = written.judge("MSK103", inputs={"padding": padding}, **words)
    assert found.location.line == 7
    assert "mask_value=-1" in apply(script, found.treatments[0].edits)
    scaled = PaddingFacts(-0.5327154, tail_share=0.8, tail_samples=0.9, lengths_vary=True)
    (found,) = written.judge("MSK103", inputs={"padding": scaled}, **words)
    assert found.treatments[0].edits == ()


def test_padding_that_was_scaled_by_feature_is_seen_at_the_cell(written, cell):
    # Rows of (-0.3, 1.2) are no padding to one who compares with one value.
    words = {
        "x": SERIES,
        "inputs": {"padding": PaddingFacts(None)},
        "layers": moved(cell, "Dropout"),
    }
    repeating = site(masked=0.0, steps=60)
    seen = both(repeating.__class__(**{**vars(repeating), "repeated": 0.7}))
    (found,) = written.judge("MSK103", xrays=seen, **words)
    assert found.severity == "error"
    assert found.evidence["padding_read_as_data"].value == pytest.approx(0.7 * 60)
    assert not written.judge("MSK103", xrays=both(repeating), **words)
    assert not written.judge("MSK103", **words)
