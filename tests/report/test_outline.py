from __future__ import annotations

import dataclasses

from unstuck.record import Edit, Treatment
from unstuck.report.outline import outline


def test_edits_are_shown_by_line_and_an_inserted_line_before_the_one_it_stands_above(samples):
    edits = (
        Edit(17, "model.fit(x, y)", "model.fit(x, y / scale)"),
        Edit(12, "old", "new"),
        Edit(17, "", "scale = y.std()"),
        Edit(17, "", "assert scale"),
    )
    known = samples.stuck()
    first = dataclasses.replace(known.findings[0], treatments=(Treatment("t", "Scale.", edits),))
    shown = outline(dataclasses.replace(known, findings=(first,)))["first"]["treatments"][0]
    assert [(row["sign"], row["number"], row["text"]) for row in shown["edits"]] == [
        ("-", 12, "old"),
        ("+", 12, "new"),
        ("+", 17, "scale = y.std()"),
        ("+", 17, "assert scale"),
        ("-", 17, "model.fit(x, y)"),
        ("+", 17, "model.fit(x, y / scale)"),
    ]
