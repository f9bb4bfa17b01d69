"""Recurrent cells as their authors made them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unstuck.trials.specified.layers import RECURRENT, changed
from unstuck.trials.specified.options import defaults
from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.default_cells import OPTIONS


def applied(spec: Specification) -> Specification | None:
    """Gives recurrent layers their default activations and initial weights."""
    made = changed(spec.architecture, _default)
    return spec.rebuilt(made, anew=True) if made is not None else None


def _default(kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    return defaults(kind, OPTIONS) if kind in RECURRENT else {}
