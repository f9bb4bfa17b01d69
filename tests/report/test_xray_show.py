"""One x-ray by itself, in a notebook and in a terminal."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.report import xray
from unstuck.report.html.heat import BROKEN, LEVELS, MISSING, ZERO, Scale
from unstuck.report.html.palettes import colour
from unstuck.report.html.still import SHADES, _drawn


@pytest.fixture(scope="module")
def seen(cells):
    shut = cells.trace("encoder/lstm", forget_bias=-3, masked=True, gain=0.5)
    return cells.xray(shut, cells.trace("decoder", units=5, steps=9), lags=(cells.lag(),))


def test_a_terminal_shows_a_table_of_gates(seen):
    text = xray.as_text(seen)
    assert text.startswith("X-ray of 2 layers before training: 8 samples, loss 0.5\n")
    words = " ".join(text.split())
    assert "What decides the answer lies up to 48 steps back; " in words
    rows = [line.split() for line in text.splitlines()]
    assert "encoder/lstm LSTM, 16 units, 60 time steps" in words
    assert rows.count(["gate", "mean", "saturated", "gradient"]) == 2
    gates = [row[0] for row in rows if len(row) == 5 and row[3] == "%"]
    assert gates == ["input", "forget", "candidate", "output"] * 2
    (first, *_) = [row for row in rows if row[:1] == ["forget"]]
    gate = seen.sites[0].gates[1]
    assert float(first[1]) == pytest.approx(gate.mean, rel=1e-3)
    assert float(first[2]) == round(100 * gate.saturated)
    assert float(first[4]) == pytest.approx(gate.gradient, rel=1e-2)
    horizon = seen.sites[0].memory.horizon
    assert f"learning signal: {horizon} step back; half-life 2.25 steps by" in words
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_it_is_written_to_a_stream_that_may_be_old(seen, encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    xray.show(seen, stream)
    stream.flush()
    assert b"candidate" in raw.getvalue()
    assert b"\x1b" not in raw.getvalue()


def test_a_withheld_xray_says_why(cells):
    shown = cells.withheld(3, "end", "the layer is stateful [bold]</p>")
    assert xray.as_text(shown).splitlines() == [
        "X-ray at the end, after 3 steps: 8 samples",
        "  Withheld: the layer is stateful [bold]</p>",
    ]
    text = xray.as_html(shown)
    assert "the layer is stateful [bold]&lt;/p&gt;" in text
    assert "<table" not in text


def test_a_notebook_shows_every_map_without_a_script(seen):
    text = xray.as_html(seen)
    before = text[: text.index("<script>")]
    assert text.count("<script>") == text.count("</script>") == 1
    assert not re.search(r"\b(src|href|style)=", text)
    for name in ("input", "forget", "candidate", "output", "cell state", "hidden state"):
        assert before.count(f"Units, <b>{name}</b>") == 2
    assert before.count("<details open>") == 2
    assert re.search(r'class="still-masked" d="M\d+ 0h', before)
    assert "Grey: masked in every sample." in before
    assert len(text.encode()) < 500_000


def test_hostile_names_stay_text(cells, samples, seen):
    hostile = cells.renamed(seen, samples.HOSTILE)
    text = xray.as_html(hostile)
    assert text.count("<script") == 1
    assert "<img" not in text
    assert text.count("&lt;img") > 10
    # A name in brackets is no markup to a terminal either.
    assert "[bold]{{7*7}}" in "".join(xray.as_text(hostile).split())


def test_a_deep_model_is_cut_short(cells):
    traces = [cells.trace(f"lstm_{index}", steps=4, units=2) for index in range(11)]
    shown = cells.xray(*traces)
    assert xray.as_text(shown).rstrip().endswith("and 3 more layers")
    text = xray.as_html(shown)
    assert "The maps of 8 more layers are left out" in text
    assert "3 more layers are left out." in text


@pytest.mark.browser
def test_a_notebook_draws_what_it_shows(seen, visit, tmp_path):
    path = tmp_path / "cell.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{xray.as_html(seen)}", encoding="utf-8")
    opened = visit.file(path)
    strip = opened.page.locator(".still-map").nth(1)
    area = strip.bounding_box()
    assert (area["width"] > 200, area["height"]) == (True, 20)
    assert opened.page.locator("details[open] .still-tall").first.bounding_box()["height"] == 170
    assert opened.page.locator(".memory-reach").first.bounding_box()["width"] > 1
    opened.check()


codes = st.lists(
    st.lists(
        st.integers(0, LEVELS - 1) | st.sampled_from([ZERO, BROKEN, MISSING]),
        min_size=6,
        max_size=6,
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60)
@given(codes)
def test_the_paths_paint_each_cell_once_in_its_colour(rows):
    scale = Scale("viridis", 0.0, 1.0)
    array = np.array(rows, np.uint8)
    painted = {}
    for path in _drawn(array, scale)["paths"]:
        for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path["d"]):
            assert width == back
            for column in range(int(x), int(x) + int(width)):
                assert (int(y), column) not in painted
                painted[int(y), column] = path["fill"]
    for (y, x), code in np.ndenumerate(array):
        wanted = {ZERO: None, BROKEN: "#ff00c8", MISSING: "masked"}.get(int(code), "")
        if wanted == "":
            shade = round(int(code) / (LEVELS - 1) * (SHADES - 1))
            wanted = colour("viridis", shade / (SHADES - 1))
        assert painted.get((y, x)) == wanted


def test_importing_it_is_light():
    code = "import sys, unstuck.report.xray; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"keras", "numpy", "rich", "jinja2"} & set(done.stdout.split())
