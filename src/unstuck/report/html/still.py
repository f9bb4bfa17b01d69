"""The maps of one x-ray as drawings that need no script: one path for each shade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unstuck.pictures import Measure, SitePicture
from unstuck.report.html.heat import (
    BROKEN,
    LEVELS,
    MISSING,
    ZERO,
    Codes,
    Scale,
    Sheet,
    activation_scale,
    gradient_scale,
    sheet,
)
from unstuck.report.html.palettes import BROKEN as BROKEN_COLOUR
from unstuck.report.html.palettes import colour
from unstuck.report.inside import KEEPERS, NAME
from unstuck.report.wording import number, visible

COLUMNS, ROWS = 64, 16
"""Cells of a drawing, of which a layer has fourteen: together about 100 kB."""
SHADES = 25
"""Colours of a drawing: an odd number, so that a signed scale has its neutral middle."""
MASKED = "masked"
"""Stands in for the colour of what the style sheet colours."""
TITLES: dict[Measure, str] = {"activation": "mean activation", "gradient": "gradient, log scale"}


def still_maps(site: SitePicture) -> dict[str, Any] | None:
    """Returns the drawings of a site; None where there are no maps.

    Returns:
        ``steps`` and ``cut`` (time steps and units of a cell), ``counted`` (a strip of the share
        of samples that count, None without a mask), ``gates`` and ``quantities``: lists of
        ``title`` and ``maps``, each with ``title``, ``rows`` (``name``, ``width``, ``height``,
        ``tall``, ``paths``) and ``scales``.
    """
    found = sheet(site, COLUMNS, ROWS)
    if found is None:
        return None
    quantities = list(dict.fromkeys(grid.quantity for grid in site.maps))
    gates = [gate.name for gate in site.gates if gate.name in quantities]
    overview = gates or quantities
    return {
        "steps": site.steps,
        "cut": found.cut,
        "counted": _strip(found),
        "gates": [_overview(found, measure, overview, gates) for measure in TITLES],
        "quantities": [
            {
                "name": visible(name, NAME),
                "open": name == _kept_by(quantities),
                "maps": [_units(found, measure, name, gates, site.units) for measure in TITLES],
            }
            for name in quantities
        ],
    }


def _kept_by(quantities: Sequence[str]) -> str:
    """The quantity that is looked at first: the gate that decides what is remembered."""
    return next((name for name in KEEPERS if name in quantities), quantities[0])


def _overview(
    found: Sheet, measure: Measure, names: Sequence[str], gates: Sequence[str]
) -> dict[str, Any]:
    known = [name for name in names if (measure, name) in found.courses]
    courses = [found.courses[measure, name] for name in known]
    if measure == "gradient":
        scales = [gradient_scale(courses)] * len(known)
    else:
        scales = [
            activation_scale([values], name in gates)
            for name, values in zip(known, courses, strict=True)
        ]
    rows = [
        {"name": visible(name, NAME), "tall": False}
        | _drawn(scale.codes(values, found.weights[:1]), scale)
        for name, values, scale in zip(known, courses, scales, strict=True)
    ]
    return {"title": TITLES[measure], "rows": rows, "scales": _legend(scales, known)}


def _units(
    found: Sheet, measure: Measure, name: str, gates: Sequence[str], units: int
) -> dict[str, Any]:
    if (measure, name) not in found.maps:
        return {"title": TITLES[measure], "rows": [], "scales": []}
    values = found.maps[measure, name]
    if measure == "gradient":
        scale = gradient_scale([values])
    else:
        scale = activation_scale([values], name in gates)
    row = {"name": f"units 0–{units - 1:,}", "tall": True}
    return {
        "title": TITLES[measure],
        "rows": [row | _drawn(scale.codes(values, found.weights), scale)],
        "scales": _legend([scale], [name]),
    }


def _drawn(codes: Codes, scale: Scale) -> dict[str, Any]:
    """Returns a path for each shade; neighbours of one shade are one rectangle of it."""
    paths: dict[str, list[str]] = {}
    for y, row in enumerate(codes):
        ends = [*(np.flatnonzero(np.diff(_shades(row))) + 1), len(row)]
        start = 0
        for end in ends:
            fill = _fill(int(row[start]), scale)
            if fill:
                paths.setdefault(fill, []).append(f"M{start} {y}h{end - start}v1h{start - end}z")
            start = end
    drawn = [{"fill": fill, "d": "".join(parts)} for fill, parts in paths.items()]
    return {"width": codes.shape[1], "height": codes.shape[0], "paths": drawn}


def _shades(codes: Any) -> Any:
    shades = np.round(codes / (LEVELS - 1) * (SHADES - 1)).astype(int)
    return np.where(codes < LEVELS, shades, codes.astype(int) + LEVELS)


def _fill(code: int, scale: Scale) -> str | None:
    if code in (ZERO, BROKEN, MISSING):
        return {ZERO: None, BROKEN: BROKEN_COLOUR, MISSING: MASKED}[code]
    return colour(scale.palette, int(_shades(np.array(code))) / (SHADES - 1))


def _legend(scales: Sequence[Scale], names: Sequence[str]) -> list[dict[str, Any]]:
    """Returns each scale once, with the names of its rows where there are several."""
    users: dict[Scale, list[str]] = {}
    for scale, name in zip(scales, names, strict=True):
        users.setdefault(scale, []).append(visible(name, NAME))
    return [
        {
            "names": ", ".join(found) if len(users) > 1 else "",
            "low": ("≤ " if scale.clipped else "") + number(float(f"{scale.low:.2g}")),
            "high": number(float(f"{scale.high:.2g}")),
            "fills": [colour(scale.palette, share / (SHADES - 1)) for share in range(SHADES)],
        }
        for scale, found in users.items()
    ]


def _strip(found: Sheet) -> list[float] | None:
    if (found.counted >= 1).all():
        return None
    return [round(float(share), 2) for share in found.counted]
