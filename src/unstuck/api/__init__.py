"""What Python code uses: the callback, the x-ray, and opening a recording."""

from __future__ import annotations

import contextlib
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import keras

from unstuck import backends
from unstuck.case.source import Places
from unstuck.errors import UsageError
from unstuck.observe.monitor import Monitor as Watching
from unstuck.observe.monitor import Observation
from unstuck.observe.recording import Recording
from unstuck.observe.rehearsals.clock import Budget
from unstuck.observe.xray.capture import Batch, capture
from unstuck.report.shown import Diagnosis, XRay


class Monitor(Watching):
    """A Keras callback that watches ``fit`` without changing it and says what is wrong.

    >>> monitor = unstuck.Monitor()
    >>> model.fit(x, y, callbacks=[monitor])
    >>> monitor.diagnosis()

    One monitor may serve several calls of ``fit``; the diagnosis then covers all of them.

    Args:
        recording: Where to keep the measurements, for ``unstuck report``: the path of a new
            file. By default they go with the monitor.
        xray: "auto" looks into the recurrent cells when ``fit`` is over, with the weights as they
            were at the start, at the end and at a few moments between; "off" doesn't.
        budget: Seconds that ``diagnosis`` may take for controls that train copies of a model
            which did not learn; None for 20, or 5 % of a long training; 0 for none.

    Raises:
        UsageError: If the path can't be written to, or ``xray`` or ``budget`` is something else.
    """

    def __init__(
        self,
        recording: str | Path | None = None,
        xray: str = "auto",
        budget: float | None = None,
    ) -> None:
        if xray not in ("auto", "off"):
            raise UsageError(f"Expected xray to be 'auto' or 'off'. Received: {xray!r}.")
        if budget is not None and not 0 <= budget < math.inf:
            raise UsageError(f"Expected budget to be seconds from 0. Received: {budget!r}.")
        if recording is not None and not Path(recording).absolute().parent.is_dir():
            raise UsageError(
                f"Expected a path in an existing folder for the recording, received {recording}. "
                "Create the folder first."
            )
        self._folder = tempfile.TemporaryDirectory(prefix="unstuck-") if recording is None else None
        path = Path(self._folder.name) / "recording" if self._folder else Path(str(recording))
        super().__init__(
            Observation(Recording(path), Places(), _complain, xray == "auto", Budget(budget))
        )
        self.observation.recording.meta("keras", keras.__version__)
        self.observation.recording.meta("backend", keras.backend.backend())

    def diagnosis(self) -> Diagnosis:
        """Judges what was seen so far; also while a training is going on."""
        from unstuck.findings.diagnose import diagnose

        self.observation.finish()
        _keep_sources(self.observation)
        return Diagnosis.of(diagnose(self.observation.recording.path))


def xray(model: Any, x: Any, y: Any, sample_weight: Any = None, *, training: bool = True) -> XRay:
    """Looks into the recurrent layers of a model with one batch, at any point of training.

    >>> seen = unstuck.xray(model, x[:32], y[:32])
    >>> seen.show()
    >>> seen["lstm"].gates["forget"]  # activations, with axes sample, time and unit

    The replay of each layer is checked against the layer itself: its output, and the gradients
    of its weights. Where it fails, nothing is shown, and ``seen.facts.withheld`` says why. The
    model, its carried states, optimizer and random state stay as they are. A batch whose
    activations exceed a quarter of a gigabyte is thinned out; ``seen.facts.samples`` says how far.

    Args:
        model: A built Keras model that was compiled with a loss.
        x: A batch of inputs, as ``fit`` takes them as arrays.
        y: Its targets.
        sample_weight: Its weights.
        training: Whether dropout and batch statistics are on, as they are in ``fit``.

    Raises:
        XRayError: If the model or the batch can't be looked into.
    """
    steps = int(keras.ops.convert_to_numpy(model.optimizer.iterations)) if model.optimizer else 0
    with backends.current().generators_kept():
        found = capture(model, Batch(x, y, sample_weight), training=training, step=steps)
    return XRay(found.facts, found.traces)


def load(recording: str | Path) -> Diagnosis:
    """Opens a recording and judges it.

    Raises:
        RecordingError: If the file is no readable recording.
    """
    from unstuck.findings.diagnose import diagnose

    return Diagnosis.of(diagnose(recording))


def _keep_sources(observation: Observation) -> None:
    """Keeps the files that findings may point to; a notebook's cells have none."""
    for file in observation.files:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            observation.recording.source(file, Path(file).read_text(encoding="utf-8"))


def _complain(error: BaseException) -> None:
    print(
        f"unstuck: a part of the watch failed and let go, the training goes on: "
        f"{type(error).__name__}: {error}",
        file=sys.stderr,
    )
