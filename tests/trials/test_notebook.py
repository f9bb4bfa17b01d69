from __future__ import annotations

import ast
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from unstuck.case.edits import apply
from unstuck.case.notebook import cell_sources
from unstuck.errors import UsageError
from unstuck.lint.document import Document
from unstuck.record import Diagnosis, Edit, Finding, FitReport, Location, LossSummary, Tool
from unstuck.trials.change import parses
from unstuck.trials.notebook import code, in_cells, with_code

MAGICS = (
    *("%matplotlib inline", "!pip install keras \\\n  numpy", "files = !ls", "x?"),
    *("%%time\nx = 1", "%%bash\necho 'x = 1'", "  y = 2\n  z = 3", "# 1\r\nx = 1\r\n", "", "\n"),
)
PLAIN = ("import keras\n", "x = 1", "x = 1\ny = 2\n\n", "def f():\n    return 3", "f()\n# end")


def notebook(*sources, **style):
    cells = [
        {"cell_type": "code", "source": text, "outputs": [{"name": "stdout"}], "metadata": {}}
        for text in sources
    ]
    cells.insert(1, {"metadata": {"id": "é"}, "cell_type": "markdown", "source": ["# Title"]})
    return Document("n.ipynb", json.dumps({"cells": cells, "nbformat": 4}, **style) + "\n")


def listed(*sources):
    return notebook(*(text.splitlines(keepends=True) for text in sources), indent=1)


def cells(document):
    return cell_sources(document.text, "n.ipynb")


@given(st.lists(st.sampled_from([*MAGICS, *PLAIN]), min_size=1, max_size=5), st.data())
def test_the_cells_give_the_text_that_was_tried_and_nothing_else_changes(sources, data):
    before = listed(*sources)
    lines = code(before).split("\n")
    at = data.draw(st.integers(0, len(lines)))
    insert = data.draw(st.booleans()) or at == len(lines)
    new = [*lines[:at], "new = 5", *lines[at if insert else at + 1 :]]
    assume(parses("\n".join(new)))
    try:
        after = with_code(before, "\n".join(new))
    except UsageError:
        assert any(text.startswith(("%%", "!pip")) for text in sources)
        return
    assert ast.dump(after.script.tree) == ast.dump(ast.parse("\n".join(new)))
    starts = [[source.startswith("%%") for source in cells(one)] for one in (before, after)]
    assert starts[0] == starts[1]
    assert any("new = 5" in source for source in cells(after))
    plain = json.loads(after.text)
    for cell, source in zip(
        [cell for cell in plain["cells"] if cell["cell_type"] == "code"], sources, strict=True
    ):
        cell["source"] = source.splitlines(keepends=True)
    assert plain == json.loads(before.text)


def test_magics_beside_a_change_stay():
    before = listed("%pip install keras\nimport keras\n", "%%time\nrate = 1\nfit(rate)")
    after = with_code(before, code(before).replace("rate = 1", "rate = 2"))
    assert cells(after) == ["%pip install keras\nimport keras\n", "%%time\nrate = 2\nfit(rate)"]
    assert after.text == before.text.replace('"rate = 1\\n"', '"rate = 2\\n"')


def test_nothing_is_put_above_the_magic_of_a_whole_cell():
    before = listed("import keras", "%%time\nfit()")
    after = with_code(before, code(before).replace("pass\n", "count = 3\npass\n"))
    assert cells(after) == ["import keras\ncount = 3", "%%time\nfit()"]


def test_what_is_indented_goes_on_with_the_cell_before():
    before = listed("def build():\n    return 1", "build()")
    after = with_code(before, code(before).replace("return 1\n", "return 1\n    # done\n"))
    assert cells(after) == ["def build():\n    return 1\n    # done", "build()"]


def test_an_indented_cell_stays_indented():
    before = listed("    rate = 1\n    fit(rate)")
    after = with_code(before, code(before).replace("rate = 1", "rate = 2"))
    assert cells(after) == ["    rate = 2\n    fit(rate)"]


def test_no_code_is_put_into_a_cell_of_another_language():
    before = listed("%%bash\nls\nls", "rate = 1")
    assert code(before) == "\n\n\nrate = 1"
    with pytest.raises(UsageError, match="by hand"):
        with_code(before, "\nimport keras\n\n\nrate = 1")


def test_a_script_is_its_own_code():
    before = Document("t.py", "rate = 1\r\n")
    assert code(before) == before.text
    assert with_code(before, "rate = 2\r\n") == Document("t.py", "rate = 2\r\n")


def test_places_are_told_by_cell_and_line():
    before = listed("import keras\n\n", "rate = 1\nfit(rate)")
    line = code(before).split("\n").index("fit(rate)") + 1
    here, there = Location("/n.ipynb", line), Location("/other.py", 3)
    found = tuple(
        Finding("OPT101", "n", "c", "error", "observed", 0.9, "Why.", place)
        for place in (here, there)
    )
    fit = FitReport("m", here, 3, "stuck", "", LossSummary(None, None, None, None), None, found)
    told = in_cells(Diagnosis(Tool("0"), "n", (fit,), found, "stuck", ""), before, "/n.ipynb")
    assert [one.location for one in told.findings] == [Location("/n.ipynb:cell 2", 2), there]
    assert told.fits[0].location == Location("/n.ipynb:cell 2", 2)
    assert told.fits[0].findings == told.findings
    assert told.sources["/n.ipynb:cell 2"] == "rate = 1\nfit(rate)"
    assert apply(told.sources["/n.ipynb:cell 2"], [Edit(2, "fit(rate)", "fit()")])
