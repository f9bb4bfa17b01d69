"""The callback from the first step to the diagnosis: harmless, and quiet when it fails."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import unstuck
from unstuck.case.model import model_facts
from unstuck.errors import UsageError
from unstuck.observe import fit_log
from unstuck.observe.outcomes import predict
from unstuck.observe.recording import reading
from unstuck.record import Diagnosis

X = np.random.default_rng(0).normal(size=(48, 6, 2)).astype(np.float32)
Y = X[:, -1, 0]


def model_of(**options: Any) -> keras.Model:
    keras.utils.set_random_seed(7)
    lstm = keras.layers.LSTM(4, dropout=0.2, recurrent_dropout=0.2)
    model = keras.Sequential([keras.Input((6, 2)), lstm, keras.layers.Dense(1)])
    model.compile("adam", "mse", **options)
    return model


def weights_after(*callbacks: keras.callbacks.Callback) -> list[np.ndarray]:
    model = model_of()
    model.fit(X, Y, epochs=3, batch_size=16, verbose=0, callbacks=list(callbacks))
    model.fit(X, Y, epochs=1, batch_size=16, verbose=0, callbacks=list(callbacks))
    return model.get_weights()


@pytest.mark.backends
def test_weights_and_random_states_are_as_without_it() -> None:
    plain = weights_after()
    after = (random.random(), np.random.rand())
    monitor = unstuck.Monitor()
    watched = weights_after(monitor)
    assert (random.random(), np.random.rand()) == after
    for ours, theirs in zip(watched, plain, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert len(monitor.diagnosis().fits) == 2


def test_a_loop_of_fits_is_one_training() -> None:
    monitor, model = unstuck.Monitor(), model_of()
    for _ in range(5):
        model.fit(X, Y, epochs=1, batch_size=16, verbose=0, callbacks=[monitor])
    diagnosis = monitor.diagnosis()
    assert [fit.steps for fit in diagnosis.fits] == [15]
    assert diagnosis.fits[0].location.file == __file__
    predictions = model.predict(X, verbose=0)
    assert diagnosis.fits[0].skill == pytest.approx(
        max(0.0, 1 - float(np.mean((predictions[:, 0] - Y) ** 2) / Y.var())), abs=1e-3
    )


def test_a_carried_state_is_not_moved_by_measuring() -> None:
    lstm = keras.layers.LSTM(4, stateful=True)
    model = keras.Sequential([keras.Input((6, 2), batch_size=16), lstm, keras.layers.Dense(1)])
    model(X[:16])
    before = [keras.ops.convert_to_numpy(state).copy() for state in lstm.states]
    # Keras 3.15 on JAX carries nothing from batch to batch.
    assert keras.backend.backend() == "jax" or all(np.abs(state).sum() > 0 for state in before)
    found = predict(model, model_facts(model, lambda thing: None), X)
    assert next(iter(found.values())).shape == (48, 1)
    for state, kept in zip(lstm.states, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(state), kept)


def test_an_error_of_ours_is_said_once_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("a fault in the measuring")

    monkeypatch.setattr(fit_log, "model_facts", broken)
    watched = weights_after(unstuck.Monitor())
    said = capsys.readouterr().err
    assert said.count("a fault in the measuring") == 1
    monkeypatch.undo()
    for ours, theirs in zip(watched, weights_after(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_model_is_put_back_after_an_exception() -> None:
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            raise KeyboardInterrupt

    model = model_of()
    model.fit(X, Y, batch_size=16, verbose=0)
    own, names = model.train_function, set(vars(model)) | set(vars(model.optimizer))
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=16, verbose=0, callbacks=[unstuck.Monitor(), Stop()])
    assert model.train_function is own
    assert set(vars(model)) | set(vars(model.optimizer)) == names


def test_a_named_recording_is_kept_and_opens(tmp_path: Path) -> None:
    model_of().fit(X, Y, verbose=0, callbacks=[unstuck.Monitor(tmp_path / "run")])
    with reading(tmp_path / "run") as recorded:
        assert len(recorded.fits()) == 1
    diagnosis = unstuck.load(tmp_path / "run")
    assert isinstance(diagnosis, Diagnosis)
    assert "skill" in str(diagnosis).lower()
    with pytest.raises(UsageError, match="folder"):
        unstuck.Monitor(tmp_path / "missing" / "run")
