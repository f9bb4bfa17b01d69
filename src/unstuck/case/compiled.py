"""What ``compile`` was given: losses by output, metrics, the optimizer."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from unstuck.case.config import config_of, snake_case
from unstuck.case.facts import CompileFacts, LossFacts, OptimizerFacts, Place
from unstuck.case.graph import kept_graph

ALIASES = {
    "acc": "accuracy",
    "bce": "binary_crossentropy",
    "ce": "crossentropy",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
"""Short names that Keras takes for losses and metrics."""

SHORT = frozenset({"accuracy", "crossentropy"})
"""Names that Keras makes a function of only when it sees the outputs."""


def compile_facts(model: Any, place: Place | None = None) -> CompileFacts:
    """Describes how a model was compiled.

    Args:
        model: A compiled ``keras.Model``.
        place: Line of the call of ``compile``.
    """
    names = output_names(model)
    loss, metrics = getattr(model, "loss", None), getattr(model, "_compile_metrics", None)
    return CompileFacts(
        optimizer=_optimizer_facts(model.optimizer),
        losses=tuple(_loss_facts(name, item, place) for name, item in _by_output(loss, names)),
        metrics=_metrics(metrics, names),
        jit_compile=bool(model.jit_compile),
        run_eagerly=bool(model.run_eagerly),
        steps_per_execution=int(model.steps_per_execution),
        place=place,
    )


def output_names(model: Any) -> list[str]:
    """Returns the names of a model's outputs, as far as they are known before a call."""
    graph = kept_graph(model)
    if graph is not None:
        return list(graph.outputs)
    loss = getattr(model, "loss", None)
    return [str(key) for key in loss] if isinstance(loss, dict) else ["output"]


def canonical(name: str) -> str:
    """Returns Keras's full snake_case name of a loss or metric."""
    snake = name if name.islower() else snake_case(name)
    return ALIASES.get(name.lower(), ALIASES.get(snake, snake))


def _by_output(given: Any, names: list[str]) -> Iterator[tuple[str, Any]]:
    """Yields (output, loss or metric) for all the ways in which ``compile`` takes them."""
    if given is None:
        return
    if isinstance(given, dict):
        for key, item in given.items():
            yield from ((str(key), part) for part in keras.tree.flatten(item))
    elif isinstance(given, list | tuple) and len(names) > 1 and len(given) == len(names):
        for name, item in zip(names, given, strict=True):
            yield from ((name, part) for part in keras.tree.flatten(item) if part is not None)
    else:
        for name in names:
            yield from ((name, part) for part in keras.tree.flatten(given) if part is not None)


def _loss_facts(output: str, loss: Any, place: Place | None) -> LossFacts:
    name, custom = _named(loss, keras.losses)
    return LossFacts(
        output=output, name=name, from_logits=_from_logits(loss, name), custom=custom, place=place
    )


def _named(thing: Any, module: Any) -> tuple[str, bool]:
    """Returns the name of a loss or metric, and whether it is the user's own."""
    if isinstance(thing, str):
        name = canonical(thing)
        return name, name not in SHORT and not hasattr(module, _camel_or_function(thing, module))
    if isinstance(thing, functools.partial):
        return _named(thing.func, module)
    kind = thing if hasattr(thing, "__name__") else type(thing)
    wrapped = getattr(thing, "fn", None) or getattr(thing, "_fn", None)
    if kind.__name__ in ("LossFunctionWrapper", "MeanMetricWrapper") and wrapped is not None:
        return _named(wrapped, module)
    if not str(kind.__module__).startswith("keras."):
        return str(kind.__name__), True
    return canonical(kind.__name__), False


def _camel_or_function(name: str, module: Any) -> str:
    """Returns the attribute of ``keras.losses`` or ``keras.metrics`` that a string stands for."""
    full = canonical(name)
    if hasattr(module, full):
        return full
    camel = {snake_case(attribute): attribute for attribute in dir(module)}
    return camel.get(full, name)


def _from_logits(loss: Any, name: str) -> bool | None:
    if isinstance(loss, functools.partial) and "from_logits" in loss.keywords:
        return bool(loss.keywords["from_logits"])
    held = getattr(loss, "from_logits", getattr(loss, "_fn_kwargs", {}).get("from_logits"))
    if held is not None:
        return bool(held)
    function = getattr(keras.losses, name, None)
    if function is None or not inspect.isfunction(function):
        return None
    return False if "from_logits" in inspect.signature(function).parameters else None


def _metrics(compiled: Any, names: list[str]) -> dict[str, tuple[str, ...]]:
    if compiled is None:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for given in (compiled._user_metrics, compiled._user_weighted_metrics):
        for output, metric in _by_output(given, names):
            found[output] = (*found.get(output, ()), _named(metric, keras.metrics)[0])
    return found


def _optimizer_facts(optimizer: Any) -> OptimizerFacts:
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    rate = getattr(optimizer, "_learning_rate", None)
    schedule = rate if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule) else None
    return OptimizerFacts(
        name=type(optimizer).__name__,
        config=config_of(optimizer),
        learning_rate=_rate(schedule(0) if schedule is not None else rate),
        schedule=None if schedule is None else type(schedule).__name__,
    )


def _rate(rate: Any) -> float | None:
    """Reads a learning rate; a user's schedule or callable may give anything."""
    try:
        return float(np.asarray(keras.ops.convert_to_numpy(rate() if callable(rate) else rate)))
    except Exception:  # not a number, then it is unknown
        return None
