"""All layers learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unstuck.trials.specified.layers import changed
from unstuck.trials.specified.specification import Specification


def applied(spec: Specification) -> Specification | None:
    """Makes every layer trainable; weights stay what they are."""
    made = changed(spec.architecture, lambda kind, config: {"trainable": True})
    whole = made or dict(spec.architecture)
    if made is None and _trainable(whole["config"]):
        return None
    whole["config"] = {**whole["config"], "trainable": True}
    return spec.rebuilt(whole)


def _trainable(config: Mapping[str, Any]) -> bool:
    return bool(config.get("trainable", True))
