"""Dropout that leaves enough of a sample to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unstuck.findings.generalization.strength import DROPOUTS
from unstuck.trials.specified.layers import changed
from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.less_dropout import MILD


def applied(spec: Specification) -> Specification | None:
    """Lowers every rate above the usual one."""
    made = changed(spec.architecture, _lowered)
    return spec.rebuilt(made) if made is not None else None


def _lowered(kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    mild = {
        name: MILD
        for name in (("rate",) if kind in DROPOUTS else ("dropout",))
        if (config.get(name) or 0.0) > MILD
    }
    strong = (config.get("recurrent_dropout") or 0.0) > MILD
    return {**mild, "recurrent_dropout": 0.0} if strong else mild
