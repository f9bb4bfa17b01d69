"""MSK105: real numbers that an embedding looks up."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply
from unstuck.observe.outcome import FailureFacts

HEAD = "import numpy as np\nimport keras\nfrom keras import layers\n"
MODEL = "model = keras.Sequential([layers.Embedding(50, 8), layers.LSTM(4), layers.Dense(1)])\n"


def source(made: str) -> str:
    return f"{HEAD}{made}\n{MODEL}model.compile('adam', 'mse')\nmodel.fit(x, y)\n"


@pytest.mark.parametrize(
    "made",
    [
        "x = np.random.rand(100, 10)",
        "x = np.random.normal(size=(100, 10))",
        "rng = np.random.default_rng(0)\nx = rng.uniform(0, 1, (100, 10)).astype('float32')",
        "from sklearn.preprocessing import MinMaxScaler\nx = MinMaxScaler().fit_transform(raw)",
        "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler()\n"
        "x = scaler.fit_transform(raw).reshape(-1, 10)",
    ],
)
def test_what_gives_real_numbers_is_followed(suspected, made):
    (finding,) = suspected("MSK105", source(made))
    assert (finding.severity, finding.level) == ("warning", "suspected")
    assert "Embedding" in source(made).splitlines()[finding.location.line - 1]


@pytest.mark.parametrize(
    "made",
    [
        "x = np.random.randint(0, 50, (100, 10))",
        "x = np.load('x.npy')",
        "x = np.random.default_rng(0).integers(0, 50, (100, 10))",
        "from sklearn.preprocessing import OrdinalEncoder\nx = OrdinalEncoder().fit_transform(raw)",
        "enc = KBinsDiscretizer(encode='ordinal')\nx = enc.fit_transform(raw)",
        "x = keras.utils.pad_sequences(texts)",
    ],
)
def test_ids_are_left_alone(suspected, made):
    assert not suspected("MSK105", source(made))


def test_an_embedding_beside_other_inputs_is_left_alone(suspected):
    script = (
        f"{HEAD}x = np.random.rand(100, 10)\na, b = keras.Input((10,)), keras.Input((10, 1))\n"
        "h = layers.Concatenate()([layers.Embedding(50, 8)(a), b])\n"
        "model = keras.Model([a, b], layers.Dense(1)(layers.LSTM(4)(h)))\n"
        "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
    )
    assert not suspected("MSK105", script)


UNIT = np.random.default_rng(0).uniform(0, 1, (64, 10))


def embedding(cell, **words):
    return (
        cell("Embedding", line=4, inputs=("x",), input_dim=50, output_dim=8, **words),
        cell("LSTM", inputs=("embedding",)),
    )


def test_a_run_that_saw_one_id_only(written, cell):
    script = source("x = np.random.rand(100, 10)")
    layers = (cell("Embedding", line=5, inputs=("x",), input_dim=50, output_dim=8),)
    (found,) = written.judge("MSK105", x=UNIT, layers=layers, source=script)
    assert (found.severity, found.location.line, found.location.layer) == ("error", 5, "embedding")
    assert found.evidence["ids"].value == 1
    edited = apply(script, found.treatments[0].edits)
    assert "[layers.Reshape((10, 1)), layers.LSTM(4)" in edited


@pytest.mark.parametrize(
    ("x", "ids"),
    [(2 * UNIT - 1, 1), (40 * UNIT, 40), (10 * UNIT - 5, 9)],
    ids=["within one of zero", "many", "negative too"],
)
def test_the_ids_are_those_of_a_cast(written, cell, x, ids):
    (found,) = written.judge("MSK105", x=x, layers=embedding(cell))
    assert found.evidence["ids"].value == len(np.unique(x.astype("int32"))) == ids


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ({"skill": 0.9}, "warning"),
        ({"skill": 0.0}, "error"),
        # Where nothing is known of the outcome, the law stands alone.
        ({"skill": None}, "error"),
        ({"skill": 0.9, "failure": FailureFacts("InvalidArgumentError", "indices")}, "error"),
        ({"skill": None, "losses": np.full(60, np.nan)}, "error"),
    ],
)
def test_binning_that_learns_is_a_warning(written, cell, words, severity):
    (found,) = written.judge("MSK105", x=40 * UNIT, layers=embedding(cell), **words)
    assert found.severity == severity


@pytest.mark.parametrize("x", [100 * UNIT, 40 * UNIT - 20])
def test_bins_without_a_row_are_a_fault_whatever_the_run_learns(written, cell, x):
    (found,) = written.judge("MSK105", x=x, layers=embedding(cell), skill=0.9)
    assert found.severity == "error"


@pytest.mark.parametrize(
    "layers",
    [
        lambda cell: (cell("LSTM", inputs=("x",)),),
        # What a layer of lookups makes of the data is seen by no one here.
        lambda cell: (
            cell("IntegerLookup", inputs=("x",)),
            cell("Embedding", inputs=("integer_lookup",), input_dim=50),
        ),
    ],
)
def test_other_readers_are_left_alone(written, cell, layers):
    assert not written.judge("MSK105", x=40 * UNIT, layers=layers(cell))


def test_whole_numbers_in_floats_are_ids(written, cell):
    assert not written.judge("MSK105", x=np.round(40 * UNIT), layers=embedding(cell))
