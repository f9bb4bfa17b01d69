"""Options that several treatments change in the same way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from unstuck.case.serialization import without_loading_tensorflow
from unstuck.trials.specified.layers import RECURRENT, changed
from unstuck.trials.specified.specification import Specification

LARGEST = 512
"""Units beyond which a layer is not made larger: a trial would take minutes."""


def defaults(kind: str, options: Sequence[str]) -> dict[str, Any]:
    """Returns what Keras gives to some options of a layer that is told its size alone."""
    made = getattr(keras.layers, kind, None)
    if made is None:
        return {}
    try:
        with without_loading_tensorflow():
            config = json.loads(json.dumps(made(1).get_config()))
    except (TypeError, ValueError):  # it needs more than a size
        return {}
    return {name: config[name] for name in options if name in config}


def optimizer(spec: Specification, made: Any) -> Specification | None:
    """Returns a specification with another optimizer, None where it is the same already."""
    with without_loading_tensorflow():
        described = json.loads(json.dumps(keras.optimizers.serialize(made)))
    old = spec.compiled["optimizer"]
    # Keras numbers its names, and another name would be another program.
    described["config"]["name"] = old["config"].get("name")
    if old["class_name"] == described["class_name"] and _near(described["config"], old["config"]):
        return None
    return spec.replaced(compiled={**spec.compiled, "optimizer": described})


def _near(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two configurations are the same; a rate has been through float32."""
    rates = [part.get("learning_rate") for part in (one, other)]
    if not all(isinstance(rate, int | float) for rate in rates):
        return False
    close = abs(float(rates[0] or 0.0) - float(rates[1] or 0.0)) <= 1e-6 * abs(rates[0] or 0.0)
    return close and {**one, "learning_rate": 0} == {**other, "learning_rate": 0}


def called_back(spec: Specification, name: str, options: Mapping[str, Any]) -> Specification | None:
    """Returns a specification with one more callback, None where it has one of its kind."""
    if any(known == name for known, _ in spec.fit.callbacks):
        return None
    return spec.fitted(callbacks=(*spec.fit.callbacks, (name, dict(options))))


def resized(spec: Specification, factor: float) -> Specification | None:
    """Returns a specification whose recurrent layers have some times as many units."""

    def rule(kind: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
        units = config.get("units")
        if kind not in RECURRENT or not isinstance(units, int):
            return {}
        return {"units": max(1, min(int(factor * units), max(units, LARGEST)))}

    made = changed(spec.architecture, rule)
    return spec.rebuilt(made) if made is not None else None
