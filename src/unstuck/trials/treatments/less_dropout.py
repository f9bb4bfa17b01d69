"""Dropout that leaves enough of a sample to learn from."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import remove_argument, set_argument
from unstuck.case.script import Script
from unstuck.findings.generalization.strength import DROPOUTS
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import trained
from unstuck.trials.treatments.repeating import one_by_one

CAUSES = ("over_regularization",)
SUMMARY = "Drop at most a fifth at a place, and nothing between time steps."


MILD = 0.2
"""The usual rate beside a recurrent layer."""


def edits(script: Script) -> Edits:
    """Lowers every rate above the usual one; the rule's own edit lowers the highest alone."""
    return one_by_one(script, lambda current: next(filter(None, _lowered(current)), ()))


def _lowered(script: Script) -> Iterator[Edits]:
    model = trained(script)
    for layer in model.layers if model is not None else ():
        for name in ("rate",) if layer.kind in DROPOUTS else ("dropout", "recurrent_dropout"):
            rate = layer.get(name).value
            if not isinstance(rate, float) or rate <= MILD:
                continue
            if name == "recurrent_dropout":
                yield remove_argument(layer, script, name)
            else:
                yield set_argument(layer, script, name, f"{MILD}")
