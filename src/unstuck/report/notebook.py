"""A diagnosis as a piece of HTML for the output of a notebook's cell."""

from __future__ import annotations

from unstuck.record import Diagnosis


def fragment(diagnosis: Diagnosis) -> str:
    """Returns HTML that reads without any script, and without charts but the loss's.

    Where the notebook runs scripts, the fragment moves itself into a shadow root, so
    that its style and the notebook's do not mix. Where it does not, the same text
    stays where it is. A class can return this from ``_repr_html_``.
    """
    from unstuck.report.html.page import asset, environment, memories, sketches
    from unstuck.report.outline import outline

    return (
        environment()
        .get_template("fragment.html")
        .render(
            report=outline(diagnosis),
            sketches=sketches(diagnosis),
            memories=memories(diagnosis),
            pictures=[],
            theme=asset("theme.css") + asset("notebook.css"),
            style=asset("report.css"),
            script=asset("shadow.js"),
        )
    )
