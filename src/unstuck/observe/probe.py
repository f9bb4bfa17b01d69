"""The probe: measures every training step from inside, without changing it."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import weakref
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import keras

from unstuck import backends
from unstuck.errors import UnstuckError
from unstuck.observe.measuring import (
    CLIPPED_NORM,
    COLUMNS,
    GRADIENT_MAX,
    GRADIENT_NORM,
    NONFINITE,
    UPDATE_NORM,
    WEIGHT_NORM,
    Steps,
    Watched,
    measured,
    watched,
)
from unstuck.observe.step import StepWatch

__all__ = [
    "CLIPPED_NORM",
    "COLUMNS",
    "GRADIENT_MAX",
    "GRADIENT_NORM",
    "NONFINITE",
    "UPDATE_NORM",
    "WEIGHT_NORM",
    "Probe",
    "ProbeError",
    "Steps",
    "Watched",
]

ROWS = 128
"""Steps between two deliveries: large enough to make a delivery cheap, some microseconds a step,
small enough to keep the rows in a megabyte."""
SECONDS = 2.0
"""Longest time between two deliveries while steps go on: what a killed run may lose."""
_STASH = "_unstuck_probed"


class ProbeError(UnstuckError):
    """The probe cannot look into this training step."""


class _Probed:
    """A compiled, measuring twin of a model's train function, and what it was made for."""

    def __init__(self, model: keras.Model) -> None:
        backend = backends.current()
        self.watch = StepWatch(model, backend)
        if model.built:
            self.watch.variables = list(model.trainable_variables)
        self.instrument = backend.Instrument(
            model, self.watch, max(ROWS, 2 * model.steps_per_execution)
        )
        self._made_for = self._circumstances(model)

    @staticmethod
    def _circumstances(model: keras.Model) -> tuple[object, ...]:
        trainable = [id(variable) for variable in model.trainable_variables]
        return (id(model.optimizer), id(model._loss_tracker), model.steps_per_execution, trainable)

    def fits(self, model: keras.Model) -> bool:
        """Whether it still measures what the model would train."""
        return self.watch.error is None and self._made_for == self._circumstances(model)


class Probe:
    """Measures every step of a model's ``fit`` and hands the numbers over in batches.

    Only ``model.train_function`` is replaced, from ``attach`` to ``detach``. Use it from the
    thread that trains.

    Args:
        model: A compiled model.
        receive: Is called with the steps that were measured, in order.
        complain: Is called once if the probe fails; the training goes on without it.
    """

    def __init__(
        self,
        model: keras.Model,
        receive: Callable[[Steps], None],
        complain: Callable[[Exception], None],
    ) -> None:
        self._model = model
        self._receive = receive
        self._complain = complain
        self._lock = threading.RLock()
        self._probed: _Probed | None = None
        self._own: Any = None
        self._wrapper: Any = None
        self._fit: tuple[CodeType, int] | None = None
        self._finalizer: Any = None
        self._result: Any = None
        self._delivered = 0
        self._pending = 0
        self._due = 0.0
        self._watched: tuple[Watched, ...] = ()

    @property
    def watched(self) -> tuple[Watched, ...]:
        """The trainable variables; empty until the model is built."""
        if not self._watched:
            variables = self._probed.watch.variables if self._probed else None
            if variables is None and self._model.built:
                variables = list(self._model.trainable_variables)
            self._watched = watched(self._model, variables or [])
        return self._watched

    def attach(self) -> None:
        """Starts measuring; to be called once ``fit`` has made its train function."""
        self.detach()
        try:
            self._attach()
        except Exception as error:
            self._fail(error)

    def _attach(self) -> None:
        fit = _running_fit(self._model)
        self._fit = (fit.f_code, id(fit)) if fit else None
        self._end_earlier_probe()
        model = self._model
        self._own = model.train_function
        self._probed = self._stashed() or self._make()
        self._watched, self._delivered, self._pending = (), 0, 0
        self._probed.instrument.collect(wait=True)
        self._due = time.monotonic() + SECONDS
        self._wrapper = self._wrap(self._probed)
        if fit is not None and "callbacks" in fit.f_locals:
            # Only the frame of fit holds this list: it goes away when fit does, however it ends.
            self._finalizer = weakref.finalize(fit.f_locals["callbacks"], self.detach)
            self._finalizer.atexit = False
        model.train_function = self._wrapper

    def _end_earlier_probe(self) -> None:
        earlier = getattr(self._model.train_function, "probe", None)
        if earlier is None:
            return
        if earlier._fit is not None and earlier._fit == self._fit:
            raise ProbeError(
                "Expected one probe on a model. Received a second one for the same call of fit. "
                "Pass a single Monitor to fit."
            )
        earlier.detach()

    def _stashed(self) -> _Probed | None:
        probed = getattr(self._own, _STASH, None)
        return probed if probed is not None and probed.fits(self._model) else None

    def _make(self) -> _Probed:
        probed = _Probed(self._model)
        # The train function lives and dies with what it was compiled for, and so does the stash.
        with contextlib.suppress(AttributeError):
            setattr(self._own, _STASH, probed)
        return probed

    def _wrap(self, probed: _Probed) -> Callable[..., Any]:
        step, watch, own = probed.instrument.train_function, probed.watch, self._own
        size = self._model.steps_per_execution

        def train_function(*args: Any) -> Any:
            if self._fit is not None:
                caller = sys._getframe(1)
                if caller.f_code is self._fit[0] and id(caller) != self._fit[1]:
                    # The fit that was watched is over, and this is another one.
                    self.detach()
                    return own(*args)
            try:
                result = step(*args)
                self._pending += size
                if self._pending >= ROWS or watch.error or time.monotonic() > self._due:
                    self._step_delivery(watch, result)
                return result
            except StopIteration:
                raise  # The data have ended, not the training.
            except BaseException:
                self.detach()
                raise

        train_function.probe = self  # type: ignore[attr-defined]
        return train_function

    def _step_delivery(self, watch: StepWatch, result: Any) -> None:
        if watch.error is not None:
            self._fail(watch.error)
            return
        self._result = result
        try:
            self._deliver(wait=False)
        finally:
            self._result = None

    def values(self, variables: list[Any]) -> list[Any] | None:
        """Returns copies of some variables as they are now; None outside of a step's delivery."""
        if self._result is None:
            return None
        return backends.current().running_values(self._model, variables, self._result)  # type: ignore[no-any-return]

    def drain(self) -> None:
        """Delivers the steps measured so far; waits for those that are under way."""
        self._deliver(wait=True)

    def _deliver(self, wait: bool) -> None:
        with self._lock:
            if self._probed is None:
                return
            try:
                self._pending, self._due = 0, time.monotonic() + SECONDS
                rows = self._probed.instrument.collect(wait)
                if rows is not None and len(rows):
                    steps = measured(rows, self._delivered, self._probed.watch.clipping)
                    self._delivered += len(rows)
                    self._receive(steps)
            except Exception as error:
                self._fail(error)

    def detach(self) -> None:
        """Stops measuring, delivers the last steps, and gives the model its own function back."""
        with self._lock:
            if self._probed is None:
                return
            self._deliver(wait=True)
            self._let_go()

    def _let_go(self) -> None:
        with self._lock:
            if self._probed is None:
                return
            self.watched  # noqa: B018  (keep the names, as the variables are let go)
            self._probed = None
            if self._model.train_function is self._wrapper:
                self._model.train_function = self._own
            if self._finalizer is not None:
                self._finalizer.detach()
            self._own = self._wrapper = self._finalizer = self._fit = None

    def _fail(self, error: Exception) -> None:
        """Lets go and says why, once; an error of the complaint itself has nowhere to go."""
        self._let_go()
        with contextlib.suppress(Exception):
            self._complain(error)


def _running_fit(model: keras.Model) -> FrameType | None:
    """Finds the frame of Keras' own ``fit`` of this model among the callers."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "fit" and frame.f_locals.get("self") is model:
            return frame
        frame = frame.f_back
    return None
