"""Samples that are never seen whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unstuck.trials.specified.layers import RECURRENT, changed
from unstuck.trials.specified.specification import Specification
from unstuck.trials.treatments.drop_out import RATE


def applied(spec: Specification) -> Specification | None:
    """Gives each recurrent layer ``dropout``, where it has none."""
    made = changed(spec.architecture, _dropped)
    return spec.rebuilt(made) if made is not None else None


def _dropped(kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"dropout": RATE} if kind in RECURRENT and not config.get("dropout") else {}
