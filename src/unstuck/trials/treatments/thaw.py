"""Weights that may all learn."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.script import Call, Model, Script, Value
from unstuck.findings.optimization.frozen_weights import LOADING
from unstuck.findings.sites import Edits, constant_edit
from unstuck.trials.treatments.places import trained
from unstuck.trials.treatments.repeating import one_by_one

CAUSES = ("frozen_weights",)
SUMMARY = "Let the whole model learn."


def edits(script: Script) -> Edits:
    """Makes everything trainable that is not, the model itself included.

    None where the script brings weights from elsewhere, or trains twice: what is frozen there may
    have learned before.
    """
    model = trained(script)
    if model is None or len(model.fits) > 1 or len(model.compiles) > 1 or _loads(script):
        return ()
    return one_by_one(script, lambda current: next(filter(None, _thawed(current)), ()))


def _loads(script: Script) -> bool:
    calls = (*script.calls, *script.foreign)
    return any(call.kind in LOADING or "weights" in call.arguments for call in calls)


def _thawed(script: Script) -> Iterator[Edits]:
    model = trained(script)
    if model is None:
        return
    for layer in model.layers:
        if _off(layer):
            yield set_argument(layer, script, "trainable", "True")
    for given in [one.get("trainable") for one in (model.attributes, *_attributes(model))]:
        if given is not None and given.value is False:
            yield constant_edit(given, script, "True")


def _attributes(model: Model) -> Iterator[dict[str, Value]]:
    return (layer.attributes for layer in model.layers)


def _off(layer: Call) -> bool:
    return layer.get("trainable").value is False
