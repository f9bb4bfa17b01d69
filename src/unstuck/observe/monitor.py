"""The Keras callback that watches a training run, and the log of the runs it has seen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, Protocol

import keras

from unstuck import backends
from unstuck.case.facts import Place
from unstuck.observe.fit_log import FitLog
from unstuck.observe.recording import Recording
from unstuck.observe.rehearsals.clock import Budget


class Origins(Protocol):
    """Where the user's objects come from; ``case.source.Places`` is one."""

    def place_of(self, thing: object) -> Place | None:
        """Returns the line that created a layer."""

    def compile_place(self, model: Any) -> Place | None:
        """Returns the line that compiled a model."""

    def caller_place(self) -> Place | None:
        """Returns the user's innermost line on the stack."""


class Observation:
    """All fits of one run, written to one recording.

    A loop that calls ``fit`` again and again from one line continues one log, so that
    hand-made epochs read as what they are: a single training.

    Args:
        xray: Whether to look into the recurrent cells.
        budget: What controls that train copies of the model may take, all in all; none by default.
    """

    def __init__(
        self,
        recording: Recording,
        origins: Origins | None = None,
        complain: Callable[[BaseException], None] = lambda error: None,
        xray: bool = True,
        budget: Budget | None = None,
    ) -> None:
        self.recording = recording
        self.xray = xray
        self.budget = budget or Budget(0)
        self.origins = origins
        self.complain = complain
        self.last: FitLog | None = None
        self.files: set[str] = set()
        """Source files that called ``fit``."""

    def begin(self, model: Any) -> FitLog:
        """Opens the log of a fit that starts now, or goes on with the one that it repeats."""
        place = self.origins.caller_place() if self.origins else None
        if place is not None:
            self.files.add(place.file)
        if self.last is not None and self.last.repeats(model, place):
            self.last.resume()
            return self.last
        self.finish()
        self.last = FitLog(
            self.recording, model, place, self.origins, self.complain, self.xray, self.budget
        )
        self.last.start()
        return self.last

    def finish(self) -> None:
        """Measures what was put off while a fit might have been repeated."""
        if self.last is not None:
            self.last.measure_outcome()
            self.last.rehearse()
            self.last = None


class Monitor(keras.callbacks.Callback):  # type: ignore[misc]
    """Watches ``fit`` without changing it.

    Args:
        observation: The run that this fit belongs to.
    """

    # Nothing is overridden for batches, so that Keras keeps its asynchronous dispatch.
    def __init__(self, observation: Observation) -> None:
        super().__init__()
        backends.current()  # its import is none of the time to the first step
        self.observation = observation
        self._log: FitLog | None = None
        self._broken = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Takes the facts and puts the probe into the training step."""
        self.open()

    def open(self) -> None:
        """Does so before Keras calls ``on_train_begin``, for a monitor that comes last."""
        if self._log is None:
            self._safely(self._begin)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Notes the epoch's logs; reading them does not touch the model."""
        log = self._log
        if log is not None:
            self._safely(lambda: log.epoch(logs or {}))

    def on_train_end(self, logs: Any = None) -> None:
        """Takes the probe out and measures the trained model."""
        self.close(None)

    def close(self, error: BaseException | None = None) -> None:
        """Ends the watch, also where an exception ended the fit; calling it twice is fine."""
        log, self._log = self._log, None
        if log is not None:
            self._safely(lambda: log.end(error))

    def _begin(self) -> None:
        self._log = self.observation.begin(self.model)

    def _safely(self, action: Callable[[], None]) -> None:
        """Keeps our errors from the user's training: reported once, and the watch lets go."""
        if self._broken:
            return
        try:
            action()
        except Exception as error:
            self._broken = True
            log, self._log = self._log, None
            if log is not None:
                with contextlib.suppress(Exception):
                    log.release()
            self.observation.complain(error)
