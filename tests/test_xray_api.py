"""``unstuck.xray`` as Python code uses it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

import unstuck
from unstuck.errors import UnstuckError, UsageError


@pytest.fixture(scope="module")
def seen():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6, 2)),
            layers.LSTM(4, return_sequences=True, name="below"),
            layers.GRU(3, name="above"),
            layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(5, 6, 2))
    return unstuck.xray(model, x, x[:, 0, :1])


def test_layers_by_name_and_the_first_by_default(seen):
    assert list(seen) == ["below", "above"]
    assert seen.gates["forget"].shape == (5, 6, 4)
    assert seen["above"].gates["update"].shape == (5, 6, 3)
    assert seen["above"].cell is None
    np.testing.assert_array_equal(seen.hidden, seen["below"].hidden.values)
    assert seen.measures.site.kind == "LSTM"


def test_axes_have_names(seen):
    gate = seen.gates["input"]
    assert gate.dims == ("sample", "time", "unit")
    assert seen.input_gradient.dims == ("sample", "time", "feature")
    assert "sample: 5, time: 6, unit: 4" in repr(gate)
    assert np.asarray(gate, dtype="float64").dtype == np.float64
    assert gate[0, 0].shape == (4,)


def test_conversions_name_what_they_need(seen, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        seen.hidden.to_pandas()
    with pytest.raises(UsageError, match="pip install xarray"):
        seen.hidden.to_xarray()


def test_it_shows_itself(seen, capsys):
    seen.show()
    shown = capsys.readouterr().out
    assert "below" in shown
    assert "forget" in shown
    assert "<svg" in seen._repr_html_()
    assert "<script src" not in seen._repr_html_()


def test_a_wrong_name_lists_the_right_ones(seen):
    with pytest.raises(UsageError, match=r"below, above.*'lstm'"):
        seen["lstm"]
    with pytest.raises(AttributeError):
        _ = seen.gate


def test_what_cannot_be_looked_into_is_said():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile("adam", "mse")
    with pytest.raises(UnstuckError, match="recurrent"):
        unstuck.xray(model, np.zeros((2, 2)), np.zeros((2, 1)))


def test_a_monitor_takes_x_rays_unless_it_is_told_not_to():
    model = keras.Sequential([keras.Input((6, 2)), layers.LSTM(3), layers.Dense(1)])
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(64, 6, 2))
    counts = {}
    for when in ("auto", "off"):
        monitor = unstuck.Monitor(xray=when)
        model.fit(x, x[:, -1, :1], epochs=3, verbose=0, callbacks=[monitor])
        (fit,) = monitor.diagnosis().fits
        counts[when] = [picture.reason for picture in fit.xrays]
    assert counts["off"] == []
    assert counts["auto"][0] == "start"
    assert counts["auto"][-1] == "end"
    with pytest.raises(UsageError, match="'auto' or 'off'"):
        unstuck.Monitor(xray="on")


@pytest.mark.backends
def test_a_training_goes_on_as_if_no_x_ray_had_been_taken():
    x = np.random.default_rng(0).normal(size=(16, 4, 2)).astype("float32")

    def trained(look):
        keras.utils.set_random_seed(3)
        lstm = keras.layers.LSTM(3, dropout=0.3, recurrent_dropout=0.3)
        model = keras.Sequential([keras.Input((4, 2)), lstm, keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x, x[:, 0, :1], batch_size=8, verbose=0)
        look(model)
        model.fit(x, x[:, 0, :1], batch_size=8, verbose=0)
        return model.get_weights()

    plain = trained(lambda model: None)
    looked = trained(lambda model: unstuck.xray(model, x, x[:, 0, :1]))
    for ours, theirs in zip(looked, plain, strict=True):
        np.testing.assert_array_equal(ours, theirs)
