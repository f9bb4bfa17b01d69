"""The inside of the cells on the page: what it holds, and what a browser makes of it."""

from __future__ import annotations

import base64
import dataclasses
import json
import re

import numpy as np
import pytest

from unstuck.report import html, notebook
from unstuck.report import json as document
from unstuck.report.html import page
from unstuck.report.html.drawn import FINENESS, chosen, insides
from unstuck.report.html.heat import BROKEN, LEVELS, MISSING, ZERO
from unstuck.report.inside import WHOLE

LIMIT = 1_500_000
SENTENCE = "What decides the answer lies up to 48 steps back"


def with_xrays(diagnosis, *courses):
    fits = tuple(dataclasses.replace(diagnosis.fits[0], xrays=tuple(xrays)) for xrays in courses)
    return dataclasses.replace(diagnosis, fits=fits)


def data_of(text: str) -> list:
    (found,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


@pytest.fixture(scope="module")
def healthy(samples, cells):
    return with_xrays(samples.healthy(), cells.course(forget=(1, 3, 5), gain=0.5))


@pytest.fixture(scope="module")
def shut(samples, cells):
    return with_xrays(samples.stuck(), cells.course(forget=(1, -1, -4), gain=0.5, masked=True))


def test_the_page_tells_how_far_back_it_learns_without_a_script(shut):
    text = html.render(shut)
    before = text[: text.index("<script")]
    assert f"{SENTENCE}; the network&#39;s learning signal fades after 1" in before
    assert 'class="memory-need" x1=' in before
    assert "what decides the answer: 48 steps back" in before
    assert re.search(r"<td>forget</td><td>0\.7\d+ → 0\.02\d*</td>", before)


def test_a_code_is_the_mean_of_what_it_stands_for(shut):
    (found,) = data_of(html.render(shut))
    (site,) = found["xrays"]["sites"]
    names = ["input", "forget", "candidate", "output", "cell state", "hidden state"]
    assert site["quantities"] == names
    assert (site["steps"], site["units"], site["cut"], site["overview"]) == (60, 16, [1, 1], 4)
    picture = shut.fits[0].xrays[-1].sites[0]
    grids = {(grid.measure, grid.quantity): grid for grid in picture.maps}
    shot = site["xrays"][-1]
    for measure, quantity in (("activation", "forget"), ("gradient", "cell state")):
        grid = grids[measure, quantity]
        values = np.frombuffer(grid.data, "<f4").reshape(grid.shape)
        at = names.index(quantity)
        packed = shot[measure]["maps"][at]
        codes = np.frombuffer(base64.b64decode(packed), np.uint8).reshape(grid.shape)
        np.testing.assert_array_equal(codes == MISSING, np.isnan(values))
        scale = site["scales"][measure]["maps"][at]
        share = codes / (LEVELS - 1)
        if scale["log"]:
            read = scale["low"] * (scale["high"] / scale["low"]) ** share
            kept = (codes < LEVELS) & (codes > 0)
            np.testing.assert_allclose(read[kept], values[kept], rtol=0.06)
            assert kept.sum() > 300
        else:
            read = scale["low"] + (scale["high"] - scale["low"]) * share
            np.testing.assert_allclose(read[codes < LEVELS], values[codes < LEVELS], atol=0.003)
    counted = np.frombuffer(base64.b64decode(shot["counted"]), np.uint8)
    np.testing.assert_allclose(counted, 100 * np.array(picture.counted), atol=0.51)


def test_what_is_no_colour_has_codes_of_its_own(samples, cells):
    seen = cells.trace(steps=6, units=3)
    seen.hidden[0, 2, 1] = np.nan
    (found,) = data_of(html.render(with_xrays(samples.stuck(), [cells.xray(seen)])))
    shot = found["xrays"]["sites"][0]["xrays"][0]
    hidden = base64.b64decode(shot["activation"]["maps"][5])
    assert [code == BROKEN for code in hidden] == [index == 1 * 6 + 2 for index in range(18)]
    # The cell starts empty, so that its forget gate gets no gradient at the first step.
    forget = base64.b64decode(shot["gradient"]["maps"][1])
    assert [code == ZERO for code in forget] == [index % 6 == 0 for index in range(18)]


def test_all_xrays_and_all_gates_share_their_scales(healthy):
    (site,) = data_of(html.render(healthy))[0]["xrays"]["sites"]
    gates = site["scales"]["gradient"]["maps"][:4]
    assert gates == [gates[0]] * 4
    shut_to_open = [each["palette"] for each in site["scales"]["activation"]["maps"]]
    assert shut_to_open == ["viridis", "viridis", "signed", "viridis", "signed", "signed"]
    assert {
        (each["low"], each["high"])
        for each in site["scales"]["activation"]["maps"]
        if each["palette"] == "viridis"
    } == {(0, 1)}


@pytest.mark.parametrize("count", [1, 6, 40])
def test_a_page_stays_below_its_limit_however_much_was_seen(samples, cells, count):
    base = samples.large(points=2000, layers=20, fits=1)
    traces = [cells.trace(f"block_{index}/lstm", steps=300, units=70) for index in range(7)]
    course = [cells.xray(*traces, step=step) for step in (0, 10, 20, 30, 40)]
    text = html.render(with_xrays(base, *[course] * count))
    assert len(text.encode()) < LIMIT
    found = [each["xrays"] for each in data_of(text)]
    assert len(found) == min(count, page.CHARTED_FITS)
    left_out = text.count("The maps of gates and units are left out")
    assert left_out == sum(1 for each in found[:WHOLE] if not each)
    if count == 1:
        assert found[0]["left_out"] == ""
    elif count == 6:
        assert all("of 7 layers. The recording holds all." in each["left_out"] for each in found)
    else:
        assert text.count("Its pictures are left out") == page.CHARTED_FITS - WHOLE


def test_what_finds_no_room_is_said_to_be_left_out(samples, cells):
    diagnosis = with_xrays(samples.stuck(), cells.course())
    (found,) = insides(diagnosis.fits, room=1000)
    assert found["data"] is None
    (coarse,) = insides(diagnosis.fits, room=30_000)
    (fine,) = insides(diagnosis.fits, room=10**6)
    assert coarse["data"]["sites"][0]["cut"] > fine["data"]["sites"][0]["cut"] == [1, 1]
    template = page.environment().from_string(
        '{% from "inside.html" import maps %}{{ maps(drawn, 0) }}'
    )
    assert "left out, to keep this report small" in template.render(drawn=found)


@pytest.mark.parametrize(
    ("sites", "shots", "most", "kept", "words"),
    [
        (1, 3, 60, ((0, 1, 2), 1), ""),
        (3, 9, 12, ((0, 3, 5, 8), 3), "Shown: 4 of 9 x-rays. The recording holds all."),
        (9, 2, 8, ((0, 1), 4), "Shown: 4 of 9 layers. The recording holds all."),
        (
            9,
            5,
            4,
            ((0, 4), 2),
            "Shown: 2 of 5 x-rays, 2 of 9 layers. The recording holds all.",
        ),
    ],
)
def test_xrays_are_dropped_before_layers_but_never_the_first_and_the_last(
    cells, sites, shots, most, kept, words
):
    traces = [cells.trace(f"lstm_{index}", steps=4, units=2) for index in range(sites)]
    choice = chosen([cells.xray(*traces, step=step) for step in range(shots)], most)
    assert (choice.xrays, len(choice.sites)) == kept
    assert choice.left_out == words


def test_an_xray_that_is_withheld_says_why(samples, cells):
    why = "the replay differs from the model by 3 % </script>"
    text = html.render(with_xrays(samples.stuck(), [cells.withheld(why=why)]))
    assert "The x-ray before training is withheld:" in text
    assert "by 3 % &lt;/script&gt;" in text
    assert 'class="maps"' not in text


def test_a_fit_without_xrays_says_nothing_of_cells(samples):
    text = html.render(samples.stuck())
    assert "Inside the cells" not in text
    assert 'class="maps"' not in text


def test_the_document_holds_no_maps(shut):
    assert "xrays" not in document.text(shut)


def test_a_notebook_shows_the_bars_and_the_table(shut):
    text = notebook.fragment(shut)
    before = text[: text.index("<script>")]
    assert SENTENCE in before
    assert 'class="memory-reach"' in before
    assert "<td>forget</td>" in before
    assert "<select" not in text


def test_hostile_names_stay_text(samples, cells):
    diagnosis = with_xrays(
        samples.stuck(), [cells.renamed(each, samples.HOSTILE) for each in cells.course()]
    )
    usual = html.render(with_xrays(samples.stuck(), cells.course()))
    text = html.render(diagnosis)
    for sign in ("<script", "<img", "<!--"):
        assert text.count(sign) == usual.count(sign)
    spec = data_of(text)[0]["xrays"]["spec"]
    assert spec == data_of(usual)[0]["xrays"]["spec"]


def raster(seen_page, at: int):
    box = seen_page.locator(".raster").nth(at)
    box.scroll_into_view_if_needed()
    return box


def drawn(seen, number: int = 1):
    seen.drawn()
    seen.page.locator(".cells").first.scroll_into_view_if_needed()
    wanted = f'.maps[data-drawn="{number}"]'
    seen.page.wait_for_selector(wanted, state="attached", timeout=30_000)
    return seen.page


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_maps_are_drawn_in_silence(shut, visit, scheme):
    seen = visit(shut, color_scheme=scheme)
    shown = drawn(seen)
    assert shown.locator(".raster svg").count() == 4
    fills = "all => new Set(all.map(each => each.getAttribute('fill'))).size"
    for at in range(4):
        marks = shown.locator(".raster").nth(at).locator(".mark-rect path")
        assert marks.count() > 4
        assert marks.evaluate_all(fills) >= 4
    assert shown.locator(".chart").count() == 4
    legend = shown.locator(".scale").first.inner_text()
    assert "masked in every sample" in legend
    assert "share of samples not masked" in legend
    hatched = shown.locator('.raster path[fill="url(#unstuck-hatch)"]')
    assert hatched.first.bounding_box()["width"] > 2
    seen.check()


@pytest.mark.browser
def test_long_and_wide_layers_are_drawn_in_time_and_in_bounds(samples, cells, visit):
    small = cells.trace(samples=2, steps=100, units=32, masked=True)
    large = cells.tiled(small, 20, 16)
    assert large.hidden.shape == (2, 2000, 512)
    course = [cells.xray(large, step=step) for step in (0, 100)]
    diagnosis = with_xrays(samples.stuck(), course)
    assert len(html.render(diagnosis).encode()) < LIMIT
    seen = visit(diagnosis)
    shown = drawn(seen)
    assert "Each cell stands for 16 steps × 8 units." in shown.locator(".binning").inner_text()
    labels = shown.locator(".raster").nth(2).locator(".role-axis-label text").all_text_contents()
    assert {"unit 0", "500", "2,000"} <= set(labels)
    seen.check()


@pytest.mark.browser
def test_the_pointer_and_the_keyboard_read_a_cell(shut, visit):
    seen = visit(shut)
    shown = drawn(seen)
    box = raster(shown, 2)
    area = box.locator(".mark-rect path").first.bounding_box()
    # The first cell of the forget gate, which is nearly shut.
    for nudge in (1, 2):
        shown.mouse.move(area["x"] + nudge, area["y"] + 4)
    tip = shown.locator(".tip:not([hidden])")
    tip.wait_for()
    words = tip.inner_text()
    assert re.match(r"time step 0, unit 0: about 0\.0\d+$", words)
    shown.mouse.move(0, 0)
    tip.wait_for(state="detached")
    box.focus()
    for key in ("ArrowRight", "ArrowDown"):
        shown.keyboard.press(key)
    assert tip.inner_text().startswith("time step 1, unit 1: about ")
    box = raster(shown, 1)
    box.focus()
    for key in ("ArrowRight", "ArrowDown"):
        shown.keyboard.press(key)
    assert tip.inner_text() == "time step 0, forget: exactly 0"
    seen.check()


@pytest.mark.browser
def test_what_is_chosen_is_what_is_shown(samples, cells, visit):
    traces = (cells.trace("first", gain=0.5), cells.trace("second", units=4, steps=9, gain=0.5))
    course = [cells.xray(*traces), cells.xray(traces[0], step=9, reason="end")]
    seen = visit(with_xrays(samples.stuck(), course))
    shown = drawn(seen)
    options = "all => all.map(each => each.textContent)"
    choices = [
        shown.locator(f"select[name={name}] option").evaluate_all(options)
        for name in ("layer", "xray", "quantity")
    ]
    assert choices[:2] == [["first", "second"], ["before training", "at the end, after 9 steps"]]
    assert choices[2][-2:] == ["cell state", "hidden state"]
    assert shown.locator(".chosen").first.inner_text() == "forget"
    shown.select_option("select[name=quantity]", label="hidden state")
    drawn(seen, 2)
    assert shown.locator(".chosen").all_inner_texts() == ["hidden state"] * 2
    shown.select_option("select[name=layer]", label="second")
    drawn(seen, 3)
    # The second layer is in the first x-ray only.
    assert shown.locator(".no-map").is_visible()
    assert not shown.locator(".rasters").is_visible()
    shown.select_option("select[name=xray]", label="before training")
    drawn(seen, 4)
    assert not shown.locator(".no-map").is_visible()
    assert "4 rows over 9 time steps" in raster(shown, 3).get_attribute("aria-label")
    assert shown.locator(".chosen").first.inner_text() == "hidden state"
    seen.check()


@pytest.mark.browser
def test_zooming_one_map_zooms_all(shut, visit):
    shown = drawn(visit(shut))
    area = raster(shown, 1).bounding_box()
    shown.mouse.move(area["x"] + 0.8 * area["width"], area["y"] + 40)
    shown.keyboard.down("Control")
    shown.mouse.wheel(0, -800)
    shown.keyboard.up("Control")
    shown.wait_for_function(
        """() => [...document.querySelectorAll('.raster')].every(box =>
            ![...box.querySelector('.role-axis-label').querySelectorAll('text')]
                .some(label => label.textContent === '0'))"""
    )


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1200])
def test_hostile_names_do_nothing_and_are_shown(samples, cells, visit, width):
    hostile = samples.HOSTILE
    course = [cells.renamed(each, hostile) for each in cells.course()]
    seen = visit(with_xrays(samples.stuck(), course), viewport={"width": width, "height": 800})
    shown = drawn(seen)
    assert shown.locator("img").count() == 0
    visible = hostile.replace("\u2028", " ")
    assert shown.locator("select[name=layer] option").text_content() == visible
    assert visible in shown.locator(".gates caption").text_content()
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    box = raster(shown, 0)
    box.focus()
    shown.keyboard.press("ArrowRight")
    assert visible[:60] in shown.locator(".tip:not([hidden])").inner_text()
    assert shown.evaluate("({}).polluted") is None
    seen.check()


@pytest.mark.browser
def test_the_bars_are_there_even_where_scripts_are_off(shut, browser, tmp_path):
    path = tmp_path / "report.html"
    html.write(shut, path)
    context = browser.new_context(java_script_enabled=False)
    shown = context.new_page()
    shown.goto(path.as_uri())
    track = shown.locator(".memory-track").last.bounding_box()
    bar = shown.locator(".memory-row").nth(1).locator(".memory-reach").last.bounding_box()
    need = shown.locator(".memory-row").nth(1).locator(".memory-need").bounding_box()
    # The last two of 60 steps are heard, the one 48 steps back is needed.
    assert bar["x"] == pytest.approx(track["x"] + track["width"] * 58 / 60, abs=2)
    assert need["x"] == pytest.approx(track["x"] + track["width"] * 11.5 / 60, abs=3)
    context.close()


def test_the_ladder_of_fineness_falls():
    assert list(FINENESS) == sorted(set(FINENESS), reverse=True)
