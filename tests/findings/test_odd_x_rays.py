"""Every rule before x-rays, layers and steps that are not what one expects."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from tests.findings.xrayed import both, site, xray

from unstuck.case.facts import LayerFacts, from_plain
from unstuck.findings.registry import rules
from unstuck.observe.outcome import FailureFacts
from unstuck.observe.xray.facts import LagFacts, MemoryFacts, StateFacts
from unstuck.record import plain

BARE = dataclasses.replace(
    site("cell", kind="LSTM", activation=None, recurrent_activation=None),
    gates=(),
    memory=MemoryFacts(None, None, None),
    weights=None,
)
STRANGER = site("nowhere", name="encoder/rnn#2", states={"growth": None})
WILD = site(
    gates={"all": {"saturated": 1.0, "mean": float("nan"), "stuck_units": 1.0}},
    states={"dead_units": 1.0, "growth": 1e30, "twins": 1.0, "rank": 1.0},
    weights={"forget_bias": None, "kernel_scale": None, "recurrent_scale": None},
    memory={"lags": (0, 1, 4), "reach": (1.0, 0.0, float("nan"))},
    flow={"input_rms": float("inf")},
    masked=1.0,
    activation="snake",
)
WITHHELD = dataclasses.replace(xray(), sites=(), withheld="The replay of lstm differs.")
XRAYS = {
    "none": (),
    "bare": both(BARE),
    "stranger": both(STRANGER),
    "wild": both(WILD, STRANGER),
    "withheld": (WITHHELD, WITHHELD),
    "late": (xray(step=40, reason="end"),),
    "others": (xray(site("a")), xray(site("b"), step=60, reason="end")),
}
EMPTY = LayerFacts("mine", "Mine", {}, None, None, ("gone",), "gone", stock=False)
LAYERS = {
    "none": lambda cell: (),
    "bare": lambda cell: (EMPTY, LayerFacts("lstm", "LSTM", {})),
    "in a circle": lambda cell: (cell(name="a", inputs=("b",)), cell(name="b", inputs=("a",))),
    "twice": lambda cell: (cell("Masking", "x"), cell(name="x", inputs=("x",)), cell("Embedding")),
}
LAGS = (LagFacts("dense", 5, None, 0.0), LagFacts("elsewhere", 5, 4, 0.9))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.cause)
def test_no_rule_stumbles(written, cell, rule):
    words = {"lags": LAGS, "failure": FailureFacts("E", ""), "fit": {"shuffle": None}}
    for layers in LAYERS.values():
        for xrays in XRAYS.values():
            written.judge(rule.code, xrays=xrays, layers=layers(cell), **words)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.cause)
@pytest.mark.parametrize("steps", [1, 2, 60])
def test_no_rule_stumbles_over_steps_without_numbers(written, rule, steps):
    nothing = {"gradient": np.nan, "weight": np.nan, "update": np.nan, "nonfinite": np.nan}
    variables = {"lstm/kernel": {"shape": ()} | nothing, "x/bias": {"shape": (0,), "weight": 0.0}}
    losses = np.full(steps, np.nan)
    written.judge(rule.code, losses=losses, variables=variables, skill=None, xrays=XRAYS["wild"])


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.cause)
def test_a_healthy_run_with_x_rays_has_no_error(written, cell, rule):
    found = written.judge(rule.code, xrays=both(), layers=(cell(),), skill=0.97)
    assert not [one for one in found if one.severity == "error"]


def test_numbers_that_are_not_finite_come_back_as_no_number():
    states = StateFacts(0.0, 0.0, 1.0, 0.0, growth=float("inf"), largest=float("inf"), rms=0.1)
    again = from_plain(StateFacts, plain(states))
    # Where None has a meaning it is that; elsewhere every comparison must be False.
    assert again.growth is None
    assert math.isnan(again.largest)
    assert again.rms == 0.1
