"""What a training shows: its diagnosis, as a watched ``fit`` gives it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from unstuck import backends
from unstuck.findings.diagnose import diagnose
from unstuck.observe.monitor import Monitor, Observation
from unstuck.observe.recording import Recording
from unstuck.observe.rehearsals.clock import Budget
from unstuck.record import Diagnosis
from unstuck.trials.specified import callbacks
from unstuck.trials.specified.building import built
from unstuck.trials.specified.engine import rows_trained_on
from unstuck.trials.specified.specification import Specification


class Ending(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends a training when no time is left.

    Args:
        left: Returns the seconds that are.
    """

    def __init__(self, left: Callable[[], float]) -> None:
        super().__init__()
        self._left = left

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Looks at the time after each step."""
        if not self._left() > 0:
            self.model.stop_training = True


def watched(
    spec: Specification,
    seconds: float | None = 0.0,
    left: Callable[[], float] = lambda: float("inf"),
) -> tuple[Diagnosis, Any]:
    """Trains a specification by Keras's own ``fit`` under watch.

    Args:
        spec: What to train.
        seconds: For controls that train copies; None for as many as usual.
        left: Returns the seconds after which the training ends, however far it got.

    Returns:
        The diagnosis, and the trained model, whose predictions are in the unit of its training.
    """
    kept = backends.current().generators_kept()
    with tempfile.TemporaryDirectory(prefix="unstuck-") as folder, kept:
        path = Path(folder, "recording")
        # Whoever has time for controls judges the user's own training.
        budget = Budget(seconds, twin=seconds is None or seconds > 0)
        observation = Observation(Recording(path), xray=False, budget=budget)
        model = built(spec)
        _fit(model, spec, [Monitor(observation), Ending(left)])
        observation.finish()
        return diagnose(path), model


def _fit(model: Any, spec: Specification, watching: list[Any]) -> None:
    backends.current().seed_generators(spec.seed)
    rows = rows_trained_on(spec, spec.data)
    held = rows_trained_on(spec, spec.held) if spec.held is not None else None
    model.fit(
        rows.x,
        rows.y,
        batch_size=spec.fit.batch_size,
        epochs=spec.fit.epochs,
        verbose=0,
        callbacks=[*watching, *callbacks.made(spec.fit.callbacks)],
        validation_data=held.given if held is not None else None,
        shuffle=spec.fit.shuffle,
        class_weight=dict(spec.fit.class_weight) if spec.fit.class_weight else None,
        sample_weight=rows.sample_weight,
    )
