"""The charts of a fit as Vega-Lite specifications, without the numbers they draw.

A specification knows a line by its index, never by its name: no text of the
user's reaches Vega. Names stand in the legend and the tooltip, which are HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from unstuck.record import Curves, LossSummary
from unstuck.report.html.scales import axis
from unstuck.report.html.series import lines
from unstuck.report.wording import number

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""Six of the eight colours of Okabe and Ito (2008), which the colour-blind can tell apart.

Black and yellow are left out: each vanishes on one of the two backgrounds.
"""
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3))
"""Tells lines of one colour apart, once there are more lines than colours."""

ZOOM = {
    "name": "zoom",
    "bind": "scales",
    "select": {
        "type": "interval",
        "encodings": ["x"],
        # With a key, so that the wheel alone still scrolls the page. A pinch on a track pad arrives
        # as a wheel with ctrl.
        "zoom": "wheel![event.ctrlKey || event.metaKey]",
    },
}
"""Moves and zooms a chart along its steps."""

TITLES = {
    "loss": "Loss",
    "gradient_norm": "Gradient norm by layer",
    "update_ratio": "Update ratio by layer",
    "learning_rate": "Learning rate",
}
NOTES = {
    "loss": "What training minimises. A model that learns falls below the dashed controls.",
    "gradient_norm": "Before clipping. A layer at 0 receives nothing to learn from.",
    "update_ratio": "Size of a step against the size of the weights it changes.",
    "learning_rate": "As the optimizer used it.",
}
_HEIGHTS = {"loss": 260, "gradient_norm": 210, "update_ratio": 210, "learning_rate": 90}
_FLAT_HEIGHT = 60
"""Height of a chart in which everything is 0: that is seen at once."""
_BY_LAYER = ("gradient_norm", "update_ratio")
X_TICKS = {"expr": "ceil(width / 90)"}
"""A tick for every 90 pixels: room for a label of seven digits."""
_LABEL = (
    "format(datum.value, datum.value != 0 && (abs(datum.value) < 0.001 || "
    "abs(datum.value) >= 1000000) ? '.3~e' : '.4~g')"
)
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def charts(curves: Curves, loss: LossSummary, stride: int) -> list[dict[str, Any]]:
    """Returns the charts that a fit has numbers for.

    Returns:
        Dicts with ``kind``, ``title``, ``note``, ``spec``, ``zero``, ``lines``,
        ``legend`` (name, colour and dash of each line, where the chart shows one)
        and ``legend_of`` (the kinds of chart that the legend is for).
    """
    drawn = lines(curves, stride)
    kinds = [kind for kind in TITLES if drawn[kind]]
    return [
        _chart(
            kind, drawn[kind], _controls(loss) if kind == "loss" else {}, _legend_of(kind, kinds)
        )
        for kind in kinds
    ]


def _legend_of(kind: str, kinds: Sequence[str]) -> Sequence[str]:
    """Returns which charts a legend at this one is for: layers share one, at their first chart."""
    if kind == "loss":
        return [kind]
    by_layer = [other for other in kinds if other in _BY_LAYER]
    return by_layer if by_layer[:1] == [kind] else []


def style(index: int) -> dict[str, Any]:
    """Returns the colour and the dash of the line with this index."""
    return {
        "colour": PALETTE[index % len(PALETTE)],
        "dash": list(DASHES[index // len(PALETTE) % len(DASHES)]),
    }


def _controls(loss: LossSummary) -> dict[str, float]:
    found = {"best constant": loss.constant_predictor, "naive forecast": loss.naive_forecast}
    return {name: value for name, value in found.items() if value is not None and axis([value])}


def _chart(
    kind: str,
    drawn: Sequence[Mapping[str, Any]],
    controls: Mapping[str, float],
    legend_of: Sequence[str],
) -> dict[str, Any]:
    values = [value for line in drawn for value in line["y"]]
    scale = axis(
        [*values, *controls.values()], prefer_log=kind in ("gradient_norm", "update_ratio")
    )
    if scale is None:
        raise ValueError(f"a chart needs numbers; {kind} has none, and should have been left out")
    steps = [step for line in drawn for step in line["x"]]
    return {
        "kind": kind,
        "title": TITLES[kind],
        "note": NOTES[kind],
        "spec": _spec(
            kind,
            [bool(line.get("faint")) for line in drawn],
            (min(steps), max(steps)),
            scale,
            controls,
        ),
        "zero": scale["zero"],
        "lines": drawn,
        "legend": [
            {"name": line["name"], **style(index)}
            for index, line in enumerate(drawn)
            # One loss needs no name; one layer does.
            if legend_of and (len(drawn) > 1 or kind in _BY_LAYER)
        ],
        "legend_of": " ".join(legend_of),
    }


def _spec(
    kind: str,
    faint: Sequence[bool],
    steps: tuple[int, int],
    scale: Mapping[str, Any],
    controls: Mapping[str, float],
) -> dict[str, Any]:
    x = _x(steps)
    y = _y(scale)
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": _FLAT_HEIGHT if scale["ticks"] == [0.0] else _HEIGHTS[kind],
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": None,
        "data": {"name": "rows"},
        "params": [{"name": "pointed", "value": None}, {"name": "isolated", "value": None}],
        "layer": [
            _line_marks(faint, x, y, step_after=kind == "learning_rate"),
            _lone_marks(faint, x, y),
            *_rules(controls, y),
            _cursor(x),
        ],
        "config": CONFIG,
    }


CONFIG = {
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {"domain": False, "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": 400},
    "axisX": {"grid": False, "ticks": True, "tickSize": 4},
    "axisY": {"grid": True, "ticks": False, "labelPadding": 6, "minExtent": 44, "maxExtent": 44},
}
"""Colours are left to the page's style sheet, which knows light from dark."""


def _x(steps: tuple[int, int]) -> dict[str, Any]:
    first, last = steps
    return {
        "field": "step",
        "type": "quantitative",
        # One step has no width; two make it visible.
        "scale": {"domain": [first, max(last, first + 1)], "nice": False, "zero": False},
        "axis": {"title": "step", "format": ",d", "tickMinStep": 1, "tickCount": X_TICKS},
    }


def _y(scale: Mapping[str, Any]) -> dict[str, Any]:
    guide: dict[str, Any] = {"title": None, "tickCount": 5, "labelExpr": _LABEL}
    if scale["ticks"] is not None:
        guide["values"] = scale["ticks"]
    if scale["zero"] is not None:
        guide["labelExpr"] = f"datum.value <= {scale['zero'] * 1.01} ? '0' : {_LABEL}"
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {
            "type": scale["type"],
            "domain": scale["domain"],
            "nice": False,
            **({"zero": False} if scale["type"] == "linear" else {}),
        },
        "axis": guide,
    }


def _look(faint: Sequence[bool]) -> dict[str, Any]:
    """Encodes the index of a line as colour, dash and opacity; what is isolated stands out."""
    indices = list(range(len(faint)))
    styles = [style(index) for index in indices]
    hidden = ", ".join(str(index) for index in indices if faint[index])
    chosen = "isolated === null || isolated === datum.line"
    return {
        "color": {
            "field": "line",
            "type": "nominal",
            "scale": {"domain": indices, "range": [each["colour"] for each in styles]},
            "legend": None,
        },
        "opacity": {
            "condition": [
                {
                    "test": f"isolated === null && indexof([{hidden}], datum.line) >= 0",
                    "value": 0.3,
                },
                {"test": chosen, "value": 1},
            ],
            "value": 0.08,
        },
        "strokeDash": {
            "field": "line",
            "type": "nominal",
            "scale": {"domain": indices, "range": [each["dash"] for each in styles]},
            "legend": None,
        },
    }


def _line_marks(
    faint: Sequence[bool], x: Mapping[str, Any], y: Mapping[str, Any], step_after: bool
) -> dict[str, Any]:
    mark: dict[str, Any] = {"type": "line", "clip": True, "strokeWidth": 1.5}
    if step_after:
        mark["interpolate"] = "step-after"
    return {
        "params": [ZOOM],
        "mark": mark,
        "encoding": {"x": x, "y": y, **_look(faint)},
    }


def _lone_marks(
    faint: Sequence[bool], x: Mapping[str, Any], y: Mapping[str, Any]
) -> dict[str, Any]:
    """Draws points that no line would show: those with a gap on both sides, and those of epochs."""
    look = {key: value for key, value in _look(faint).items() if key != "strokeDash"}
    return {
        "transform": [{"filter": "datum.lone"}],
        "mark": {"type": "point", "filled": True, "size": 22, "clip": True},
        "encoding": {"x": x, "y": y, **look},
    }


def _rules(controls: Mapping[str, float], y: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Draws each control as a labelled rule; of two, the lower one is labelled below its rule."""
    layers: list[dict[str, Any]] = []
    ranked = sorted(controls.items(), key=lambda row: row[1], reverse=True)
    for index, (name, value) in enumerate(ranked):
        height = {"datum": value, **{key: y[key] for key in ("type", "scale", "axis")}}
        rule = {"type": "rule", "strokeDash": [5, 4]}
        label = {
            "type": "text",
            "text": f"{name} {number(value)}",
            "align": "right",
            "baseline": "top" if index else "bottom",
            "dy": 4 if index else -4,
        }
        one: dict[str, Any] = {"values": [{}]}
        layers += [
            {"data": one, "mark": rule, "encoding": {"y": height}},
            {"data": one, "mark": label, "encoding": {"x": {"value": "width"}, "y": height}},
        ]
    return layers


def _cursor(x: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "clip": True},
        "encoding": {
            "x": {"datum": {"expr": "pointed"}, "type": "quantitative", "scale": x["scale"]},
            "opacity": {"condition": {"test": "pointed === null", "value": 0}, "value": 1},
        },
    }
