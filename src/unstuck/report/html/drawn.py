"""Which x-rays and layers a page draws, and how finely: as much as its size allows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from unstuck.pictures import XRayPicture
from unstuck.record import FitReport
from unstuck.report.html.embedding import embedded
from unstuck.report.html.heat import BROKEN, LEVELS, MISSING, ZERO
from unstuck.report.html.maps import site_maps
from unstuck.report.html.palettes import BROKEN as BROKEN_COLOUR
from unstuck.report.html.palettes import PALETTES
from unstuck.report.html.rasters import spec
from unstuck.report.inside import NAME, by_site, shown_whole, when
from unstuck.report.wording import visible

FINENESS = (
    (128, 64, 60),
    (96, 48, 60),
    (96, 32, 60),
    (64, 32, 60),
    (64, 16, 60),
    (32, 16, 60),
    (32, 8, 60),
    (32, 8, 30),
    (32, 8, 12),
)
"""Most cells across and down, and layers times x-rays of a page: from what a recording holds to
what can just be read. A map of 32 x 8 takes 340 bytes, and a layer has a dozen in each x-ray."""


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
        ``data``: what the script draws, None where there was no room.
    """
    shown = shown_whole(fits)
    found: list[dict[str, Any] | None] = []
    for columns, rows, most in FINENESS:
        choices = [
            chosen(fit.xrays, most // sum(shown)) if whole else None
            for fit, whole in zip(fits, shown, strict=True)
        ]
        found = [
            _data(fit.xrays, choice, columns, rows) if choice else None
            for fit, choice in zip(fits, choices, strict=True)
        ]
        if len(embedded(found)) <= room:
            return [each and {"data": each} for each in found]
    return [each and {"data": None} for each in found]


def _data(xrays: Sequence[XRayPicture], choice: Choice, columns: int, rows: int) -> dict[str, Any]:
    taken = [{site.name: site for site in xrays[index].sites} for index in choice.xrays]
    return {
        "labels": [when(xrays[index]) for index in choice.xrays],
        "names": [visible(name, NAME) for name in choice.sites],
        "left_out": choice.left_out,
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
