"""Every script of the clinic can be read: its model, its training, its recurrent layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from unstuck.case.reading.contract import RECURRENT
from unstuck.case.script import Script

CASES = sorted((Path(__file__).resolve().parents[2] / "clinic" / "cases").glob("*/train.py"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_a_script_of_the_clinic_is_understood(path):
    script = Script.read(path)
    trained = [model for model in script.models if model.fits]
    assert trained
    for model in trained:
        assert model.compile is not None
        assert any(layer.kind in RECURRENT for layer in model.layers)
        assert all(head.activation is not None for head in model.heads)
        lines = path.read_text().split("\n")
        for layer in model.layers:
            called = layer.path.rpartition(".")[2]
            assert called in lines[layer.place.line - 1]
