"""The weights of the best epoch instead of those of the last."""

from __future__ import annotations

from unstuck.trials.specified.options import called_back
from unstuck.trials.specified.specification import Specification

PATIENCE = 5
"""Epochs without an improvement: noise of single epochs is over by then."""


def applied(spec: Specification) -> Specification | None:
    """Adds an ``EarlyStopping`` where the user has validation data.

    On rows that are held out to judge by, it would choose the very epoch that looks best there.
    """
    if spec.held is None or not spec.own:
        return None
    options = {"patience": PATIENCE, "restore_best_weights": True}
    return called_back(spec, "EarlyStopping", options)
