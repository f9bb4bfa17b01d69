"""``unstuck fix MODEL.keras DATA.npz``."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from unstuck.commands import main


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """A model whose one softmax unit always answers 1, and its data."""
    keras.utils.set_random_seed(0)
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).normal(size=(240, 5, 2)).astype("float32")
    y = (x[:, -1, 0] > 0).astype("int32")
    layers = [keras.layers.LSTM(6), keras.layers.Dense(1, activation="softmax")]
    model = keras.Sequential([keras.Input((5, 2)), *layers])
    model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy")
    model.save("model.keras")
    np.savez("data.npz", x=x[:180], y=y[:180], x_val=x[180:], y_val=y[180:])
    return x, y


@pytest.mark.slow
def test_a_saved_model_is_fixed_and_written(saved, capsys):
    x, y = saved
    words = ["model.keras", "data.npz", "--output", "fixed.keras", "--json", "fix.json"]
    assert main(["fix", "--epochs", "10", *words]) == 0
    told = capsys.readouterr().out
    assert "With fit-output it trains." in told
    assert "your validation data" in told
    fixed = keras.saving.load_model("fixed.keras", safe_mode=True)
    right = (fixed.predict(x, verbose=0)[:, 0] > 0.5) == y
    assert right[180:].mean() > 0.85
    with open("fix.json", encoding="utf-8") as file:
        assert json.load(file)["fix"]["changes"][0]["id"] == "fit-output"
    untouched = keras.saving.load_model("model.keras")
    assert untouched.layers[-1].activation is keras.activations.softmax


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["model.keras"], "DATA.npz"),
        (["model.keras", "data.npz", "--apply"], "no source"),
        (["model.keras", "data.npz", "--output", "fixed.h5"], "ends in .keras"),
        (["model.keras", "data.npz", "--output", "model.keras"], "Expected another file"),
        (["model.keras", "data.npz", "--epochs", "0"], "at least 1"),
        (["missing.keras", "data.npz"], "Expected a model"),
        (["model.keras", "missing.npz"], "Expected arrays"),
        (["--epochs", "3", "train.py"], "beside a saved model only"),
    ],
)
def test_a_wrong_command_line_is_told(saved, capsys, words, expected):
    assert main(["fix", *words]) == 2
    assert expected in capsys.readouterr().err


def test_data_without_targets_are_refused(saved, capsys):
    np.savez("data.npz", x=saved[0])
    assert main(["fix", "model.keras", "data.npz"]) == 2
    assert "x and y" in capsys.readouterr().err


def test_objects_in_the_data_are_not_run(saved, capsys):
    class Trap:
        def __reduce__(self):
            return (open, ("trapped", "w"))

    np.savez("data.npz", x=np.asarray([Trap()], dtype=object), y=saved[1])
    assert main(["fix", "model.keras", "data.npz"]) == 2
    assert "Expected arrays" in capsys.readouterr().err


def test_code_in_the_model_is_not_run(saved, capsys):
    layers = [keras.layers.LSTM(2), keras.layers.Lambda(lambda x: x), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((5, 2)), *layers])
    model.compile("adam", "mse")
    model.save("model.keras")
    assert main(["fix", "model.keras", "data.npz"]) == 2
    assert "without running code" in capsys.readouterr().err
