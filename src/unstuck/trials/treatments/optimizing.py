"""Changes of the optimizer that ``compile`` is given."""

from __future__ import annotations

import ast

from unstuck.case.edits import insert_before, replace_call, set_argument
from unstuck.case.script import Call, Model, Script
from unstuck.findings.optimization.choice import Choice, choices
from unstuck.findings.sites import Edits
from unstuck.trials.treatments.places import (
    bound,
    data,
    free_name,
    section,
    statement,
    trained,
)

KERAS_BATCH = 32
"""Samples of a batch where ``fit`` is given no size."""


def chosen(script: Script) -> Choice | None:
    """Returns the optimizer of the script, None where there are several or none is seen."""
    found = [choice for _, choice in choices(script)]
    return found[0] if len(found) == 1 else None


def argued(choice: Choice, name: str, source: str) -> Edits:
    """Gives the optimizer an argument; a name such as "sgd" becomes a call of its class."""
    if choice.value.call is None:
        return constructed(choice, choice.kind, f"{name}={source}")
    return set_argument(choice.value.call, choice.script, name, source)


def constructed(choice: Choice, kind: str, arguments: str) -> Edits:
    """Puts an optimizer of another kind in the place of the one that is given."""
    optimizers, imported = section(choice.script, "optimizers")
    made = f"{optimizers}.{kind}({arguments})"
    call = choice.value.call
    if call is not None:
        place = replace_call(call, choice.script, made)
    else:
        place = set_argument(choice.compile, choice.script, "optimizer", made)
    return (*imported, *place) if place else ()


def scheduled(script: Script, pattern: str) -> Edits:
    """Gives the optimizer a ``CosineDecay`` in the place of its rate.

    Args:
        script: The script.
        pattern: The arguments of the schedule; ``{updates}`` stands for the name of the number of
            updates of the whole training, and ``{rate}`` for the rate.
    """
    model, choice = trained(script), chosen(script)
    if model is None or choice is None or choice.rate is None or _rate_is_used(script, model):
        return ()
    node = choice.value.call.node if choice.value.call is not None else choice.compile.node
    count = _updates(script, model, node)
    if count is None:
        return ()
    optimizers, imported = section(script, "optimizers")
    name = free_name(script, "updates")
    decay = pattern.format(updates=name, rate=f"{choice.rate:g}")
    place = argued(choice, "learning_rate", f"{optimizers}.schedules.CosineDecay({decay})")
    counted = insert_before(script, statement(script, node).lineno, f"{name} = {count}")
    return tuple(dict.fromkeys((*imported, *counted, *place))) if place else ()


def _rate_is_used(script: Script, model: Model) -> bool:
    """Whether the script reads or sets the rate while it trains: a schedule is no number."""
    listed = [item.name for fit in model.fits for item in fit.get("callbacks").items]
    return "ReduceLROnPlateau" in listed or any(
        node.attr == "learning_rate" and getattr(node.value, "attr", "") == "optimizer"
        for node in script.nodes(ast.Attribute)
    )


def _updates(script: Script, model: Model, at: ast.AST) -> str | None:
    """Returns how many updates the training makes, as source that can stand at a place."""
    fit = model.fits[0]
    if len(model.fits) > 1 or len(model.compiles) > 1 or fit.loop is not None or fit.open:
        return None
    # Streams count in batches, and several targets in targets.
    if "y" not in fit.arguments or "steps_per_epoch" in fit.arguments or len(model.heads) != 1:
        return None
    y, epochs = data(script, model).y, _given(script, fit, "epochs", 1)
    batch = _given(script, fit, "batch_size", KERAS_BATCH)
    if y is None or epochs is None or batch is None:
        return None
    source = f"{epochs} * (1 + len({y}) // {batch})"
    return source if bound(script, source, at, fit.node) else None


def _given(script: Script, fit: Call, name: str, default: int) -> str | None:
    """Returns the source of an argument that is written by its keyword: a number or a name."""
    if name not in fit.arguments:
        return f"{default}"
    keywords = fit.node.keywords
    node = next((part.value for part in keywords if part.arg == name), None)
    number = isinstance(node, ast.Constant) and type(node.value) is int
    if node is None or not (number or isinstance(node, ast.Name | ast.Attribute)):
        return None
    # A name for None would stand for Keras's own number.
    return None if fit.get(name).value is None else ast.get_source_segment(script.text, node)
