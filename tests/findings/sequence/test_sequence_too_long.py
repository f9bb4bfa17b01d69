"""SEQ103: more steps between the information and the read-out than a state carries."""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np
import pytest
from tests.findings.xrayed import both, site

from unstuck.case.edits import apply
from unstuck.findings.ranking import ranked
from unstuck.findings.registry import rule
from unstuck.findings.sequence.reach import HALVINGS, KEPT, REACH, memory
from unstuck.observe.xray.facts import LagFacts

LOSSES = np.ones(400)
"""Enough updates of a loss that does not fall."""


def lag(needed: int | None = 199, near: float = 0.0, *, score: float = 0.9) -> LagFacts:
    """Windows of 200 steps of which the last 32 and the rest explain so much."""
    scores = (near, near, score)
    return LagFacts("dense", 200, needed, score, lags=(31, 127, 199), scores=scores)


def judged(written: Any, *layers: Any, **words: Any) -> list[Any]:
    given = {"lags": (lag(),), "losses": LOSSES, "rate": 0.01, "skill": 0.0, "signal": 0.5}
    return list(written.judge("SEQ103", layers=layers, **given | words))


def long(cell: Any, *names: Any, steps: int = 200, **config: Any) -> Any:
    return cell(*names, shape=(None, steps, 2), line=config.pop("line", 6), **config)


def test_the_reach_is_what_float32_resolves() -> None:
    """Beside 1, the state of 51 steps ago is below the spacing of float32; of 50, it is not."""
    spacing = float(np.finfo(np.float32).eps)
    assert pytest.approx(1 / (1 + math.exp(-1))) == KEPT
    assert KEPT**REACH < spacing <= KEPT ** (REACH - 1)
    assert spacing == 0.5**HALVINGS


@pytest.mark.parametrize(
    ("needed", "near", "skill", "severities"),
    [
        (199, 0.0, 0.0, ["error"]),
        (REACH + 1, 0.0, 0.0, ["error"]),
        # What is near has been learned.
        (199, 0.3, 0.25, ["error"]),
        # What is near has been missed as well.
        (199, 0.3, 0.01, ["warning"]),
        (199, 0.6, 0.01, []),
        # Near enough, or nothing far away that is worth much.
        (REACH, 0.0, 0.0, []),
        (199, 0.85, 0.01, []),
        (None, 0.0, 0.0, []),
        # It learns.
        (199, 0.0, 0.8, []),
    ],
)
def test_what_lies_out_of_reach(written, cell, needed, near, skill, severities):
    found = judged(written, long(cell), lags=(lag(needed, near),), skill=skill)
    assert [one.severity for one in found] == severities
    for one in found:
        assert (one.location.line, one.location.layer) == (6, "lstm")
        assert one.evidence["needed_lag"].value == needed
        assert one.evidence["explained_within_reach"].value == pytest.approx(near)


def remembers(half_life: float | None, horizon: int, steps: int = 200, kind: str = "LSTM") -> Any:
    kept = {"half_life": half_life, "measured_half_life": half_life, "horizon": horizon}
    return both(site(kind=kind, steps=steps, memory=kept))


@pytest.mark.parametrize(
    ("half_life", "horizon", "count"),
    [
        (2.2, 0, 1),
        # Heard, but the state is gone by then; or kept, but nothing is heard.
        (2.2, 199, 1),
        (50.0, 20, 1),
        (50.0, 199, 0),
        (None, 199, 0),
    ],
)
def test_what_an_x_ray_shows_of_the_memory(written, cell, half_life, horizon, count):
    found = judged(written, long(cell), xrays=remembers(half_life, horizon))
    assert len(found) == count
    for one in found:
        assert one.confidence == (0.9 if horizon < 199 else 0.75)
        assert one.evidence["memory_horizon"].value == horizon
        # More updates, or another rate, are no help to what hears nothing.
        assert ("too_few_updates" in one.explains) == (horizon < 199)


def test_memory_is_told_in_steps_of_the_window() -> None:
    """A site behind a layer that halves the steps remembers twice as many of the data's."""
    kept = memory(remembers(3.0, 10, steps=100), 200)
    assert (kept.half_life, kept.horizon) == (6.0, 20.0)
    assert memory((), 200).half_life is None


def test_fewer_steps_that_arrive_are_fewer_to_carry(written, cell):
    assert judged(written, long(cell, steps=100))
    assert not judged(written, long(cell, steps=50))


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ({"losses": np.ones(30)}, "warning"),
        ({"rate": 1e-6, "update": 1e-6}, "warning"),
        # Neither rate nor updates help where learning hears nothing.
        ({"losses": np.ones(30), "xrays": remembers(2.2, 0)}, "error"),
    ],
    ids=["few updates", "tiny rate", "nothing heard"],
)
def test_runs_that_had_no_chance(written, cell, words, severity):
    (found,) = judged(written, long(cell), **words)
    assert found.severity == severity


@pytest.mark.parametrize(
    "kinds",
    [
        [("Bidirectional", {})],
        [("LSTM", {"go_backwards": True})],
        [("LSTM", {"return_sequences": True}), ("GlobalAveragePooling1D", {})],
        [("LSTM", {"return_sequences": True}), ("Attention", {})],
        [("Dense", {})],
    ],
    ids=["both ways", "backwards", "pooled", "attention", "not recurrent"],
)
def test_steps_that_need_not_be_carried(written, cell, kinds):
    layers = [long(cell, kind, **config) for kind, config in kinds]
    assert not judged(written, *layers)


def test_diverged_runs_have_other_faults(written, cell):
    assert not judged(written, long(cell), losses=[*np.ones(200), np.nan])


def test_what_only_the_search_by_lag_finds_is_a_signal(written, cell):
    words = {"signal": 0.0, "skill": 0.0, "losses": LOSSES, "layers": (long(cell),)}
    assert written.judge("DAT106", **words)
    assert written.judge("DAT106", lags=(lag(score=0.04),), **words)
    assert not written.judge("DAT106", lags=(lag(),), **words)


def test_it_comes_before_the_gradient_that_vanishes_by_it(written, cell) -> None:
    (found,) = judged(written, long(cell))
    other = rule("vanishing_gradients").found("…")
    assert [one.cause for one in ranked([other, found])] == [found.cause, other.cause]


SOURCE = """import keras
from keras import layers
model = keras.Sequential([
    keras.Input((200, 2)),
    layers.Dense(2),
    layers.LSTM(8),
    layers.Dense(1),
])
"""


def after(written: Any, cell: Any, source: str, **words: Any) -> dict[str, str]:
    """The script after each treatment that has edits."""
    (found,) = judged(written, long(cell, units=8), source=source, **words)
    return {one.id: apply(source, one.edits) for one in found.treatments if one.edits}


def test_reading_backwards_and_pooling(written, cell):
    cured = after(written, cell, SOURCE)
    assert cured == {
        "read-backwards": SOURCE.replace("LSTM(8)", "LSTM(8, go_backwards=True)"),
        "read-all-steps": SOURCE.replace(
            "layers.LSTM(8)",
            "layers.LSTM(8, return_sequences=True), layers.GlobalAveragePooling1D()",
        ),
    }


def test_what_lies_in_the_middle_is_not_read_backwards(written, cell):
    middle = LagFacts("dense", 200, 100, 0.9, lags=(31, 127, 199), scores=(0.0, 0.9, 0.9))
    assert list(after(written, cell, SOURCE, lags=(middle,))) == ["read-all-steps"]


@pytest.mark.parametrize(
    "source",
    [
        SOURCE.replace("layers.LSTM(8)", "keras.layers.LSTM(\n        8,\n    )"),
        SOURCE.replace("layers.LSTM(8)", "layers.LSTM(8, return_sequences=False)"),
        "import keras\nfrom keras import layers\nx = keras.Input((200, 2))\n\n\n"
        "h = layers.LSTM(8)(x)\nmodel = keras.Model(x, layers.Dense(1)(h))\n",
    ],
    ids=["over lines", "says what it returns", "functional"],
)
def test_pooling_is_only_written_where_it_fits(written, cell, source):
    cured = after(written, cell, source)
    assert list(cured) == ["read-backwards"]
    ast.parse(cured["read-backwards"])


def script(*inside: str) -> str:
    listed = "".join(f"    {layer},\n" for layer in inside)
    return f"import keras\nfrom keras import layers\nmodel = keras.Sequential([\n{listed}])\n"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (script("keras.Input((1000, 3))", "layers.LSTM(8)", "layers.Dense(1)"), 5),
        (script("keras.Input((500,))", "layers.Embedding(9, 4)", "layers.GRU(8)"), 6),
        (
            script(
                "keras.Input((300, 1))",
                "layers.LSTM(8, return_sequences=True)",
                "layers.LSTM(8)",
            ),
            5,
        ),
    ],
)
def test_many_hundreds_of_steps_are_seen_in_the_source(suspected, source, line):
    (found,) = suspected("SEQ103", source)
    assert (found.location.line, found.severity, found.level) == (line, "note", "suspected")


@pytest.mark.parametrize(
    "source",
    [
        script("keras.Input((100, 3))", "layers.LSTM(8)"),
        script("keras.Input((None, 3))", "layers.LSTM(8)"),
        script("keras.Input((n, 3))", "layers.LSTM(8)"),
        script("keras.Input((1000, 3))", "layers.LSTM(8, return_sequences=True)"),
        script("keras.Input((1000, 3))", "layers.LSTM(8, go_backwards=True)"),
        script("keras.Input((1000, 3))", "layers.Bidirectional(layers.LSTM(8))"),
        script("keras.Input((1000, 3))", "layers.Conv1D(8, 9, strides=8)", "layers.LSTM(8)"),
        script(
            "keras.Input((1000, 3))",
            "layers.LSTM(8, return_sequences=True)",
            "layers.GlobalMaxPooling1D()",
        ),
        script("keras.Input((1000,))", "layers.Dense(8)"),
    ],
)
def test_other_scripts_are_left_alone(suspected, source):
    assert not suspected("SEQ103", source)
