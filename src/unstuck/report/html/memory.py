"""How far back a learning signal arrives, beside what the task needs, as bars without a script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unstuck.pictures import SitePicture, XRayPicture
from unstuck.report import wording
from unstuck.report.inside import LAYERS, NAME, by_site, reaches, when

WIDTH = 1000
"""Units of a bar, which a page stretches to its own width."""
FADE = 4.0
"""Powers of ten over which a bar fades: a gradient of 1e-4 of the last step's is nearly lost."""
FAINTEST = 0.15
"""Opacity of the weakest gradient that still stands out of its noise: pale, but there."""
NARROWEST = 4.0
"""Units of the shortest bar that can be seen."""


def memory(xrays: Sequence[XRayPicture]) -> dict[str, Any] | None:
    """Returns the drawing as a plain dict; None where no horizon was measured.

    Returns:
        ``width``, ``rows`` (``name``, ``when``, ``reaches``, ``last`` and ``pieces`` with ``x``,
        ``width`` and ``opacity``), ``needs`` (``x``, ``label`` and ``output``), and ``left``
        and ``right``: what stands at the ends.
    """
    sites = by_site(xrays)
    rows = [row for name in list(sites)[:LAYERS] for row in _site_rows(name, xrays)]
    if not any(row["known"] for row in rows):
        return None
    needs = {lag.output: lag for xray in xrays for lag in xray.lags if lag.needed is not None}
    span = max(
        [
            *(picture.steps for pictures in sites.values() for picture in pictures),
            *((lag.needed or 0) + 1 for lag in needs.values()),
        ]
    )
    return {
        "width": WIDTH,
        "rows": [{**row, "pieces": _pieces(row["site"], span)} for row in rows],
        "needs": [
            {
                "x": round(_at((lag.needed or 0) + 0.5, span), 1),
                "label": f"{lag.needed:,} steps back" if lag.needed else "the last step",
                "output": wording.visible(output, NAME) if len(needs) > 1 else "",
            }
            for output, lag in needs.items()
        ],
        "left": f"{span - 1:,} steps back",
        "right": "last step",
    }


def _site_rows(name: str, xrays: Sequence[XRayPicture]) -> list[dict[str, Any]]:
    """Returns a site's first and its last x-ray."""
    seen = [(xray, site) for xray in xrays for site in xray.sites if site.name == name]
    ends = [seen[0], seen[-1]] if len(seen) > 1 else seen
    return [
        {
            "site": site,
            "name": wording.visible(name, NAME),
            "when": when(xray),
            "reaches": reaches(site),
            "known": site.memory.horizon is not None,
            "last": index == len(ends) - 1,
        }
        for index, (xray, site) in enumerate(ends)
    ]


def _at(lag: float, span: int) -> float:
    """Time runs to the right, so that steps back run to the left."""
    return WIDTH * (1 - lag / span)


def _pieces(site: SitePicture, span: int) -> list[dict[str, float]]:
    """Cuts the bar of a site where its gradient is known, each piece as pale as it is weak."""
    if site.memory.horizon is None or not site.memory.heard:
        return []
    # The furthest step that is heard belongs to the bar.
    horizon = min(site.memory.horizon + 1, site.steps)
    known = dict(zip(site.memory.lags, site.memory.gradient, strict=False))
    marks = sorted({0, *(lag for lag in known if 0 <= lag < horizon)})
    pieces: list[dict[str, float]] = []
    for lag, end in zip(marks, [*marks[1:], horizon], strict=True):
        left, right = _at(end, span), _at(lag, span)
        opacity = _opacity(known.get(lag), known.get(0))
        if pieces and pieces[-1]["opacity"] == opacity:
            right = pieces.pop()["right"]
        pieces.append({"left": left, "right": right, "opacity": opacity})
    # The shortest bar stays visible.
    pieces[-1]["left"] = min(pieces[-1]["left"], WIDTH - NARROWEST)
    return [
        {
            "x": round(piece["left"], 1),
            "width": round(piece["right"] - piece["left"], 1),
            "opacity": piece["opacity"],
        }
        for piece in pieces
    ]


def _opacity(gradient: float | None, first: float | None) -> float:
    if not gradient or not first:
        return 1.0 if gradient is None or first is None else FAINTEST
    strength = 1 + math.log10(gradient / first) / FADE
    # In steps of a tenth: more pieces would only make the page long.
    return min(1.0, max(FAINTEST, round(strength, 1)))
