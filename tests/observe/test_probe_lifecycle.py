"""The probe leaves everything as it was, whatever happens to it or to the training."""

from __future__ import annotations

import contextlib
import gc
import pickle
import time
import warnings

import keras
import numpy as np
import pytest

from unstuck import backends
from unstuck.observe.probe import Probe, ProbeError


def compiled(make_dense, **options) -> keras.Model:
    model = make_dense()
    model.compile(keras.optimizers.Adam(0.01), "mse", **options)
    return model


def fit(model, data, *callbacks, **options):
    return model.fit(data.x, data.y, batch_size=8, verbose=0, callbacks=list(callbacks), **options)


def attributes(model) -> list[dict[str, int]]:
    """The names and identities of all that hangs on the model, its optimizer and its tracker."""
    return [
        {name: id(value) for name, value in vars(owner).items() if callable(value)}
        | dict.fromkeys(vars(owner), 0)
        for owner in (model, model.optimizer, model._loss_tracker)
    ]


def test_everything_is_put_back(make_dense, data, attach):
    model = compiled(make_dense)
    fit(model, data)
    before, own = attributes(model), model.train_function
    counts = len(model.variables), len(model.optimizer.variables), len(model.metrics_variables)
    seen = attach()
    fit(model, data, seen)
    assert model.train_function is own
    assert [list(owner) for owner in attributes(model)] == [list(owner) for owner in before]
    assert counts == (
        len(model.variables),
        len(model.optimizer.variables),
        len(model.metrics_variables),
    )
    assert sum(len(steps.loss) for steps in seen.delivered) == 3
    seen.probe.detach()
    assert sum(len(steps.loss) for steps in seen.delivered) == 3


def test_files_saved_meanwhile_know_nothing_of_it(make_dense, data, attach, tmp_path):
    model, seen = compiled(make_dense), attach()
    path = tmp_path / "during.keras"
    fit(model, data, seen, keras.callbacks.ModelCheckpoint(path))
    model.save(tmp_path / "after.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        during = keras.models.load_model(path)
        after = keras.models.load_model(tmp_path / "after.keras")
    count = len(model.optimizer.variables)
    assert len(during.optimizer.variables) == len(after.optimizer.variables) == count
    np.testing.assert_array_equal(
        during.predict(data.x, verbose=0), model.predict(data.x, verbose=0)
    )


def test_copies_taken_meanwhile_do_not_carry_it(make_dense, data, attach):
    copies = []
    take = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: copies.extend(
            [pickle.loads(pickle.dumps(model)), keras.models.clone_model(model)]
        )
    )
    model = compiled(make_dense)
    fit(model, data, attach(), take)
    for copy in copies:
        assert copy.train_function is None


@pytest.mark.parametrize("watched", [False, True])
def test_a_loop_of_fits_traces_the_step_once(watched, data, attach):
    traces = []

    class Count(keras.layers.Layer):
        def call(self, x):
            traces.append(1)
            return x

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4, 3)), keras.layers.Flatten(), Count(), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse", run_eagerly=False)
    x, y = data.x[:16], data.y[:16]
    seen = [attach() if watched else keras.callbacks.Callback() for _ in range(4)]
    after_first = None
    for callback in seen:
        model.fit(x, y, batch_size=8, epochs=1, verbose=0, callbacks=[callback])
        after_first = after_first or len(traces)
    if keras.backend.backend() == "torch":
        after_first = len(traces)  # There is no trace: each step runs the layer.
    assert len(traces) == after_first
    if watched:
        assert [sum(len(s.loss) for s in one.delivered) for one in seen] == [2, 2, 2, 2]


def test_a_new_compile_is_measured_anew(make_dense, data, attach, state, same):
    ends = []
    for watched in (False, True):
        model = compiled(make_dense)
        first, second = ([attach()] if watched else [] for _ in range(2))
        fit(model, data, *first)
        model.compile(keras.optimizers.SGD(0.1), "mae")
        fit(model, data, *second)
        ends.append(state(model))
    assert same(*ends)
    np.testing.assert_allclose(second[0].learning_rate, 0.1)
    assert second[0].complaints == []


class Stop(keras.callbacks.Callback):
    """Ends the second batch with an exception; harmless to the probe's own step."""

    def __init__(self, error: type[BaseException]) -> None:
        super().__init__()
        self.error = error

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1:
            raise self.error("stop")


def freed(model):
    """Waits for the frame of ``fit`` to go; while another thread collects, nothing is collected."""
    deadline = time.monotonic() + 10
    gc.collect()
    while hasattr(model.train_function, "probe") and time.monotonic() < deadline:
        time.sleep(0.05)
        gc.collect()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_elsewhere_in_fit(error, make_dense, data, attach, state, same):
    ends = []
    for watched in (False, True):
        model, seen = compiled(make_dense), attach()
        with contextlib.suppress(error):
            fit(model, data, *([seen] if watched else []), Stop(error))
        freed(model)
        if watched:
            assert not hasattr(model.train_function, "probe")
            assert [len(steps.loss) for steps in seen.delivered] == [1]
        fit(model, data)
        ends.append(state(model))
    assert same(*ends)


def test_an_exception_that_is_kept_keeps_no_later_fit_watched(make_dense, data, attach):
    model, seen = compiled(make_dense), attach()
    try:
        fit(model, data, seen, Stop(ValueError))
    except ValueError as error:
        kept = error
    assert kept.__traceback__ is not None
    fit(model, data)
    assert not hasattr(model.train_function, "probe")
    assert sum(len(steps.loss) for steps in seen.delivered) == 1


def test_an_exception_inside_the_step(make_dense, data, attach, state, same):
    ends = []
    for watched in (False, True):
        model, seen = compiled(make_dense, run_eagerly=True), attach()
        own = model.compute_loss
        calls = []

        def fail(*arguments, own=own, calls=calls, **options):
            calls.append(1)
            if len(calls) == 3:  # The first call may be Keras building the model.
                raise KeyboardInterrupt
            return own(*arguments, **options)

        model.compute_loss = fail
        with pytest.raises(KeyboardInterrupt):
            fit(model, data, *([seen] if watched else []))
        assert not hasattr(model.train_function, "probe")
        fit(model, data)
        ends.append(state(model))
    assert same(*ends)
    assert sum(len(steps.loss) for steps in seen.delivered) in (1, 2)


def broken(*arguments):
    raise RuntimeError("broken on purpose")


@pytest.mark.parametrize("part", ["row", "gradient_measures", "measures", "Instrument"])
def test_an_error_of_the_probe_is_told_once_and_harms_nothing(
    part, make_dense, data, attach, state, same, monkeypatch
):
    reference = compiled(make_dense)
    history = fit(reference, data, epochs=2)
    monkeypatch.setattr(backends.current(), part, broken)
    model, seen = compiled(make_dense), attach()
    watched = fit(model, data, seen, epochs=2)
    assert [str(error) for error in seen.complaints] == ["broken on purpose"]
    assert not hasattr(model.train_function, "probe")
    assert same(state(reference), state(model))
    assert history.history == watched.history


def test_an_error_of_the_receiver_is_told_once(make_dense, data, attach, state, same):
    reference = compiled(make_dense)
    fit(reference, data, epochs=2)
    model, seen = compiled(make_dense), attach(broken)
    fit(model, data, seen, epochs=2)
    assert [str(error) for error in seen.complaints] == ["broken on purpose"]
    assert same(state(reference), state(model))


def test_an_error_of_the_complaint_ends_nothing(make_dense, data):
    model = compiled(make_dense)
    model.fit(data.x[:8], data.y[:8], verbose=0)
    probe = Probe(model, broken, broken)
    probe.attach()
    model.train_on_batch(data.x[:8], data.y[:8])
    probe.drain()
    assert not hasattr(model.train_function, "probe")


def test_a_second_probe_in_the_same_fit_is_declined(make_dense, data, attach):
    model, first, second = compiled(make_dense), attach(), attach()
    fit(model, data, first, second)
    assert [type(error) for error in second.complaints] == [ProbeError]
    assert sum(len(steps.loss) for steps in first.delivered) == 3
    assert not hasattr(model.train_function, "probe")
