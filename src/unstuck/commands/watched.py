"""A script run under watch, and the recording that it leaves."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from unstuck.case.source import Places
from unstuck.commands.script import Outcome, Script
from unstuck.observe.watch import Watch, Watched

if TYPE_CHECKING:
    from unstuck.observe.monitor import Observation
    from unstuck.observe.recording import Recording


class WatchedRun:
    """Runs a script once and records every ``fit`` in it.

    Nothing that imports NumPy or Keras is imported before the script has imported Keras
    itself: it may set the environment variables that they read when they start.

    Args:
        script: What to run.
        path: Path of a recording that does not exist yet; made at the first ``fit``.
        xray: Whether to look into the recurrent cells.
        budget: Seconds for controls that train copies of a model, when the script is over; None
            for what is usual, 0 for none.
        twin: Whether each model gets a healthy twin, see ``rehearsals.twin``.
    """

    def __init__(
        self,
        script: Script,
        path: Path,
        xray: bool = True,
        budget: float | None = 0,
        twin: bool = False,
    ) -> None:
        self.script = script
        self._xray = xray
        self._budget = budget
        self._twin = twin
        self.path = path
        self._places = Places()
        self.watch = Watch(self._monitor, self._places, self._complain)
        self._recording: Recording | None = None
        self._observation: Observation | None = None
        self._first = threading.Lock()
        self._kept: set[str] = set()
        self._complained = False
        self._path = sys.path[0 if sys.flags.safe_path else 1 :]

    def run(self) -> Outcome:
        """Runs the script and returns how it ended, when all its fits have ended."""
        with self.watch:
            outcome = self.script.run()
            self.watch.wait()
        return outcome

    def finish(self) -> None:
        """Measures what was left for the end and closes the recording.

        A script without a ``fit`` leaves a recording too: its source can still be judged.
        """
        with self.own_imports():
            recording = self._begun()
        try:
            if self._observation is not None:
                self._observation.finish()
        except Exception as error:
            self._complain(error)
        finally:
            recording.close()

    def recorded(self) -> bool:
        """Whether the finished recording holds a ``fit``."""
        with self.own_imports():
            from unstuck.observe.recording import reading

            with reading(self.path) as recorded:
                return bool(recorded.fits())

    @contextlib.contextmanager
    def own_imports(self) -> Iterator[None]:
        """Hides the modules beside the script, a sqlite3.py for example, from our own imports."""
        path = sys.path[:]
        sys.path[:] = self._path
        try:
            yield
        finally:
            sys.path[:] = path

    def _monitor(self) -> Watched:
        with self._first, self.own_imports():
            from unstuck.observe.monitor import Monitor, Observation
            from unstuck.observe.rehearsals.clock import Budget

            recording = self._begun()
            if self._observation is None:
                budget = Budget(self._budget, self._twin)
                self._observation = Observation(
                    recording, self._places, self._complain, self._xray, budget
                )
        return Monitor(self._observation)

    def _begun(self) -> Recording:
        from unstuck.observe.recording import Recording

        if self._recording is None:
            self._recording = Recording(self.path)
            self._recording.meta("script", self.script.name)
            self._recording.meta("keras", self.watch.keras)
            self._recording.meta("backend", self.watch.backend)
        self._keep_sources(self._recording)
        return self._recording

    def _keep_sources(self, recording: Recording) -> None:
        """Keeps the text of the files that findings may point to, as it is while they run."""
        fitted = self._observation.files if self._observation else set()
        files = {*self._places.files, *fitted, str(self.script.path)} - self._kept
        self._kept |= files
        for file in sorted(files):
            text = _text(file)
            if text is not None:
                recording.source(file, text)

    def _complain(self, error: BaseException) -> None:
        if self._complained:
            return
        self._complained = True
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        at = f" ({frame.tb_frame.f_code.co_filename}:{frame.tb_lineno})" if frame else ""
        print(
            f"unstuck: a part of the watch failed and let go, your script goes on: "
            f"{type(error).__name__}: {error}{at}",
            file=sys.stderr,
        )


def _text(file: str) -> str | None:
    if not os.path.isfile(file):
        return None
    try:
        with tokenize.open(file) as source:
            return source.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None
