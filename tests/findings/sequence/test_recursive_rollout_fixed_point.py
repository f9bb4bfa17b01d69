"""SEQ108: forecasts that come to rest when they are fed back."""

from __future__ import annotations

import pytest
from tests.findings import standins as given

from unstuck.case.script import Script
from unstuck.findings.verdict import verdict
from unstuck.observe.framing import RolloutFacts

HEAD = "import numpy as np\nimport keras\nfrom keras import layers\n"
MODEL = (
    "model = keras.Sequential([keras.Input((8, 1)), layers.LSTM(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(x, y)\n"
)
LOOP = (
    "for step in range(60):\n"
    "    p = model.predict(window[None])\n"
    "    window = np.concatenate([window[1:], p])\n"
)


def rolled(late: float = 0.001, settled: int = 30) -> RolloutFacts:
    return RolloutFacts("dense", 200, 16, 0.4, late, 0.01, 0.2, settled)


def judge(facts, loop=LOOP, *, skill=0.9, scripts=None):
    sources = {"train.py": Script.parse(HEAD + MODEL + loop, "train.py")}
    return given.judge(
        "SEQ108",
        outcome=given.outcome(rollouts=(facts,) if facts else ()),
        progress=given.progress(skill=skill),
        scripts=sources if scripts is None else scripts,
    )


def test_a_script_that_feeds_back_what_comes_to_rest_is_misled():
    (found,) = judge(rolled())
    assert (found.severity, found.location.line) == ("warning", 8)
    assert "after 30 steps" in found.message
    assert verdict(given.progress(skill=0.9), (found,)) == "misleading"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (rolled(late=0.7), {}),
        (rolled(), {"skill": 0.05}),
        (rolled(), {"loop": "p = model.predict(x)\n"}),
        (None, {}),
    ],
    ids=["goes on", "no skill", "no loop", "not measured"],
)
def test_what_goes_on_or_is_not_fed_back_is_left_alone(facts, words):
    assert not judge(facts, **words)


def test_a_loop_that_stops_before_is_told_by_the_way():
    (found,) = judge(rolled(settled=90))
    assert found.severity == "note"
    assert [one.severity for one in judge(rolled(), scripts={})] == ["note"]


@pytest.mark.parametrize(
    ("loop", "line"),
    [
        (LOOP, 8),
        (
            "out = list(seed)\nwhile len(out) < 99:\n"
            "    last = np.array(out[-8:])[None, :, None]\n"
            "    out.append(model.predict_on_batch(last)[0, 0])\n",
            10,
        ),
        (
            "def ahead(model, window, count):\n    for _ in range(count):\n"
            "        p = model.predict(window)\n        window = np.roll(window, -1, axis=1)\n"
            "        window[:, -1, 0] = p[:, 0]\n    return window\nahead(model, x[:1], 50)\n",
            9,
        ),
        (
            "for k in range(9):\n    p = model(window, training=False)\n"
            "    window = np.append(window[:, 1:], p[:, None], axis=1)\n",
            8,
        ),
    ],
)
def test_loops_that_feed_predictions_back(suspected, loop, line):
    (found,) = suspected("SEQ108", HEAD + MODEL + loop)
    assert (found.severity, found.location.line) == ("note", line)


@pytest.mark.parametrize(
    "loop",
    [
        "for part in parts:\n    found.append(model.predict(part))\n",
        "for i in range(9):\n    p = model.predict(x[i:i + 1])\n    errors.append(p - y[i])\n",
        "for epoch in range(9):\n    model.fit(x, y)\n    print(model.predict(x).std())\n",
        "p = model.predict(x)\nfor step in range(9):\n    total = total + p[step]\n",
    ],
)
def test_loops_that_predict_something_else_each_time(suspected, loop):
    assert not suspected("SEQ108", HEAD + MODEL + loop)


def test_generators_of_classes_draw_and_are_left_alone(suspected):
    source = HEAD + MODEL.replace("'mse'", "'categorical_crossentropy'") + LOOP
    assert not suspected("SEQ108", source)
