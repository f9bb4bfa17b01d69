"""How many samples a step is made of."""

from __future__ import annotations

from unstuck.case.script import Call, Script
from unstuck.findings.sites import Edits, argument_edit
from unstuck.trials.searching.knob import Value, steps
from unstuck.trials.treatments.optimizing import KERAS_BATCH
from unstuck.trials.treatments.places import trained

CAUSES = ("batch_size_too_small", "batch_size_too_large", "too_few_updates")
SUMMARY = "Train with batches of {}."

SMALLEST, LARGEST = 8, 256
"""Smaller ones take too long, larger ones leave too few updates; a script's own is never out."""


def own(script: Script) -> Value | None:
    """Returns the batch size of ``fit``, None where it isn't given arrays or no number."""
    fit = _fit(script)
    return None if fit is None else _size(fit)


def grid(script: Script) -> tuple[Value, ...]:
    """Returns the script's own size, doubled and halved."""
    fit = _fit(script)
    size = None if fit is None else _size(fit)
    if size is None:
        return ()
    found = steps(size, min(SMALLEST, size), max(LARGEST, size), 2)
    return tuple(sorted({max(1, int(one)) for one in found}))


def edits(script: Script, value: Value) -> Edits:
    """Gives ``fit`` another batch size."""
    fit = _fit(script)
    return () if fit is None else argument_edit(fit, script, "batch_size", f"{value}")


def _fit(script: Script) -> Call | None:
    """Returns the only ``fit``, None where its batches are made elsewhere."""
    model = trained(script)
    fit = model.fits[0] if model is not None and len(model.fits) == 1 else None
    arrays = fit is not None and "y" in fit.arguments and "steps_per_epoch" not in fit.arguments
    return fit if arrays else None


def _size(fit: Call) -> int | None:
    value = fit.get("batch_size", KERAS_BATCH).value
    value = KERAS_BATCH if value is None else value
    return value if type(value) is int and value > 0 else None
