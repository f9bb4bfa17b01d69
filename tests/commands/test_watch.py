"""The watch by itself, with a callback that only counts."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path

import numpy as np
import pytest

from unstuck.case.source import Places
from unstuck.observe.arrival import Arrival
from unstuck.observe.watch import Watch

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.backends

X = np.random.default_rng(0).normal(size=(8, 3, 1)).astype("float32")
Y = X.sum((1, 2))[:, None]


class Count(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.opened = self.began = 0
        self.closed = []

    def open(self):
        self.opened += 1

    def on_train_begin(self, logs=None):
        self.began += 1

    def close(self, exception):
        self.closed.append(exception)


class Bench:
    """A watch, the monitors it made, and what it complained of."""

    def __init__(self, **replaced):
        self.monitors, self.complaints, self.places = [], [], Places()
        self.watch = Watch(
            replaced.get("monitor", self.monitor),
            replaced.get("places", self.places),
            self.complaints.append,
        )

    def monitor(self):
        self.monitors.append(Count())
        return self.monitors[-1]


def model(kind=keras.Sequential):
    made = kind([keras.layers.Flatten(), keras.layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


def defined(name, kind=keras.Model):
    home = next(one for one in kind.__mro__ if name in vars(one))
    return home, vars(home)[name]


def patched():
    names = [(name, keras.Model) for name in ("fit", "compile", "train_on_batch")]
    return [defined(name, kind) for name, kind in [*names, ("__new__", keras.Layer)]]


def test_everything_is_put_back():
    before, finders = patched(), list(sys.meta_path)
    with contextlib.suppress(RuntimeError), Bench().watch:
        assert [one for one in patched() if one in before] == []
        raise RuntimeError("out")
    assert patched() == before
    assert sys.meta_path == finders


def test_what_others_have_patched_since_stays_and_goes_on():
    home, original = defined("fit")
    bench = Bench()
    with bench.watch:
        inner = vars(home)["fit"]

        def theirs(self, *args, **kwargs):
            return inner(self, *args, **kwargs)

        home.fit = theirs
    try:
        assert vars(home)["fit"] is theirs
        model().fit(X, Y, verbose=0)
        assert bench.monitors == []
    finally:
        home.fit = original


def test_every_fit_gets_one_monitor_and_its_model_compiles_as_before():
    bench = Bench()
    with bench.watch:
        one = model()
        assert "callbacks" not in one.__dict__
        for _ in range(2):
            one.fit(X, Y, verbose=0)
        one.train_on_batch(X, Y)
        assert type(one).compile == keras.Sequential.compile
    one.fit(X, Y, verbose=0)
    assert [monitor.began for monitor in bench.monitors] == [1, 1]
    assert [monitor.closed for monitor in bench.monitors] == [[], []]
    assert (bench.watch.fits, bench.watch.batches, bench.complaints) == (2, 1, [])
    assert bench.watch.keras == keras.__version__
    assert bench.watch.backend == keras.backend.backend()


def test_a_saved_model_is_compiled_again_when_it_is_loaded_under_watch(tmp_path, recwarn):
    bench = Bench()
    with bench.watch:
        one = model()
        one.fit(X, Y, verbose=0)
        one.save(tmp_path / "m.keras")
        again = keras.models.load_model(tmp_path / "m.keras")
    assert again.compiled
    assert not [warning for warning in recwarn if "compile" in str(warning.message)]


def test_an_exception_leaves_fit_as_it_came():
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            raise self.error

    stop, bench = Stop(), Bench()
    for stop.error in (ValueError("v"), KeyboardInterrupt(), SystemExit(3)):
        with bench.watch, pytest.raises(type(stop.error)) as caught:
            model().fit(X, Y, verbose=0, callbacks=[stop])
        assert caught.value is stop.error
        assert caught.value.__context__ is None
        assert bench.monitors[-1].closed == [stop.error]
        ours = [
            f for f in traceback.extract_tb(caught.tb) if f.filename.endswith("observe/watch.py")
        ]
        assert len(ours) == 1
    assert bench.complaints == []


def test_our_own_errors_never_reach_the_script():
    def broken(*arguments):
        raise RuntimeError("ours")

    class BrokenPlaces(Places):
        created = compiled = broken

    bench = Bench(monitor=broken, places=BrokenPlaces())
    with bench.watch:
        model().fit(X, Y, verbose=0)
    assert {str(error) for error in bench.complaints} == {"ours"}

    bench = Bench()
    with bench.watch, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Count, "close", broken)
        with pytest.raises(TypeError, match="epoch"):
            model().fit(X, Y, epoch=1)
    assert [str(error) for error in bench.complaints] == ["ours"]


def test_callbacks_the_user_passed_stay_what_they_were():
    bench = Bench()
    mine, later = Count(), Count()
    listed, nested = [mine, later], {"a": mine, "b": [later]}
    owned = keras.callbacks.CallbackList([mine], add_history=True, epochs=1, steps=1)
    held = owned.callbacks
    with bench.watch:
        for callbacks in (listed, (mine,), mine, nested, owned, None, []):
            one = model()
            owned.set_model(one)
            one.fit(X, Y, None, 1, 0, callbacks)
    assert listed == [mine, later]
    assert list(nested) == ["a", "b"]
    assert owned.callbacks is held
    assert mine.began == 5
    assert later.began == 2
    assert [monitor.began for monitor in bench.monitors] == [1] * 7
    assert [monitor.opened for monitor in bench.monitors] == [1] * 5 + [0] * 2
    assert bench.complaints == []


def test_the_monitor_begins_before_the_users_callbacks():
    order = []

    class Mine(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            order.append("mine")

    class First(Count):
        def open(self):
            assert self.model is not None
            order.append("monitor")

    with Bench(monitor=First).watch:
        model().fit(X, Y, verbose=0, callbacks=[Mine()])
    assert order == ["monitor", "mine"]


@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: one, lambda one: {"a": one}])
def test_the_monitor_sees_the_weights_that_the_users_callbacks_leave(wrap):
    class Restore(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            self.model.layers[-1].bias.assign([7.0])

    class Look(Count):
        def on_train_end(self, logs=None):
            self.seen = float(self.model.layers[-1].bias.numpy()[0])

    look = Look()
    with Bench(monitor=lambda: look).watch:
        model().fit(X, Y, verbose=0, callbacks=wrap(Restore()))
    assert look.seen == 7.0


@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: one])
def test_keras_dispatches_the_users_callbacks_as_it_would_without_us(wrap):
    """One callback outside a list keeps the asynchronous dispatch that Keras gives it."""

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.thread = threading.current_thread()

    threads = []
    for watch in (None, Bench().watch):
        look = Look()
        if watch is None:
            model().fit(X, Y, verbose=0, callbacks=wrap(look))
        else:
            with watch:
                model().fit(X, Y, verbose=0, callbacks=wrap(look))
        threads.append(look.thread is threading.main_thread())
    assert threads[0] == threads[1]


def test_layers_models_and_compile_know_their_lines():
    bench = Bench()

    def block():
        return keras.layers.LSTM(2)  # line of the layer

    with bench.watch:
        inside = [block() for _ in range(2)]
        one = keras.Sequential(inside)  # line of the model
        one.compile("sgd", "mse")
        one.compile("adam", "mse")  # line of compile
    after = keras.layers.Dense(1)
    lines = {
        text: number
        for number, line in enumerate(Path(__file__).read_text().splitlines(), 1)
        for text in ("of the layer", "of the model", "of compile")
        if line.rstrip().endswith(f"# line {text}")
    }
    places = bench.places
    assert {places.place_of(layer).line for layer in inside} == {lines["of the layer"]}
    assert places.place_of(inside[0].cell).line == lines["of the layer"]
    assert places.place_of(one).line == lines["of the model"]
    assert places.compile_place(one).line == lines["of compile"]
    assert places.place_of(after) is places.compile_place(model()) is None
    assert places.files == {__file__}


def test_wait_holds_until_the_last_fit_has_ended():
    started, ended = threading.Event(), []

    class Slow(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            started.set()

        def on_train_end(self, logs=None):
            ended.append(True)

    bench = Bench()
    with bench.watch:
        one = model()
        arguments = {"verbose": 0, "callbacks": [Slow()], "epochs": 3}
        thread = threading.Thread(target=one.fit, args=(X, Y), kwargs=arguments)
        thread.start()
        started.wait(60)
        bench.watch.wait()
        assert ended == [True]
        thread.join()


def test_a_fit_inside_another_is_left_alone():
    class Inner(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            model().fit(X, Y, verbose=0)

    bench = Bench()
    with bench.watch:
        model().fit(X, Y, verbose=0, callbacks=[Inner()])
        model().fit(X, Y, verbose=0)
    assert bench.watch.fits == 3
    assert [monitor.began for monitor in bench.monitors] == [1, 1]


def test_wait_does_not_hold_for_a_thread_that_ends_with_python():
    started, release = threading.Event(), threading.Event()

    class Stay(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            started.set()
            release.wait(60)

    bench = Bench()
    with bench.watch:
        one = model()
        arguments = {"verbose": 0, "callbacks": [Stay()]}
        thread = threading.Thread(target=one.fit, args=(X, Y), kwargs=arguments, daemon=True)
        thread.start()
        assert started.wait(60)
        bench.watch.wait()
        assert thread.is_alive()
        release.set()
        thread.join()
    assert bench.complaints == []


def test_a_forked_child_is_not_watched():
    bench = Bench()
    with bench.watch:
        bench.watch._process = os.getppid()  # as it looks from a child; forking here is unsafe
        model().fit(X, Y, verbose=0)
    assert bench.monitors == []


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Makes a package that is imported afresh."""

    def make(name, text):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        return name

    before = set(sys.modules)
    yield make
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_an_arrival_is_told_of_when_the_package_is_complete(package):
    name = package("late_package", "import sys\nbefore = list(seen) if 0 else 1\nlast = 2\n")
    seen = []
    arrival = Arrival({name: lambda module: seen.append((module, vars(module).get("last")))})
    arrival.open()
    try:
        assert importlib.util.find_spec(name) is not None
        assert seen == []
        module = importlib.import_module(name)
    finally:
        arrival.close()
    assert seen == [(module, 2)]
    assert isinstance(module.__loader__, SourceFileLoader)
    assert "exec_module" not in vars(module.__loader__)
    assert arrival not in sys.meta_path


def test_a_package_that_fails_to_import_may_be_tried_again(package, tmp_path):
    name = package("failing_package", "raise ImportError('not yet')\n")
    seen = []
    arrival = Arrival({name: seen.append})
    arrival.open()
    try:
        with pytest.raises(ImportError, match="not yet"):
            importlib.import_module(name)
        (tmp_path / name / "__init__.py").write_text("now_it_is_much_longer = 1\n")
        importlib.invalidate_caches()
        module = importlib.import_module(name)
    finally:
        arrival.close()
    assert seen == [module]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("not_there_at_all")
