"""From a recording's x-rays to the pictures of a report."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from unstuck.findings.diagnose import diagnose
from unstuck.findings.inside import picture
from unstuck.observe.recording import Recording
from unstuck.observe.xray import grids
from unstuck.observe.xray.facts import (
    FlowFacts,
    GateFacts,
    LagFacts,
    MemoryFacts,
    SiteFacts,
    SiteMeasures,
    StateFacts,
    XRayFacts,
)
from unstuck.observe.xray.trace import Trace
from unstuck.pictures import GatePicture, LagPicture

SITE = SiteFacts("encoder/lstm", "lstm", "LSTM", ("forget",), 300, 1, 70)


def facts(step: int, gradient: float = 0.5) -> XRayFacts:
    site = SiteMeasures(
        site=SITE,
        gates=(GateFacts("forget", 0.1, 0.0, 0.1, 0.0, 0.6, gradient),),
        memory=MemoryFacts(None, math.inf, 7, (0, 1), (1.0, math.nan)),
        states=StateFacts(0.0, 0.0, 1.0, 0.0, None, 1.0, 1.0),
        weights=None,
        flow=FlowFacts(1.0, 1.0, None, 1.0, 1.0),
    )
    return XRayFacts(step, "start", 2, math.nan, (site,))


def trace() -> Trace:
    draw = np.random.default_rng(0).random((2, 300, 70)).astype(np.float32)
    mask = np.ones((2, 300), bool)
    mask[:, 290:] = False
    mask[0, 150:] = False
    return Trace(SITE, mask, draw, {"forget": draw}, draw, draw, {"forget": draw}, draw, draw, draw)


def test_what_was_recorded_is_what_is_drawn(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "run")
    fit = recording.start_fit()
    recording.fact(fit, "hello", 1)
    kept = grids.kept(trace())
    recording.xray(fit, facts(0), {"encoder/lstm": kept})
    recording.xray(fit, XRayFacts(9, "end", 2, 0.1, (), withheld="it is stateful"))
    recording.close()
    (report,) = diagnose(tmp_path / "run").fits
    first, last = report.xrays
    assert (last.step, last.sites, last.withheld) == (9, (), "it is stateful")
    # What is not finite in a live x-ray comes back from a recording as None: both look the same.
    assert first == picture(facts(0), {"encoder/lstm": kept})
    (site,) = first.sites
    assert site.memory.measured_half_life is None
    assert site.memory.gradient == (1.0, None)
    assert (site.memory.horizon, site.memory.heard) == (7, True)
    assert first.loss is None
    assert site.step_bins == tuple((at, min(at + 2, 299)) for at in range(0, 300, 3))
    assert site.unit_bins == tuple((at, at + 1) for at in range(0, 70, 2))
    assert site.counted == pytest.approx([1] * 50 + [0.5] * 46 + [1 / 3] + [0] * 3)
    names = [(grid.quantity, grid.measure) for grid in site.maps]
    assert names == [
        (quantity, measure)
        for quantity in ("forget", "cell state", "hidden state")
        for measure in ("activation", "gradient")
    ]
    for grid in site.maps:
        values = np.frombuffer(grid.data, "<f4").reshape(grid.shape)
        np.testing.assert_array_equal(values, kept[grids.chart(grid.measure, grid.quantity)])


def test_a_site_without_arrays_still_has_its_numbers() -> None:
    lag = LagFacts("dense", 300, 48, 0.9, beyond=400)
    shown = picture(facts(3, gradient=math.inf), {}, [lag])
    assert shown.lags == (LagPicture("dense", 300, 48, 400),)
    (site,) = shown.sites
    assert site.gates == (GatePicture("forget", 0.6, 0.1, None),)
    assert (site.maps, site.counted, site.step_bins) == ((), (), ())
    assert site.memory.horizon == 7


@pytest.mark.parametrize(
    ("horizon", "significance", "heard"),
    [(0, (0.01, 0.5), True), (0, (0.06, 0.5), False), (0, (), False), (3, (0.5, 0.01), True)],
)
def test_a_horizon_of_zero_may_be_the_last_step_or_none(horizon, significance, heard) -> None:
    measured = facts(0)
    memory = MemoryFacts(None, None, horizon, significance=significance)
    seen = dataclasses.replace(
        measured, sites=(dataclasses.replace(measured.sites[0], memory=memory),)
    )
    assert picture(seen, {}).sites[0].memory.heard == heard
