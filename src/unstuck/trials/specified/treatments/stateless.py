"""Batches that know nothing of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unstuck.trials.specified.layers import changed
from unstuck.trials.specified.specification import Specification


def applied(spec: Specification) -> Specification | None:
    """Turns ``stateful`` off in all layers, so that batches may be shuffled."""
    made = changed(spec.architecture, _off)
    return spec.rebuilt(made).fitted(shuffle=True) if made is not None else None


def _off(kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"stateful": False} if config.get("stateful") else {}
