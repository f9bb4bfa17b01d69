"""How the data drive the gates, against the layer's own arithmetic."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from unstuck.observe.drive import SATURATION, drives


def model_of(*front: keras.layers.Layer, features: int = 3) -> keras.Model:
    return keras.Sequential(
        [keras.Input((10, features)), *front, keras.layers.LSTM(8), keras.layers.Dense(1)]
    )


def test_the_drive_is_the_input_times_the_kernel() -> None:
    x = np.random.default_rng(0).normal(size=(20, 10, 3)) * 5
    model = model_of(keras.layers.Masking())
    (drive,) = drives(model, {model.inputs[0].name: x})
    kernel = keras.ops.convert_to_numpy(model.layers[-2].cell.kernel)
    z = x.reshape(-1, 3) @ kernel
    assert drive.strength == pytest.approx(float(np.sqrt((z**2).mean())), rel=1e-6)
    assert drive.saturated == pytest.approx(float((np.abs(z) > SATURATION).mean()), abs=1e-12)


def test_standardized_data_leave_the_gates_open_and_raw_data_shut_them() -> None:
    x = np.random.default_rng(0).normal(size=(50, 10, 3))
    model = model_of()
    name = model.inputs[0].name
    (calm,), (raw,) = (list(drives(model, {name: data})) for data in (x, 1013 + 8 * x))
    assert calm.saturated < 0.01
    assert raw.saturated > 0.9
    assert raw.offset_share > 0.99


@pytest.mark.parametrize("layer", [keras.layers.BatchNormalization, keras.layers.Rescaling])
def test_a_layer_that_changes_the_scale_ends_the_search(layer: type) -> None:
    model = model_of(layer(0.01) if layer is keras.layers.Rescaling else layer())
    assert not list(drives(model, {model.inputs[0].name: np.ones((5, 10, 3))}))
