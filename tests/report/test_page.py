from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unstuck.record import Curves, LossSummary
from unstuck.report import html
from unstuck.report.html import charts, page, scales, series, sketch

SAMPLES = ["stuck", "healthy", "diverged", "no_fits", "hostile", "large"]
LIMIT = 1_500_000


class Reader(HTMLParser):
    """Reads a page as a browser's tokenizer does: the text of each script and style by itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict]] = []
        self.raw: list[tuple[str, dict, str]] = []
        self.words: list[str] = []
        self._open: list | None = None

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._open = [tag, dict(attrs), ""]

    def handle_endtag(self, tag):
        if self._open and tag == self._open[0]:
            self.raw.append(tuple(self._open))
            self._open = None

    def handle_data(self, data):
        if self._open:
            self._open[2] += data
        else:
            self.words.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


def data_of(text: str) -> list:
    found = [raw for _, attrs, raw in read(text).raw if attrs.get("type") == "application/json"]
    assert len(found) == 1
    return json.loads(found[0])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_stays_below_its_limit(samples, name):
    assert len(html.render(getattr(samples, name)()).encode()) < LIMIT


def test_many_fits_with_many_long_curves_stay_below_the_limit(samples):
    text = html.render(samples.large(points=2000, layers=20, fits=40))
    assert len(text.encode()) < LIMIT
    assert len(data_of(text)) == page.CHARTED_FITS
    assert "The curves of the other 28 fits are left out" in text


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_names_nothing_to_load(samples, name):
    for tag, attrs in read(html.render(getattr(samples, name)())).tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert not {"src", "href", "srcset", "action", "style"} & set(attrs)
        assert not any(key.startswith("on") for key in attrs)


@pytest.mark.parametrize("name", ["stuck", "hostile"])
def test_the_policy_allows_exactly_the_scripts_and_styles_of_the_page(samples, name):
    reader = read(html.render(getattr(samples, name)()))
    policy = next(attrs["content"] for tag, attrs in reader.tags if "http-equiv" in attrs)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        allowed = re.search(rf"{kind}-src ([^;]*)", policy).group(1).split()
        digests = [
            "'sha256-" + base64.b64encode(hashlib.sha256(raw.encode()).digest()).decode() + "'"
            for tag, attrs, raw in reader.raw
            if tag == kind and attrs.get("type") != "application/json"
        ]
        assert digests == allowed


def test_hostile_strings_stay_text(samples):
    usual = read(html.render(samples.stuck()))
    reader = read(html.render(samples.hostile()))
    assert len(reader.raw) == len(usual.raw)
    hostile = samples.HOSTILE.replace("\u2028", " ")
    assert "".join(reader.words).count(hostile) > 20
    names = [
        line["name"] for line in data_of(html.render(samples.hostile()))[0]["charts"][1]["lines"]
    ]
    assert names == [hostile, "a.b[0]['c']", "\\\"';", "__proto__"]


@given(st.text())
def test_embedded_json_cannot_end_its_element(text):
    embedded = page.embedded({text: text})
    assert not set("<>&\u2028\u2029") & set(embedded)
    assert json.loads(embedded) == {text: text}


@pytest.mark.parametrize("name", page._VENDORED)
def test_a_vendored_script_cannot_end_its_element(name):
    script = page._vendored(name)
    assert "</script" not in script.lower()
    assert "<!--" not in script
    assert "sourceMappingURL" not in script


def test_specifications_hold_no_text_of_the_user(samples):
    for chart in data_of(html.render(samples.hostile()))[0]["charts"]:
        assert "alert" not in json.dumps(chart["spec"])
        assert "__proto__" not in json.dumps(chart["spec"])


def test_controls_are_rules_with_labels(samples):
    loss = data_of(html.render(samples.healthy()))[0]["charts"][0]
    assert [line["name"] for line in loss["lines"]] == [
        "training loss, mean of 10 steps",
        "validation loss",
        "training loss",
    ]
    marks = [layer["mark"] for layer in loss["spec"]["layer"] if layer["mark"]["type"] == "text"]
    assert [mark["text"] for mark in marks] == ["best constant 1.003", "naive forecast 0.181"]
    heights = [
        layer["encoding"]["y"]["datum"]
        for layer in loss["spec"]["layer"]
        if layer["mark"]["type"] == "rule" and "datum" in layer["encoding"].get("y", {})
    ]
    assert heights == [1.003, 0.181]


def test_all_four_charts_are_drawn_and_empty_ones_are_not(samples):
    kinds = [chart["kind"] for chart in page._pictures(samples.stuck().fits)[0]["charts"]]
    assert kinds == ["loss", "gradient_norm", "update_ratio", "learning_rate"]
    bare = Curves(steps=(0, 1), loss=(math.nan, None), gradient_norm={"lstm": (None, None)})
    assert charts.charts(bare, LossSummary(constant_predictor=1.0), 1) == []
    assert sketch.sketch(bare, LossSummary(constant_predictor=1.0)) is None


def test_numbers_that_are_not_finite_leave_gaps(samples):
    curves = Curves(steps=(0, 1, 2, 3), loss=(1.0, math.nan, math.inf, 2.0))
    assert series.lines(curves, 1)["loss"][0]["y"] == [1.0, None, None, 2.0]
    drawn = sketch.sketch(curves, LossSummary())
    assert drawn["curves"][0]["d"].count("M") == 2


def test_thinning_keeps_the_spike():
    loss = [1.0] * 5000
    loss[3333] = 1e6
    *_, line = series.lines(Curves(steps=tuple(range(5000)), loss=tuple(loss)), 7)["loss"]
    assert len(line["x"]) == len(line["y"]) == math.ceil(5000 / 7)
    assert max(line["y"]) == 1e6
    assert line["x"][line["y"].index(1e6)] <= 3333 < line["x"][line["y"].index(1e6) + 1]


def test_lists_of_unequal_length_are_cut_to_the_shorter():
    curves = Curves(steps=(0, 1, 2), loss=(1.0, 2.0), gradient_norm={"a": (1.0, 2.0, 3.0, 4.0)})
    drawn = series.lines(curves, 1)
    assert drawn["loss"][0]["x"] == [0, 1]
    assert drawn["gradient_norm"][0]["y"] == [1.0, 2.0, 3.0]


def test_a_layer_has_one_colour_in_both_charts():
    curves = Curves(
        steps=(0, 1),
        gradient_norm={"a": (1.0, 1.0), "b": (2.0, 2.0)},
        update_ratio={"b": (2.0, 2.0), "c": (3.0, 3.0)},
    )
    drawn = series.lines(curves, 1)
    for kind in ("gradient_norm", "update_ratio"):
        assert [line["name"] for line in drawn[kind]] == ["a", "b", "c"]


def test_twenty_four_layers_look_different():
    looks = [json.dumps(charts.style(index)) for index in range(24)]
    assert len(set(looks)) == 24


sizes = st.floats(-1e299, 1e299).filter(lambda value: value == 0 or abs(value) > 1e-299)
strange = st.sampled_from([None, math.nan, math.inf, -math.inf, 1.79e308, -1.79e308, 5e-324])


@given(st.lists(sizes | strange, max_size=20), st.booleans())
@example([1.0, 6.4e290], False)
@example([1e-299, 0.0, 1e299], True)
def test_an_axis_shows_every_value(values, prefer_log):
    drawn = scales.finite(values)
    axis = scales.axis(values, prefer_log)
    if not drawn:
        assert axis is None
        return
    json.dumps(axis, allow_nan=False)
    low, high = axis["domain"]
    assert low < high
    for value in drawn:
        shown = axis["zero"] if value == 0 and axis["zero"] else value
        assert low <= shown <= high
    assert axis["type"] == "linear" or low > 0
    assert all(low <= tick <= high for tick in axis["ticks"] or [])


def test_zeros_get_a_line_of_their_own_below_a_logarithmic_axis():
    axis = scales.axis([0.0, 1e-3, 1.0], prefer_log=True)
    assert axis["type"] == "log"
    assert axis["ticks"][0] == axis["zero"] < 1e-3


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_written_is_what_is_rendered(samples, name, tmp_path):
    path = tmp_path / "report.html"
    html.write(getattr(samples, name)(), path)
    assert path.read_text(encoding="utf-8") == html.render(getattr(samples, name)())


def test_a_report_without_charts_carries_no_chart_library(samples):
    assert len(html.render(samples.no_fits()).encode()) < 60_000
