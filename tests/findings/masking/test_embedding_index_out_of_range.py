"""MSK102: ids beyond the rows of an embedding."""

from __future__ import annotations

import numpy as np
import pytest

from unstuck.case.edits import apply

HEAD = (
    "import numpy as np\nimport keras\nfrom keras import layers\n"
    "from tensorflow.keras.preprocessing.text import Tokenizer\n"
)


def script(before: str, rows: str, more: str = "") -> str:
    return (
        f"{HEAD}{before}\nmodel = keras.Sequential([\n    layers.Embedding({rows}, 8),\n"
        f"{more}    layers.LSTM(4),\n])\n"
    )


@pytest.mark.parametrize(
    ("before", "rows", "severity"),
    [
        ("t = Tokenizer(num_words=500)", "400", "warning"),
        ("t = layers.TextVectorization(max_tokens=500)", "499", "warning"),
        ("t = layers.TextVectorization(500)", "400", "warning"),
        ("data = keras.datasets.imdb.load_data(num_words=5000)", "1000", "warning"),
        ("t = Tokenizer()\nt.fit_on_texts(a)", "len(t.word_index)", "warning"),
        ("t = Tokenizer()\nn = len(t.word_index)", "n", "warning"),
        ("n = len(np.unique(ids))", "n", "note"),
        ("t = Tokenizer(num_words=500)", "500", None),
        ("t = Tokenizer(num_words=500)", "501", None),
        ("t = Tokenizer(num_words=500)", "n", None),
        ("t = Tokenizer()\nn = len(t.word_index) + 1", "n", None),
        ("t = Tokenizer(num_words=500)\nu = Tokenizer(num_words=900)", "500", None),
        ("", "len(letters)", None),
    ],
)
def test_the_rows_against_what_gives_out_the_ids(suspected, before, rows, severity):
    found = suspected("MSK102", script(before, rows))
    assert [finding.severity for finding in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("before", "rows", "cured"),
    [
        ("t = Tokenizer(num_words=500)", "400", "Embedding(500, 8)"),
        ("n = 400\nt = Tokenizer(num_words=500)", "n", "n = 500"),
        (
            "t = Tokenizer()",
            "len(t.word_index)",
            "Embedding(len(t.word_index) + 1, 8)",
        ),
    ],
)
def test_the_source_gets_the_rows_that_it_lacks(suspected, before, rows, cured):
    source = script(before, rows)
    (finding,) = suspected("MSK102", source)
    edited = apply(source, finding.treatments[0].edits)
    assert cured in edited
    assert not suspected("MSK102", edited)


def test_an_embedding_of_positions_is_not_one_of_words(suspected):
    second = "    layers.Embedding(20, 8),\n"
    assert not suspected("MSK102", script("t = Tokenizer(num_words=500)", "500", second))


@pytest.mark.parametrize(
    ("low", "high", "found"), [(0, 49, False), (1, 50, True), (-1, 20, True), (0, 90, True)]
)
def test_ids_in_a_run(written, cell, low, high, found):
    source = script("", "50")
    ids = np.random.default_rng(0).integers(low, high + 1, (64, 9))
    ids[0, :2] = low, high
    layers = (cell("Embedding", line=7, inputs=("x",), input_dim=50, output_dim=8), cell("LSTM"))
    findings = written.judge("MSK102", x=ids, layers=layers, source=source)
    assert [(one.severity, one.location.line) for one in findings] == [("error", 7)] * found
    if found:
        (finding,) = findings
        assert finding.evidence["least_id"].value == low
        assert finding.evidence["largest_id"].value == high
        edited = apply(source, finding.treatments[0].edits)
        # More rows do not help against negative ids.
        assert (f"Embedding({high + 1}, 8)" in edited) is (low >= 0)


def test_an_embedding_behind_a_lookup_is_left_alone(written, cell):
    layers = (
        cell("StringLookup", inputs=("x",)),
        cell("Embedding", inputs=("stringlookup",), input_dim=5),
    )
    assert not written.judge("MSK102", x=np.full((64, 9), 90), layers=layers)
