"""The page as a browser shows it: drawn, silent, offline, and deaf to what strings ask for."""

from __future__ import annotations

import pytest

from unstuck.report import html, notebook

pytestmark = pytest.mark.browser


def lines(page, chart: int) -> list[str]:
    """Returns the drawn paths of a chart's lines."""
    found = page.locator(".chart").nth(chart).locator(".mark-line path")
    return found.evaluate_all("all => all.map(path => path.getAttribute('d'))")


def ticks(page, chart: int) -> set[str]:
    """Returns the labels of the steps, which Vega keeps in no certain order."""
    axis = page.locator(".chart").nth(chart).locator(".role-axis-label").first
    return set(axis.locator("text").all_text_contents())


def hover(page, chart: int, across: float) -> None:
    box = page.locator(".chart").nth(chart)
    box.scroll_into_view_if_needed()
    area = box.bounding_box()
    for nudge in (0, 2):
        page.mouse.move(area["x"] + area["width"] * across + nudge, area["y"] + 40)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("stuck", "light"),
        ("healthy", "dark"),
        ("diverged", "light"),
        ("hostile", "dark"),
        ("large", "light"),
    ],
)
def test_every_chart_is_drawn_without_a_complaint_or_a_request(samples, visit, name, scheme):
    seen = visit(getattr(samples, name)(), color_scheme=scheme)
    page = seen.drawn()
    assert page.locator(".chart").count() == 4
    for chart in range(4):
        assert any("L" in path for path in lines(page, chart))
    seen.check()


def test_a_report_without_fits_is_silent_too(samples, visit):
    seen = visit(samples.no_fits())
    assert seen.drawn().locator(".chart").count() == 0
    seen.check()


def test_gaps_stay_gaps(samples, visit):
    page = visit(samples.diverged()).drawn()
    box = page.locator(".chart").first.locator(".mark-line path").first.bounding_box()
    whole = page.locator(".chart").first.bounding_box()
    # NaN from step 180 of 240 on: the curve ends before the last quarter of the chart.
    assert box["x"] + box["width"] < whole["x"] + 0.8 * whole["width"]


def test_hostile_strings_run_nothing_and_are_shown(samples, visit):
    usual = visit(samples.stuck()).drawn().locator("script").count()
    seen = visit(samples.hostile())
    page = seen.drawn()
    page.locator(".finding summary").first.click()
    hover(page, 1, 0.5)
    page.wait_for_selector(".tip:not([hidden])")
    assert page.locator("script").count() == usual
    assert page.locator("img").count() == 0
    hostile = samples.HOSTILE.replace("\u2028", " ")
    assert hostile in page.locator(".tip:not([hidden])").text_content()
    assert hostile in page.locator("h1").text_content()
    assert page.evaluate("({}).polluted") is None
    seen.check()


def test_no_script_can_be_added_and_no_text_compiled(samples, visit):
    page = visit(samples.stuck()).drawn()
    page.evaluate(
        """() => {
            const added = document.createElement('script');
            added.textContent = 'document.title = "added"';
            document.body.append(added);
        }"""
    )
    assert page.title() == "Stuck: train.py"
    assert page.evaluate("fetch('https://example.org/').then(() => 1, () => 0)") == 0


def test_the_tooltip_reads_the_values_under_the_pointer(samples, visit):
    diagnosis = samples.healthy()
    page = visit(diagnosis).drawn()
    hover(page, 1, 0.5)
    page.wait_for_selector(".tip:not([hidden])")
    head, *rows = page.locator(".tip:not([hidden])").inner_text().split("\n")
    step = int(head.removeprefix("step ").replace(",", ""))
    curves = diagnosis.fits[0].curves
    at = curves.steps.index(step)
    told = {name: float(value) for name, value in (row.split("\t") for row in rows)}
    for layer, norms in curves.gradient_norm.items():
        assert told[layer] == pytest.approx(norms[at], rel=1e-3)
    page.mouse.move(0, 0)
    page.wait_for_selector(".tip:not([hidden])", state="detached")


def test_the_keyboard_reads_values_too(samples, visit):
    page = visit(samples.healthy()).drawn()
    page.locator(".chart").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".tip:not([hidden])").inner_text().startswith("step 12\n")


def test_a_click_in_the_legend_isolates_a_layer_and_a_second_one_brings_all_back(samples, visit):
    page = visit(samples.healthy()).drawn()
    button = page.get_by_role("button", name="lstm_2")
    shades = "all => all.map(path => path.getAttribute('opacity'))"
    for wanted in (["0.08", "1", "0.08"], ["1", "1", "1"]):
        button.click()
        for chart in (1, 2):
            page.wait_for_function(
                """([chart, wanted]) => String([...document.querySelectorAll('.chart')[chart]
                    .querySelectorAll('.mark-line path')].map(p => p.getAttribute('opacity')))
                    === String(wanted)""",
                arg=[chart, wanted],
            )
            paths = page.locator(".chart").nth(chart).locator(".mark-line path")
            assert paths.evaluate_all(shades) == wanted


def test_zooming_one_chart_zooms_all_and_a_double_click_resets(samples, visit):
    page = visit(samples.healthy()).drawn()
    before = [ticks(page, chart) for chart in range(4)]
    hover(page, 1, 0.5)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -600)
    page.keyboard.up("Control")
    shows_zero = """wanted => [...document.querySelectorAll('.chart')].every(chart =>
        [...chart.querySelector('.role-axis-label').querySelectorAll('text')]
            .some(label => label.textContent === '0') === wanted)"""
    page.wait_for_function(shows_zero, arg=False)
    after = [ticks(page, chart) for chart in range(4)]
    assert after[0] < before[0]
    assert after == [after[0]] * 4
    area = page.locator(".chart").nth(1).bounding_box()
    page.mouse.dblclick(area["x"] + 300, area["y"] + 60)
    page.wait_for_function(shows_zero, arg=True)
    assert [ticks(page, chart) for chart in range(4)] == before


def test_the_wheel_alone_scrolls_the_page(samples, visit):
    page = visit(samples.healthy()).drawn()
    hover(page, 1, 0.5)
    before, shown = page.evaluate("scrollY"), ticks(page, 1)
    page.mouse.wheel(0, 100)
    page.wait_for_function("was => scrollY > was", arg=before)
    assert ticks(page, 1) == shown


@pytest.mark.parametrize("name", ["stuck", "hostile"])
def test_nothing_sticks_out_sideways(samples, visit, name):
    page = visit(getattr(samples, name)(), viewport={"width": 360, "height": 800}).drawn()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_loss_is_drawn_even_where_scripts_are_off(samples, browser, tmp_path):
    path = tmp_path / "report.html"
    html.write(samples.healthy(), path)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("svg.sketch path.curve").first.bounding_box()["width"] > 300
    context.close()


def test_a_fragment_keeps_its_style_to_itself(samples, visit, tmp_path):
    path = tmp_path / "notebook.html"
    parts = [notebook.fragment(samples.stuck()), notebook.fragment(samples.hostile())]
    path.write_text(
        "<!doctype html><meta charset=utf-8><style>h1 { color: rgb(1, 2, 3) !important }</style>"
        f"<h1 id=outside>mine</h1>{''.join(parts)}",
        encoding="utf-8",
    )
    seen = visit.file(path)
    colour = "all => all.map(each => getComputedStyle(each).color)"
    outside, first, second = seen.page.locator("h1").evaluate_all(colour)
    assert outside == "rgb(1, 2, 3)"
    assert first == second != outside
    assert seen.page.locator("img").count() == 0
    seen.check()
