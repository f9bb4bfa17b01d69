"""MSK104: a mask value that the data hold as well."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.findings.xrayed import both, site

from unstuck.case.edits import apply
from unstuck.case.facts import PaddingFacts
from unstuck.case.padding import padding_facts

HEAD = "import keras\nfrom keras import layers\nfrom keras.utils import pad_sequences\n"
BITS = (np.random.default_rng(0).random((64, 12, 1)) < 0.4).astype(float)


def padded(inside: float) -> PaddingFacts:
    return PaddingFacts(0.0, 0.4, 0.0, 0.9, 0.0, True, inside)


def masked(cell, value=0.0, front="InputLayer"):
    return (
        cell("InputLayer", name="x"),
        cell(front, name="front", inputs=("x",)),
        cell("Masking", inputs=("front",), line=4, mask_value=value),
        cell("LSTM", inputs=("masking",), masked=True),
    )


def words(cell, x=BITS, **more):
    padding = padding_facts([np.asarray(x)])
    return {"x": x, "inputs": {"padding": padding}, "layers": masked(cell)} | more


def test_bits_of_which_most_are_hidden(written, cell):
    (found,) = written.judge("MSK104", **words(cell))
    assert (found.severity, found.location.line, found.location.layer) == ("error", 4, "masking")
    rows = BITS[:, :, 0]
    heads = sum(row.argmax() for row in rows if row.any())
    tails = sum(row[::-1].argmax() if row.any() else 12 for row in rows)
    # One of the ends may be padding, the longer one at most; all other zeros are readings.
    readings = rows.size - max(heads, tails)
    hidden = readings - rows.sum()
    assert found.evidence["hidden_steps"].value == pytest.approx(hidden / readings, abs=0.01)


def test_zeros_at_the_other_end_than_the_padding_are_data(written, cell):
    rng = np.random.default_rng(0)
    x = np.zeros((400, 12, 1), np.float32)
    for row, start, gap in zip(x, rng.integers(0, 5, 400), rng.integers(0, 6, 400), strict=True):
        row[start : 12 - gap] = 1.0
    (found,) = written.judge("MSK104", **words(cell, x))
    assert found.severity == "error"
    # Mean gap over what is no padding in front.
    assert found.evidence["hidden_steps"].value == pytest.approx(2 / (12 - 2.5), abs=0.03)


@pytest.mark.parametrize(
    ("more", "severities"),
    [
        ({"skill": 0.95}, ["note"]),
        ({"signal": 0.0}, ["warning"]),
        ({"inputs": {"padding": padded(0.1)}}, ["warning"]),
        ({"inputs": {"padding": padded(0.01)}}, []),
        ({"inputs": {"padding": padded(0.1)}, "skill": 0.9}, []),
    ],
)
def test_it_is_as_grave_as_what_is_hidden(written, cell, more, severities):
    found = written.judge("MSK104", **words(cell) | more)
    assert [one.severity for one in found] == severities


def test_masks_that_hide_padding_only(written, cell):
    assert not written.judge("MSK104", **words(cell, layers=masked(cell, -1.0)))
    # What a layer in front makes of the zeros, the data do not tell.
    assert not written.judge("MSK104", **words(cell, layers=masked(cell, front="Dense")))
    lost = (*masked(cell)[:-1], cell("LSTM", inputs=("masking",), masked=False))
    assert not written.judge("MSK104", **words(cell, layers=lost))


def test_without_runs_at_the_ends_the_cell_tells(written, cell):
    plain = np.random.default_rng(0).normal(size=(64, 12, 3))
    given = words(cell, x=plain, inputs={"padding": PaddingFacts(None)})
    assert not written.judge("MSK104", **given)
    (found,) = written.judge("MSK104", xrays=both(site(masked=0.4)), **given)
    assert found.evidence["hidden_steps"].value == pytest.approx(0.4)


def test_ids_that_start_at_zero(written, cell):
    ids = np.random.default_rng(0).integers(0, 4, (64, 12))
    layers = (
        cell("Embedding", inputs=("x",), line=4, input_dim=4, mask_zero=True),
        cell("LSTM", inputs=("embedding",), masked=True),
    )
    given = {"x": ids, "layers": layers, "inputs": {"padding": PaddingFacts(None)}}
    (found,) = written.judge("MSK104", **given)
    assert found.severity == "error"
    assert found.evidence["hidden_steps"].value == pytest.approx((ids == 0).mean(), abs=1e-4)
    assert found.treatments[0].id == "ids-from-one"
    bare = (dataclasses.replace(layers[0], config={"input_dim": 4}), layers[1])
    assert not written.judge("MSK104", **given | {"layers": bare})


def test_the_free_value_is_given_to_padding_and_mask(written, cell):
    script = f"{HEAD}layers.Masking(0.0)\nx = pad_sequences(raw, padding='post', value=0.0)\n"
    given = words(cell, inputs={"padding": padded(0.5)})
    (found,) = written.judge("MSK104", source=script, **given)
    edited = apply(script, found.treatments[0].edits)
    assert "Masking(-1)" in edited
    assert "value=-1" in edited
    # Padding that is made elsewhere keeps its value, so the mask must keep it too.
    alone = script.splitlines(keepends=True)[:4]
    (found,) = written.judge("MSK104", source="".join(alone), **given)
    assert found.treatments[0].edits == ()
    # Without padding there is nothing to hide.
    (found,) = written.judge("MSK104", source="".join(alone), **words(cell))
    assert "Masking(-1)" in apply("".join(alone), found.treatments[0].edits)
