from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest

from unstuck.report import json as document

CELLS = (
    "%matplotlib inline\nimport keras\nimport numpy as np\nfrom keras import layers\n",
    "!ls -l data.npz\nkeras.utils.set_random_seed(1)\nx, y = np.load('data.npz').values()\n"
    "display(x.shape)",
    "model = keras.Sequential([keras.Input((6, 2)), layers.LSTM(16), layers.Dense(1)])\n"
    'model.compile(optimizer=keras.optimizers.Adam(1e-7), loss="mse")  # from a recipe\n',
    "%%time\nmodel.fit(x[:400], y[:400], batch_size=8, epochs=15, verbose=0)",
    "print('loss', model.evaluate(x[400:], y[400:], verbose=0))",
)


@pytest.fixture
def notebook(tmp_path, write):
    """A notebook in a folder of its own, with outputs, as Jupyter writes it."""
    title = {"cell_type": "markdown", "metadata": {}, "source": ["# Vorhersage für morgen"]}
    code = [
        {"cell_type": "code", "execution_count": number, "metadata": {"tags": ["keep"]},
         "outputs": [{"name": "stdout", "output_type": "stream", "text": ["as it was\n"]}],
         "source": text.splitlines(keepends=True)}
        for number, text in enumerate(CELLS, 1)
    ]  # fmt: skip
    book = {"cells": [title, *code], "metadata": {"b": 1, "a": 2}, "nbformat": 4}
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500, 6, 2)).astype("float32")
    path = write("books/train.ipynb", json.dumps(book, indent=1, ensure_ascii=False) + "\n")
    np.savez(path.with_name("data.npz"), x=x, y=x[:, -2:, 0].sum(axis=1))
    return path


@pytest.mark.slow
def test_the_cell_at_fault_is_changed_and_nothing_else_of_the_notebook(python, notebook, tmp_path):
    before = notebook.read_text()
    ended = python(
        *("-m", "unstuck", "fix", "--apply", "--output", "cured.ipynb", "--json", "fix.json"),
        *("--budget", "15min", "books/train.ipynb"),
    )
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[:2] == [f"{sign} books/train.ipynb:cell 3" for sign in ("---", "+++")]
    (old,) = [line[1:] for line in lines[2:] if line.startswith("-")]
    (new,) = [line[1:] for line in lines[2:] if line.startswith("+")]
    assert old in CELLS[2]
    assert "# from a recipe" in new
    after = before.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
    assert after != before
    assert notebook.read_text() == (tmp_path / "cured.ipynb").read_text() == after
    assert notebook.with_name("train.ipynb.orig").read_text() == before
    assert sorted(path.name for path in notebook.parent.iterdir()) == [
        *("data.npz", "train.ipynb", "train.ipynb.orig")
    ]
    told = json.loads((tmp_path / "fix.json").read_text())
    jsonschema.validate(told, document.schema())
    place = {"file": f"{notebook}:cell 3", "line": 2}
    assert told["findings"][0]["location"].items() >= place.items()
    assert told["findings"][0]["treatments"][0]["edits"][0]["line"] == 2
    assert told["fits"][0]["location"].items() >= {"file": f"{notebook}:cell 4", "line": 2}.items()
    assert f"{notebook}:cell 3:2" in ended.stderr
    assert "loss 0." in told["fix"]["alone"]["output"]


def test_code_that_is_not_python_is_told_by_its_cell(python, notebook):
    notebook.write_text(notebook.read_text().replace("import keras\\n", "import keras as\\n"))
    ended = python("-m", "unstuck", "fix", "books/train.ipynb")
    assert ended.returncode == 2
    assert "cell 1, line 2" in ended.stderr
