from __future__ import annotations

import types

import numpy as np
import pytest

from unstuck.trials.holding import EVERY, holding

X = np.arange(200).reshape(100, 2).astype("float32")
Y = np.arange(100)


def given(*args, layers=(), batch=None, **kwargs):
    """Returns what Keras's ``fit`` would be given."""
    model = types.SimpleNamespace(_flatten_layers=lambda: layers, inputs=[], _batch=batch)

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None,
            validation_split=0.0, validation_data=None, shuffle=True, class_weight=None,
            sample_weight=None, initial_epoch=0, steps_per_epoch=None):  # fmt: skip
        held = {"x": x, "y": y, "batch_size": batch_size, "shuffle": shuffle}
        return held | {"validation_data": validation_data, "sample_weight": sample_weight}

    return holding(fit)(model, *args, **kwargs)


@pytest.fixture(autouse=True)
def any_batch(monkeypatch):
    monkeypatch.setattr("unstuck.case.graph.fixed_batch", lambda model: model._batch)


def test_every_fifth_row_is_held_out_and_the_rest_is_trained_on():
    seen = given(X, Y, 32, shuffle=False)
    x, y = seen["validation_data"]
    np.testing.assert_array_equal(y, Y[EVERY - 1 :: EVERY])
    np.testing.assert_array_equal(x, X[EVERY - 1 :: EVERY])
    assert sorted([*seen["y"], *y]) == list(Y)
    np.testing.assert_array_equal(seen["x"][:, 0] // 2, seen["y"])
    assert (seen["batch_size"], seen["shuffle"]) == (32, False)


def test_nests_and_weights_are_parted_alike():
    seen = given({"a": X, "b": X + 1}, [Y, Y + 1], sample_weight=Y / 100)
    x, y, weights = seen["validation_data"]
    np.testing.assert_array_equal(x["b"], (X + 1)[EVERY - 1 :: EVERY])
    np.testing.assert_array_equal(y[1], (Y + 1)[EVERY - 1 :: EVERY])
    np.testing.assert_allclose(weights, (Y / 100)[EVERY - 1 :: EVERY])
    assert len(seen["sample_weight"]) == len(seen["x"]["a"]) == 80


@pytest.mark.parametrize(
    ("args", "options"),
    [
        ((X, Y), {"validation_data": (X, Y)}),
        ((X, Y), {"validation_split": 0.1}),
        ((X, Y), {"steps_per_epoch": 3}),
        ((X, Y), {"batch": 25}),
        ((X, Y), {"layers": [types.SimpleNamespace(stateful=True)]}),
        ((X[:40], Y[:40]), {}),
        ((X.tolist(), Y.tolist()), {}),
        ((iter([(X, Y)]),), {}),
    ],
)
def test_what_has_validation_data_or_can_not_be_parted_stays(args, options):
    seen = given(*args, **options)
    assert seen["x"] is args[0]
    assert seen["validation_data"] is options.get("validation_data")
