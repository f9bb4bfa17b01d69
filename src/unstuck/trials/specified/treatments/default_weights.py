"""Initial weights that keep signals and gradients at their size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unstuck.trials.specified.layers import RECURRENT, changed
from unstuck.trials.specified.options import defaults
from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.default_weights import BIASES, KERNELS


def applied(spec: Specification) -> Specification | None:
    """Gives all layers their default initializers, and draws the weights anew."""
    made = changed(spec.architecture, _default)
    return spec.rebuilt(made, anew=True) if made is not None else None


def _default(kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    return defaults(kind, (*KERNELS, *BIASES) if kind in RECURRENT else KERNELS)
