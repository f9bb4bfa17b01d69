"""Sources of cells are replaced inside a notebook's JSON, and nothing else of it changes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from unstuck.case.cells import with_sources
from unstuck.case.notebook import cell_of, cell_sources, name_of

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
sources = texts | st.lists(texts, max_size=4)
cells = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown"]), "source": sources},
    optional={"metadata": st.dictionaries(texts, texts, max_size=2), "outputs": st.just([{}])},
)
notebooks = st.fixed_dictionaries(
    {"metadata": st.dictionaries(texts, texts, max_size=2), "cells": st.lists(cells, max_size=4)}
)
styles = st.fixed_dictionaries(
    {
        "indent": st.none() | st.integers(0, 2),
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]),
    }
)


@given(notebooks, styles, texts, st.data())
def test_only_the_named_cell_changes(notebook, style, new, data):
    document = json.dumps(notebook, **style)
    old = cell_sources(document, "n.ipynb")
    if not old:
        assert with_sources(document, {}) == document
        return
    number = data.draw(st.integers(1, len(old)))
    changed = with_sources(document, {number: new})
    expected = [new if at == number else source for at, source in enumerate(old, 1)]
    assert cell_sources(changed, "n.ipynb") == expected
    rest = json.loads(changed)
    codes = [cell for cell in rest["cells"] if cell["cell_type"] == "code"]
    originals = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    codes[number - 1]["source"] = originals[number - 1]["source"]
    assert rest == notebook


def test_lines_that_stay_keep_their_spelling():
    document = (
        '{\r\n\t"cells" : [ {"cell_type":"markdown","source":["# \\u00fc"]},\n'
        '  {"outputs": [{"text": "]}{"}], "source": [\n   "a = \\"\\u00fc\\"\\n",\n   "b = 1\\n",\n'
        '   "c = \\u0032"\n  ], "cell_type":"code" } ],\n "x": 1e5}\n'
    )
    changed = with_sources(document, {1: 'a = "ü"\nb = 2\nc = 2'})
    assert changed == document.replace('"b = 1\\n"', '"b = 2\\n"')


def test_added_and_removed_lines_keep_the_layout():
    document = '{"cells": [{"cell_type": "code", "source": [\n  "a\\n",\n  "b"\n ]}]}'
    assert with_sources(document, {1: "a\nx\nb"}) == document.replace('"b"', '"x\\n",\n  "b"')
    assert with_sources(document, {1: "b"}) == document.replace('"a\\n",\n  ', "")


def test_a_source_may_be_one_text():
    document = '{"cells":[{"source":"a\\nb","cell_type":"code"}]}'
    assert with_sources(document, {1: "a\nc"}) == document.replace("a\\nb", "a\\nc")


def test_the_name_of_a_cell_can_be_read_back():
    assert cell_of(name_of("a:cell 3/n.ipynb", 12)) == ("a:cell 3/n.ipynb", 12)
    assert cell_of("train.py") == ("train.py", None)
    assert cell_of("n.ipynb") == ("n.ipynb", None)
