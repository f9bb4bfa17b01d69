"""Notebooks are read like scripts; lines are told by cell."""

from __future__ import annotations

import json

import pytest

from unstuck.case.facts import Place
from unstuck.case.notebook import plain_python
from unstuck.case.script import Script
from unstuck.errors import UsageError


def notebook(tmp_path, *sources, **cell):
    cells = [{"cell_type": "markdown", "source": ["# not code\n", "x = ("]}]
    cells += [{"cell_type": "code", "source": source, **cell} for source in sources]
    path = tmp_path / "train.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}), encoding="utf-8")
    return path


def test_cells_are_one_script(tmp_path):
    path = notebook(
        tmp_path,
        ["%matplotlib inline\n", "import keras\n", "n = 3"],
        "!pip install keras\nfiles = !ls\nmodel = keras.Sequential()\nmodel.add(\n"
        "    keras.layers.LSTM(n)\n)\nmodel.summary?",
        ["%%bash\n", "echo )\n"],
        "%%time\nmodel.compile('adam', 'mse')\nmodel.fit(x, y)",
    )
    script = Script.read(path)
    (model,) = script.models
    assert model.layers[0].get("units").value == 3
    assert model.compile is not None
    assert script.ends_in_fit
    assert script.where(model.layers[0].line) == Place(f"{path}:cell 2", 5)
    assert script.where(model.compile.line) == Place(f"{path}:cell 4", 2)
    sources = script.sources()
    assert list(sources) == [f"{path}:cell {number}" for number in (1, 2, 3, 4)]
    assert sources[f"{path}:cell 2"].split("\n")[4] == "    keras.layers.LSTM(n)"


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("x = 5 % 3", "x = 5 % 3"),
        ("x = (5\n% 3)", "x = (5\n% 3)"),
        ("if a:\n    %time f()\nb()", "if a:\n    pass\nb()"),
        ("%%capture out\nx = 1", "pass\nx = 1"),
        ("%%javascript\nalert(1)\n", "\n\n"),
        ("# what?\n!ls", "# what?\npass"),
        ("!run --a \\\n  --b \\\n --c\nx = 1", "pass\n\n\nx = 1"),
        ("files = !ls \\\n -l\nx = 1", "files = None\n\nx = 1"),
        ("x = 1 + \\\n  2\n!ls", "x = 1 + \\\n  2\npass"),
        ("  x = 1\n  if x:\n    y = 2\n", "x = 1\nif x:\n  y = 2\n"),
        ("\n\tx = 1\n\t!ls", "\nx = 1\npass"),
        (" def f():\n   return 1\nf()", "def f():\n  return 1\nf()"),
    ],
)
def test_magics_are_replaced_line_by_line(cell, plain):
    assert plain_python(cell) == plain


def test_errors_name_the_cell(tmp_path):
    path = notebook(tmp_path, "x = 1", "y = 2\nz = = 3")
    with pytest.raises(UsageError, match=r"cell 2, line 2"):
        Script.read(path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"cells": [{"cell_type": "code"}]}'])
def test_what_is_not_a_notebook_is_a_usage_error(text, tmp_path):
    path = tmp_path / "train.ipynb"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"train\.ipynb"):
        Script.read(path)
