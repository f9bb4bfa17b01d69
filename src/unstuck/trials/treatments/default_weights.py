"""Initial weights as Keras chooses them."""

from __future__ import annotations

from unstuck.case.script import Call, Script
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import RECURRENT, trained
from unstuck.trials.treatments.repeating import one_by_one, without

CAUSES = ("poor_initialization",)
SUMMARY = "Leave the initial weights of all layers, and the forget gate's bias, at their defaults."


KERNELS = ("kernel_initializer", "recurrent_initializer")
BIASES = ("unit_forget_bias", "bias_initializer")
"""Of recurrent layers only: the bias of a head may well start at the mean of the targets."""


def edits(script: Script) -> Edits:
    """Takes such options out of every layer at once; ``default_cells`` takes one at a time."""
    return one_by_one(script, _next)


def _next(script: Script) -> Edits:
    model = trained(script)
    layers = [one for one in model.layers if one.path.startswith("keras.")] if model else []
    found = (without(script, (layer,), _options(layer)) for layer in layers)
    return next(filter(None, found), ())


def _options(layer: Call) -> list[str]:
    """Returns the options that may go: what can't be read may be weights from elsewhere."""
    names = (*KERNELS, *BIASES) if layer.kind in RECURRENT else KERNELS
    return [name for name in names if _read(layer, name)]


def _read(layer: Call, name: str) -> bool:
    given = layer.get(name)
    made = given.call
    return given.known and all(value.known for value in (made.arguments.values() if made else ()))
