"""The healthy twin, trained until it has had its chance: the far end of the user's scale."""

from __future__ import annotations

import dataclasses
import math
import random

import keras
import numpy as np

from unstuck.case.config import function_name, snake_case
from unstuck.observe.rehearsals.clock import Clock
from unstuck.observe.rehearsals.facts import HEALTHY_TWIN, Rehearsal
from unstuck.observe.rehearsals.original import Original
from unstuck.observe.rehearsals.plain import plain_lstm, standardized
from unstuck.observe.rehearsals.rehearse import ADAM_RATES, BATCH, adam
from unstuck.observe.rehearsals.rows import Course, Rows, batches, course
from unstuck.observe.rehearsals.stage import OutOfTime, Stage

LOOK = 50
"""Updates between two looks at its losses."""
SHORTEST = 4 * LOOK
"""Updates before which it is not called settled."""
LONGEST = 2000
"""Updates at one rate: seconds for a small LSTM, and dozens of passes over a few thousand rows."""
FALL = 0.05
"""Share of what is left to learn that it must gain on held-out rows to be called better: from look
to look, chance alone gains a little."""
FEWEST = 40
"""Held-out rows below which it is not called settled: what it learned may miss them by chance."""
ENOUGH = 0.95
"""Skill on held-out rows from which the end of the scale is known well enough."""
NOTICED = 0.2
"""The same of what a naive forecast leaves: it is beaten then, and that is all that is asked."""
INVARIANT = ("squared_error", "mse", "absolute_error", "mae", "huber", "log_cosh", "logcosh")
"""How the names of losses end that are the same for a level and for its change."""
LEARNED = 0.15
"""Skill on the rows it trains on from which it has left its plateau: while it learns nothing at
all, not even by heart, it can't be told from one that needs more time."""


def healthy_twin(
    original: Original,
    clock: Clock,
    enough: float = ENOUGH,
    reserve: float = 0.0,
    control: str = HEALTHY_TWIN,
) -> tuple[Rehearsal, ...]:
    """Trains a plain LSTM on the user's data at each of the usual rates, while time is left.

    To be called aside, see ``clock``.

    Args:
        original: What the user trained.
        clock: Counts down the time that it may take.
        enough: Skill on held-out rows beyond which it need not go.
        reserve: Seconds that it leaves.
        control: What it is called.

    Returns:
        What it had reached at its best on rows that it was not trained on, for each rate; empty
        where no plain LSTM answers as the user's model does, or no rows can be held out.
    """
    random.seed(0)
    model = plain_lstm(original)
    if model is None:
        return ()
    train, held = standardized(original)
    data = course(train, held, original.output_loss, original.shape)
    if data is None or data.constant_held_out is None:
        return ()
    stage = Stage(model, original.loss, original.output_loss, adam(), clock)
    found: list[Rehearsal] = []
    for index, rate in enumerate(ADAM_RATES):
        share = (clock.left - reserve) / (len(ADAM_RATES) - index)
        best = _trained(stage, data, rate, enough, clock, clock.left - share)
        found += [dataclasses.replace(best, control=control)] if best is not None else []
        if best is not None and _held_out(best) > enough:
            break
    return tuple(found)


def of_changes(original: Original, feature: int | None) -> Original | None:
    """Returns the forecast of one value as that of its change since the last step of the input.

    None where the user's loss would judge the two differently.

    Args:
        original: What the user trained.
        feature: Index of the input's feature that is forecast.
    """
    given = original.loss
    name = given if isinstance(given, str) else function_name(given)
    if feature is None or not snake_case(name).endswith(INVARIANT):
        return None
    train = _changes(original.train, feature)
    held = None if original.held is None else _changes(original.held, feature)
    if train is None or held is None:
        return None
    return dataclasses.replace(original, train=train, held=held, activation="linear")


def _changes(rows: Rows, feature: int) -> Rows | None:
    leaves = keras.tree.flatten(rows.x)
    if len(leaves) != 1 or leaves[0].ndim != 3 or rows.y.size != len(rows.y):
        return None
    x, last = leaves[0], leaves[0][:, -1:, feature : feature + 1]
    # Beside the level, which the change may hang on, the window as seen from its last value.
    seen = np.concatenate([x, x[..., feature : feature + 1] - last], axis=-1)
    return dataclasses.replace(rows, x=seen, y=rows.y - last.reshape(rows.y.shape))


def _trained(
    stage: Stage, data: Course, rate: float, enough: float, clock: Clock, reserve: float
) -> Rehearsal | None:
    """Trains until it has settled, or until no more than a reserve of the time is left."""
    stage.restart()
    size = min(BATCH, data.train.count)
    orders = batches(data.train, size, LONGEST, seed=0)
    best: Rehearsal | None = None
    better, mark = 0, -math.inf
    for steps in range(LOOK, LONGEST + 1, LOOK):
        if clock.left <= reserve:
            break
        try:
            stage.train(data.train, orders[steps - LOOK : steps], rate)
        except OutOfTime:
            break
        now = _measured(stage, data, rate, size, steps)
        if best is None or 1 - _held_out(now) < (1 - FALL) * (1 - mark):
            better, mark = steps, _held_out(now)
        best = now if best is None or _held_out(now) > _held_out(best) else best
        rows = 0 if data.held is None else data.held.count
        if _held_out(best) > enough or _settled(now, better, rows):
            return dataclasses.replace(best, settled=True)
    return best


def _measured(stage: Stage, data: Course, rate: float, batch: int, steps: int) -> Rehearsal:
    return Rehearsal(
        control=HEALTHY_TWIN,
        optimizer=type(stage.model.optimizer).__name__,
        rate=rate,
        batch=batch,
        steps=steps,
        loss=stage.loss(data.seen),
        held_out=stage.loss(data.held),
        constant=data.constant,
        constant_held_out=data.constant_held_out,
        perfect=data.perfect,
    )


def _held_out(one: Rehearsal) -> float:
    skill = one.held_out_skill
    return -math.inf if skill is None or one.held_out is None else skill


def _settled(now: Rehearsal, better: int, rows: int) -> bool:
    """Whether it goes on learning its rows while others gain nothing, for as long again.

    Args:
        now: As it is.
        better: Updates after which it last got better on held-out rows.
        rows: How many of them there are.
    """
    rested = now.steps >= max(SHORTEST, 2 * better) and now.skill >= LEARNED
    return rested and rows >= FEWEST
