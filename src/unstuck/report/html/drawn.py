"""Which x-rays and layers a page draws, and how finely: as much as its size allows."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from unstuck.pictures import XRayPicture
from unstuck.record import FitReport
from unstuck.report.html.heat import BROKEN, LEVELS, MISSING, ZERO
from unstuck.report.html.maps import site_maps
from unstuck.report.html.palettes import BROKEN as BROKEN_COLOUR
from unstuck.report.html.palettes import PALETTES
from unstuck.report.html.rasters import spec
from unstuck.report.inside import NAME, by_site, when
from unstuck.report.wording import visible

FINENESS = ((128, 64), (96, 48), (96, 32), (64, 32), (64, 16), (32, 16), (32, 8))
"""Most cells across and down, from what a recording holds to what can just be read."""
DRAWN = 60
"""Layers times x-rays that a page draws; at the coarsest they take 250 kB."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """What of a fit's x-rays is drawn: positions of x-rays, names of sites, and what is not."""

    xrays: tuple[int, ...]
    sites: tuple[str, ...]
    left_out: str


def chosen(xrays: Sequence[XRayPicture], most: int) -> Choice | None:
    """Chooses x-rays and sites with maps, at most so many together; None without any.

    X-rays go before sites, the first and the last one never.
    """
    seen = [index for index, xray in enumerate(xrays) if any(site.maps for site in xray.sites)]
    sites = [
        name for name, found in by_site(xrays).items() if any(picture.maps for picture in found)
    ]
    if not seen:
        return None
    kept = _spread(seen, min(len(seen), max(2, most // len(sites))))
    names = sites[: max(1, most // len(kept))]
    parts = [
        f"{len(part)} of {len(whole)} {word}"
        for part, whole, word in ((kept, seen, "x-rays"), (names, sites, "layers"))
        if len(part) < len(whole)
    ]
    words = f"Shown: {', '.join(parts)}. The recording holds all." if parts else ""
    return Choice(tuple(kept), tuple(names), words)


def insides(fits: Sequence[FitReport], room: int) -> list[dict[str, Any] | None]:
    """Returns what the page draws of each fit's x-rays; None for a fit that has none.

    Args:
        fits: Those that the page draws.
        room: Bytes that all of it may take.

    Returns:
        ``left_out`` and ``data``: what the script draws, None where there was no room.
    """
    many = sum(1 for fit in fits if fit.xrays)
    choices = [chosen(fit.xrays, DRAWN // many) if fit.xrays else None for fit in fits]
    for columns, rows in FINENESS:
        found = [
            _data(fit.xrays, choice, columns, rows) if choice else None
            for fit, choice in zip(fits, choices, strict=True)
        ]
        if len(json.dumps(found, separators=(",", ":"))) <= room:
            break
    else:
        found = [None] * len(fits)
    return [
        _described(fit.xrays, choice, data) if choice else None
        for fit, choice, data in zip(fits, choices, found, strict=True)
    ]


def _described(
    xrays: Sequence[XRayPicture], choice: Choice, data: dict[str, Any] | None
) -> dict[str, Any]:
    if data:
        data = {
            "labels": [when(xrays[index]) for index in choice.xrays],
            "names": [visible(name, NAME) for name in choice.sites],
            **data,
        }
    return {"left_out": choice.left_out, "data": data}


def _data(xrays: Sequence[XRayPicture], choice: Choice, columns: int, rows: int) -> dict[str, Any]:
    taken = [{site.name: site for site in xrays[index].sites} for index in choice.xrays]
    return {
        "palettes": PALETTES,
        "codes": {
            "levels": LEVELS,
            "zero": ZERO,
            "broken": BROKEN,
            "missing": MISSING,
            "colour": BROKEN_COLOUR,
        },
        "spec": spec(),
        "sites": [
            site_maps([each.get(name) for each in taken], columns, rows) for name in choice.sites
        ],
    }


def _spread(positions: Sequence[int], count: int) -> list[int]:
    """Takes so many positions evenly, the first and the last among them."""
    if count == 1:
        return [positions[-1]]
    last = len(positions) - 1
    return [positions[round(index * last / (count - 1))] for index in range(count)]
