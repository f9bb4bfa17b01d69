"""The maps of a fit's x-rays as a page's script takes them: names, scales and packed codes."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from unstuck.pictures import Measure, SitePicture
from unstuck.report.html.heat import Scale, Sheet, activation_scale, gradient_scale, sheet
from unstuck.report.inside import NAME
from unstuck.report.wording import visible

FULL = 100
"""The share of samples that count travels in per cent."""


def site_maps(
    pictures: Sequence[SitePicture | None], columns: int, rows: int
) -> dict[str, Any] | None:
    """Returns the maps of one site in each x-ray (None: not in this one).

    Args:
        pictures: In the order of training.
        columns: Most cells across.
        rows: Most cells down.

    Returns:
        ``steps``, ``units``, ``cut`` (time steps and units of a cell), ``quantities`` (their
        names), ``gates`` (how many of these are rows of the overview), ``scales`` and ``xrays``;
        None without any map.
    """
    sheets = [sheet(picture, columns, rows) if picture else None for picture in pictures]
    known = [each for each in sheets if each is not None]
    site = next((picture for picture in pictures if picture and picture.maps), None)
    if site is None or not known:
        return None
    quantities = list(dict.fromkeys(grid.quantity for grid in site.maps))
    gates = [gate.name for gate in site.gates if gate.name in quantities]
    overview = gates or quantities
    scales = {
        "activation": _activation_scales(known, quantities, gates, overview),
        "gradient": _gradient_scales(known, quantities, gates, overview),
    }
    return {
        "steps": site.steps,
        "units": site.units,
        "cut": list(known[0].cut),
        "quantities": [visible(quantity, NAME) for quantity in quantities],
        "overview": len(overview),
        "scales": {
            measure: {kind: [_plain(scale) for scale in found] for kind, found in each.items()}
            for measure, each in scales.items()
        },
        "xrays": [_xray(each, quantities, overview, scales) if each else None for each in sheets],
    }


Scales = dict[str, list[Scale]]


def _activation_scales(
    sheets: Sequence[Sheet],
    quantities: Sequence[str],
    gates: Sequence[str],
    overview: Sequence[str],
) -> Scales:
    """Each quantity has its own scale, but signed rows that stand below each other share one."""
    maps = [
        activation_scale(_taken(sheets, "maps", "activation", [name]), name in gates)
        for name in quantities
    ]
    courses = [
        activation_scale(_taken(sheets, "courses", "activation", [name]), name in gates)
        for name in overview
    ]
    shared = max((scale.high for scale in courses if scale.palette == "signed"), default=1.0)
    return {
        "maps": maps,
        "courses": [
            Scale("signed", -shared, shared) if scale.palette == "signed" else scale
            for scale in courses
        ],
    }


def _gradient_scales(
    sheets: Sequence[Sheet],
    quantities: Sequence[str],
    gates: Sequence[str],
    overview: Sequence[str],
) -> Scales:
    """The gates share a scale: their gradients are of one kind, and are to be compared."""
    of_gates = gradient_scale(_taken(sheets, "maps", "gradient", gates))
    return {
        "maps": [
            of_gates
            if name in gates
            else gradient_scale(_taken(sheets, "maps", "gradient", [name]))
            for name in quantities
        ],
        "courses": [gradient_scale(_taken(sheets, "courses", "gradient", overview))]
        * len(overview),
    }


def _taken(
    sheets: Iterable[Sheet], kind: str, measure: Measure, names: Iterable[str]
) -> list[np.ndarray[Any, Any]]:
    wanted = list(names)
    found: list[Mapping[tuple[str, str], Any]] = [
        each.maps if kind == "maps" else each.courses for each in sheets
    ]
    return [maps[measure, name] for maps in found for name in wanted if (measure, name) in maps]


def _xray(
    found: Sheet, quantities: Sequence[str], overview: Sequence[str], scales: Mapping[str, Scales]
) -> dict[str, Any]:
    parts: dict[str, Any] = {"counted": _text(np.round(found.counted * FULL))}
    for measure, by_kind in scales.items():
        parts[measure] = {
            "maps": [
                _text(scale.codes(found.maps[measure, name], found.weights))
                if (measure, name) in found.maps
                else None
                for name, scale in zip(quantities, by_kind["maps"], strict=True)
            ],
            "courses": [
                _text(scale.codes(found.courses[measure, name], found.weights[:1]))
                if (measure, name) in found.courses
                else None
                for name, scale in zip(overview, by_kind["courses"], strict=True)
            ],
        }
    return parts


def _text(codes: Any) -> str:
    return base64.b64encode(codes.astype(np.uint8).tobytes()).decode()


def _plain(scale: Scale) -> dict[str, Any]:
    ends = {"low": float(f"{scale.low:.3g}"), "high": float(f"{scale.high:.3g}")}
    return {"palette": scale.palette, "log": scale.log, "clipped": scale.clipped, **ends}
