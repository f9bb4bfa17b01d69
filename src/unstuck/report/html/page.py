"""Puts a diagnosis, its charts and the scripts that draw them into one page."""

from __future__ import annotations

import base64
import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unstuck.record import Diagnosis, FitReport
from unstuck.report.html.charts import charts
from unstuck.report.html.embedding import embedded
from unstuck.report.html.memory import memory
from unstuck.report.html.series import count
from unstuck.report.html.sketch import sketch
from unstuck.report.inside import shown_whole
from unstuck.report.outline import outline

if TYPE_CHECKING:
    from jinja2 import Environment

LARGEST = 1_500_000
"""Bytes of a page: what a mail still takes."""
NUMBERS = 24_000
"""Numbers that the curves of a page hold. At ten bytes each, they and the scripts stay below
LARGEST."""
NUMBERS_BESIDE_XRAYS = 12_000
"""Likewise where x-rays want some of the room: still 250 points for each of 48 curves."""
CHARTED_FITS = 12
"""Fits whose charts a page draws; each brings four specifications of about 3 kB."""
MARGIN = 20_000
"""Bytes kept free for the places where x-rays are drawn, 2 kB for each fit."""

_HERE = Path(__file__).parent
_VENDORED = ("vega.min.js", "vega-lite.min.js", "vega-embed.min.js")
"""In the order in which each needs the one before."""


def write(diagnosis: Diagnosis, path: str | Path) -> None:
    """Writes the page to a file, in UTF-8.

    Raises:
        OSError: If the file cannot be written.
    """
    Path(path).write_text(render(diagnosis), encoding="utf-8")


def render(diagnosis: Diagnosis) -> str:
    """Returns a page that shows the diagnosis and loads nothing from anywhere."""
    pictures = _pictures(diagnosis.fits)
    charted = diagnosis.fits[:CHARTED_FITS]
    scripts = _scripts(diagnosis, pictures)
    styles = [asset("theme.css"), asset("report.css")]
    said = {
        "report": outline(diagnosis),
        "sketches": sketches(diagnosis),
        "memories": memories(diagnosis),
        "scripts": scripts,
        "styles": styles,
        "policy": _policy(scripts, styles),
    }
    if any(fit.xrays for fit in charted):
        # Here alone a view needs numpy, which takes a tenth of a second to load.
        from unstuck.report.html.drawn import insides

        room = LARGEST - MARGIN - len(_page(said, pictures).encode())
        for picture, inside in zip(pictures, insides(charted, room), strict=True):
            picture["inside"] = inside
    return _page(said, pictures)


def _page(said: dict[str, Any], pictures: list[dict[str, Any]]) -> str:
    data = embedded([_for_script(picture) for picture in pictures])
    return environment().get_template("page.html").render(**said, pictures=pictures, data=data)


def _scripts(diagnosis: Diagnosis, pictures: list[dict[str, Any]]) -> list[str]:
    own = [asset("page.js")]
    if any(fit.xrays for fit in diagnosis.fits[:CHARTED_FITS]):
        own.append(asset("xray.js"))
    drawn = len(own) > 1 or any(picture["charts"] for picture in pictures)
    return [*map(_vendored, _VENDORED), *own] if drawn else own


def sketches(diagnosis: Diagnosis) -> list[dict[str, Any] | None]:
    """Returns the drawing of each fit's loss that needs no script."""
    return [sketch(fit.curves, fit.loss) for fit in diagnosis.fits[:CHARTED_FITS]]


def memories(diagnosis: Diagnosis) -> list[dict[str, Any] | None]:
    """Returns the drawing of how far back each fit's learning signal arrives, without a script."""
    charted = diagnosis.fits[:CHARTED_FITS]
    return [
        memory(fit.xrays) if whole else None
        for fit, whole in zip(charted, shown_whole(charted), strict=True)
    ]


def environment() -> Environment:
    """Returns the templates; whatever they are given is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def asset(name: str) -> str:
    """Returns a script or a style sheet that this package wrote for its own page."""
    return (_HERE / "templates" / name).read_text(encoding="utf-8")


def _pictures(fits: tuple[FitReport, ...]) -> list[dict[str, Any]]:
    charted = fits[:CHARTED_FITS]
    most = NUMBERS_BESIDE_XRAYS if any(fit.xrays for fit in charted) else NUMBERS
    stride = max(1, math.ceil(sum(count(fit.curves) for fit in charted) / most))
    return [
        {
            "charts": charts(fit.curves, fit.loss, stride),
            "steps": list(fit.curves.steps[::stride]),
            "stride": stride,
            "inside": None,
        }
        for fit in charted
    ]


def _for_script(picture: dict[str, Any]) -> dict[str, Any]:
    """Returns what the page's script needs: steps that lines share are said once."""
    steps = picture["steps"]
    return {
        "steps": steps,
        "xrays": picture["inside"] and picture["inside"]["data"],
        "charts": [
            {
                "spec": chart["spec"],
                "zero": chart["zero"],
                "lines": [_without_shared_steps(line, steps) for line in chart["lines"]],
            }
            for chart in picture["charts"]
        ],
    }


def _without_shared_steps(line: dict[str, Any], steps: list[int]) -> dict[str, Any]:
    if line["x"] == steps[: len(line["x"])]:
        return {"name": line["name"], "y": line["y"]}
    return line


def _vendored(name: str) -> str:
    """Returns a script without its last comment, which names a file that a page does not have."""
    script = (_HERE / "vendor" / name).read_text(encoding="utf-8")
    return script.partition("\n//# sourceMappingURL=")[0]


def _policy(scripts: list[str], styles: list[str]) -> str:
    """Returns the Content-Security-Policy: only these scripts and styles, and no connection."""
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: list[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
