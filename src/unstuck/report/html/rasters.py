"""The heat map of an x-ray as a Vega-Lite specification, without numbers and without names.

The box around a map has a label of its own, so that its thousands of marks need none.
The page's script fills in the cells as rectangles with their colours, the extents and the names
of the rows, which reach Vega as data only, never as an expression.
"""

from __future__ import annotations

from typing import Any

from unstuck.report.html.charts import CONFIG, SCHEMA, X_TICKS, ZOOM

LABELS = 76
"""Pixels left of a map: a row's name; the same for all, so that their steps stand in line."""


def spec() -> dict[str, Any]:
    """Returns the specification of any map.

    Its data sets are ``cells``, ``strip`` (share of samples that count) and ``pointed`` (the cell
    under the pointer), each with ``left``, ``right``, ``top``, ``bottom``.
    """
    x = {
        "field": "left",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "nice": False, "zero": False},
        "axis": {"title": "time step", "format": ",d", "tickMinStep": 1, "tickCount": X_TICKS},
    }
    y = {
        "field": "top",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "nice": False, "zero": False, "reverse": True},
        "axis": {
            "title": None,
            "grid": False,
            "values": [],
            "labelExpr": "names[floor(datum.value)] || "
            "(datum.value == 0 ? 'unit ' : '') + format(datum.value, ',d')",
            "labelLimit": LABELS - 8,
            "minExtent": LABELS,
            "maxExtent": LABELS,
        },
    }
    box = {"x": x, "x2": {"field": "right"}, "y": y, "y2": {"field": "bottom"}}
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": 100,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": None,
        "params": [{"name": "names", "value": []}],
        "layer": [
            {
                "data": {"name": "cells"},
                "params": [ZOOM],
                "mark": {"type": "rect", "clip": True, "aria": False},
                "encoding": {**box, "color": _AS_IS},
            },
            {
                "data": {"name": "strip"},
                "mark": {"type": "rect", "clip": True, "aria": False, "fill": "currentColor"},
                "encoding": {
                    **box,
                    "opacity": {"field": "share", "type": "quantitative", "scale": None},
                },
            },
            {
                "data": {"name": "pointed"},
                "mark": {
                    "type": "rect",
                    "clip": True,
                    "aria": False,
                    "fillOpacity": 0,
                    "stroke": "currentColor",
                    "strokeWidth": 2,
                },
                "encoding": box,
            },
        ],
        "config": CONFIG,
    }


_AS_IS = {"field": "colour", "type": "nominal", "scale": None}
