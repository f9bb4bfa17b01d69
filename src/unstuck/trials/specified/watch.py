"""What a training shows: its diagnosis, as a watched ``fit`` gives it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

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


def watched(spec: Specification, seconds: float | None = 0.0) -> tuple[Diagnosis, Any]:
    """Trains a specification by Keras's own ``fit`` under watch.

    Args:
        spec: What to train.
        seconds: For controls that train copies; None for as many as usual.

    Returns:
        The diagnosis, and the trained model, whose predictions are in the unit of its training.
    """
    with tempfile.TemporaryDirectory(prefix="unstuck-") as folder, _kept():
        path = Path(folder, "recording")
        observation = Observation(Recording(path), xray=False, budget=Budget(seconds))
        model = built(spec)
        _fit(model, spec, Monitor(observation))
        observation.finish()
        return diagnose(path), model


def _kept() -> Any:
    return backends.current().generators_kept()


def _fit(model: Any, spec: Specification, monitor: Any) -> None:
    backends.current().seed_generators(spec.seed)
    rows = rows_trained_on(spec, spec.data)
    held = rows_trained_on(spec, spec.held) if spec.held is not None and spec.own else None
    model.fit(
        rows.x,
        rows.y,
        batch_size=spec.fit.batch_size,
        epochs=spec.fit.epochs,
        verbose=0,
        callbacks=[monitor, *callbacks.made(spec.fit.callbacks)],
        validation_data=held.given if held is not None else None,
        shuffle=spec.fit.shuffle,
        class_weight=dict(spec.fit.class_weight) if spec.fit.class_weight else None,
        sample_weight=rows.sample_weight,
    )
