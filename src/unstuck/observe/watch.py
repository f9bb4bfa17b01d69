"""Watches every ``fit`` of a script that knows nothing of it.

The script chooses its backend and imports Keras when it likes; then ``fit``, ``compile``,
``train_on_batch`` and the creation of layers are wrapped where Keras defines them. All of it
is put back at the end. What fails in here is reported and never reaches the script.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import re
import threading
from collections.abc import Callable, Iterator
from types import ModuleType, TracebackType
from typing import Any, Protocol

from unstuck.case.source import Places
from unstuck.observe.arrival import Arrival
from unstuck.observe.joined import Joined
from unstuck.observe.patches import Patches

OLDEST_KERAS = (3, 12)
"""The oldest release whose trainers and optimizers the probe has been run on."""

Function = Callable[..., Any]


class Watched(Protocol):
    """A Keras callback that can begin before others, and be told of what ends ``fit``."""

    def open(self) -> None:
        """Begins to watch the model that it was given, if it does not yet."""

    def close(self, exception: BaseException | None) -> None:
        """Lets go of the model."""


class Watch:
    """Adds a monitor to every ``fit`` while the context is open, to one at a time.

    Args:
        monitor: Makes the callback of one ``fit``.
        places: Told of every layer that is created and every model that is compiled.
        complain: Told of each error inside the watch; the script goes on without it.

    Attributes:
        fits: Calls of ``fit`` seen so far.
        batches: Calls of ``train_on_batch`` seen so far; nothing inside them is measured.
        keras: Version of the Keras that was imported, None if none was.
        backend: Name of its backend.
        legacy: Whether the script imported ``tf_keras``, which is Keras 2.
    """

    def __init__(
        self,
        monitor: Callable[[], Watched],
        places: Places,
        complain: Callable[[BaseException], None],
    ) -> None:
        self.fits = 0
        self.batches = 0
        self.keras: str | None = None
        self.backend: str | None = None
        self.legacy = False
        self._monitor = monitor
        self._places = places
        self._complain = complain
        self._patches = Patches()
        self._arrival = Arrival({"keras": self._attach, "tf_keras": self._note_legacy})
        self._ended = threading.Condition()
        self._busy: threading.Thread | None = None
        self._process: int | None = None

    @property
    def supported(self) -> bool:
        """Whether the Keras that was imported can be watched; True as long as none was."""
        return self.keras is None or _release(self.keras) >= OLDEST_KERAS

    def __enter__(self) -> Watch:
        """Waits for Keras, or takes it as it is if it has been imported already."""
        self._process = os.getpid()
        self._arrival.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Puts everything back."""
        self._process = None
        self._arrival.close()
        self._patches.undo()

    def wait(self) -> None:
        """Blocks until no ``fit`` is running, but for those on threads that end with Python."""
        with self._ended:
            self._ended.wait_for(lambda: self._busy is None or self._busy.daemon)

    def _note_legacy(self, module: ModuleType) -> None:
        self.legacy = True

    def _attach(self, keras: Any) -> None:
        with self._guarded():
            self.keras = str(keras.__version__)
            if self.supported:
                self.backend = str(keras.backend.backend())
                self._patches.wrap(keras.Model, "fit", self._watched_fit)
                self._patches.wrap(keras.Model, "compile", self._noted_compile)
                self._patches.wrap(keras.Model, "train_on_batch", self._counted_batch)
                self._patches.wrap(keras.Layer, "__new__", self._noted_creation)

    def _here(self) -> bool:
        """Whether the watch is open in this process: in a forked child it is not."""
        return self._process == os.getpid()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._complain(error)

    def _watched_fit(self, original: Function) -> Function:
        position = list(inspect.signature(original).parameters).index("callbacks") - 1

        @functools.wraps(original)
        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            joined = self._begin(model, position, args, kwargs) if self._here() else None
            if joined is None:
                return original(model, *args, **kwargs)
            try:
                return original(model, *joined.args, **joined.kwargs)
            except BaseException as exception:
                with self._guarded():
                    joined.monitor.close(exception)
                raise
            finally:
                self._finish(joined)

        return fit

    def _begin(
        self, model: Any, position: int, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Joined | None:
        self.fits += 1
        with self._ended:
            # A fit inside a callback of another, or beside it on another thread, is left alone:
            # what is measured between two fits must not fall into the middle of one.
            if self._busy is not None:
                return None
            self._busy = threading.current_thread()
        with self._guarded():
            return Joined(model, self._monitor(), position, args, kwargs)
        self._free()
        return None

    def _finish(self, joined: Joined) -> None:
        joined.part()
        self._free()

    def _free(self) -> None:
        with self._ended:
            self._busy = None
            self._ended.notify_all()

    def _noted_compile(self, original: Function) -> Function:
        @functools.wraps(original)
        def compile(model: Any, *args: Any, **kwargs: Any) -> Any:
            with self._guarded():
                self._places.compiled(model)
            return original(model, *args, **kwargs)

        return compile

    def _counted_batch(self, original: Function) -> Function:
        @functools.wraps(original)
        def train_on_batch(model: Any, *args: Any, **kwargs: Any) -> Any:
            self.batches += 1
            return original(model, *args, **kwargs)

        return train_on_batch

    def _noted_creation(self, original: Function) -> Function:
        @functools.wraps(original)
        def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:
            layer = original(cls, *args, **kwargs)
            with self._guarded():
                self._places.created(layer)
            return layer

        return __new__


def _release(version: str) -> tuple[int, ...]:
    """Reads the first two numbers of a version: "3.12.0rc1" gives (3, 12)."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
