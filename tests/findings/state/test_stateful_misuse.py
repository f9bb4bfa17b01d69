"""STA101: state that is carried between sequences that do not follow each other."""

from __future__ import annotations

import pytest

from unstuck.case.edits import apply
from unstuck.observe.outcome import FailureFacts
from unstuck.observe.xray.facts import LagFacts


def source(layer: str = "layers.LSTM(8, stateful=True)", fit: str = "x, y, batch_size=16") -> str:
    return (
        "import keras\nfrom keras import layers\n"
        "model = keras.Sequential([\n    keras.Input(batch_shape=(16, 4, 1)),\n"
        f"    {layer},\n    layers.Dense(1),\n])\n"
        f"model.compile('adam', 'mse')\nmodel.fit({fit})\n"
    )


@pytest.mark.parametrize(
    "layer",
    [
        "layers.LSTM(8, stateful=True)",
        "layers.GRU(8, 'tanh', stateful=True)",
        "layers.Bidirectional(layers.LSTM(8, stateful=True))",
    ],
)
@pytest.mark.parametrize("fit", ["x, y, batch_size=16", "x=x, y=y, shuffle=True"])
def test_what_the_source_shows(suspected, layer, fit):
    script = source(layer, fit)
    (finding,) = suspected("STA101", script)
    assert (finding.severity, finding.level, finding.location.line) == ("warning", "suspected", 5)
    edited = apply(script, finding.treatments[1].edits)
    assert "shuffle=False" in edited
    assert not suspected("STA101", edited)


def test_a_loop_of_single_epochs(suspected):
    loop = "for epoch in range(9):\n    model.fit(x, y, epochs=1, batch_size=16{})\n"
    head = source().rpartition("model.fit")[0]
    assert suspected("STA101", head + loop.format(""))
    assert not suspected("STA101", head + loop.format(", shuffle=False"))


@pytest.mark.parametrize(
    ("layer", "fit"),
    [
        ("layers.LSTM(8)", "x, y"),
        ("layers.LSTM(8, stateful=False)", "x, y"),
        ("layers.LSTM(8, stateful=chosen)", "x, y"),
        ("layers.LSTM(8, stateful=True)", "x, y, shuffle=False"),
        ("layers.LSTM(8, stateful=True)", "x, y, shuffle=chosen"),
        # How a data set is ordered, fit does not say.
        ("layers.LSTM(8, stateful=True)", "dataset, epochs=3"),
    ],
)
def test_sources_that_are_left_alone(suspected, layer, fit):
    assert not suspected("STA101", source(layer, fit))


def words(cell, shuffle: bool = True, **more):
    layers = (cell("LSTM", line=5, units=8, stateful=True),)
    return {"layers": layers, "fit": {"shuffle": shuffle, "epochs": 9}, "source": source()} | more


@pytest.mark.parametrize(
    ("backend", "more", "severities"),
    [
        ("tensorflow", {}, ["error"]),
        (None, {}, ["error"]),
        ("tensorflow", {"skill": 0.95}, ["warning"]),
        # The state is never carried there: what is shuffled does not matter.
        ("jax", {}, ["warning"]),
        ("jax", {"skill": 0.95}, ["note"]),
        ("jax", {"lags": (LagFacts("dense", 4, 3, 0.5, beyond=7),)}, ["error"]),
        ("jax", {"signal": 0.0}, ["error"]),
        ("jax", {"signal": 0.0, "shuffle": False}, ["error"]),
    ],
)
def test_it_is_as_grave_as_what_it_does(written, cell, backend, more, severities):
    found = written.judge("STA101", backend=backend, **words(cell, **more))
    assert [one.severity for one in found] == severities


def test_the_edits(written, cell):
    (found,) = written.judge("STA101", lines={"fit": 9}, **words(cell))
    assert (found.location.line, found.location.layer) == (5, "lstm")
    stateless, in_order = (apply(source(), one.edits) for one in found.treatments)
    assert "layers.LSTM(8)," in stateless
    assert "batch_size=16, shuffle=False" in in_order


def test_done_right_or_not_at_all(written, cell):
    resetting = source() + "model.layers[0].reset_state()\n"
    given = words(cell, shuffle=False, backend="tensorflow", source=resetting)
    assert not written.judge("STA101", **given)
    assert not written.judge("STA101", **given | {"source": source(), "skill": 0.9})
    (found,) = written.judge("STA101", **given | {"source": source()})
    assert found.severity == "warning"
    assert not written.judge("STA101", **given | {"source": None})
    assert not written.judge("STA101", **words(cell, layers=(cell("LSTM", stateful=False),)))


def test_torch_ends_in_an_exception(written, cell):
    text = "one of the variables needed for gradient computation has been modified by an inplace "
    failure = FailureFacts("RuntimeError", f"{text}operation: [torch.FloatTensor [8, 3]]")
    given = words(cell, shuffle=False, backend="torch", failure=failure, skill=None)
    (found,) = written.judge("STA101", **given)
    assert (found.severity, found.confidence) == ("error", 0.95)
    other = given | {"failure": FailureFacts("KeyError", "x")}
    assert not [one for one in written.judge("STA101", **other) if one.severity == "error"]
