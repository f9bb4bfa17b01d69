"""The healthy twin, trained until it has had its chance: the far end of the user's scale."""

from __future__ import annotations

import dataclasses
import math
import random

from unstuck.observe.rehearsals.clock import Clock
from unstuck.observe.rehearsals.facts import HEALTHY_TWIN, Rehearsal
from unstuck.observe.rehearsals.original import Original
from unstuck.observe.rehearsals.plain import plain_lstm, standardized
from unstuck.observe.rehearsals.rehearse import ADAM_RATES, BATCH, adam
from unstuck.observe.rehearsals.rows import Course, batches, course
from unstuck.observe.rehearsals.stage import OutOfTime, Stage

LOOK = 50
"""Updates between two looks at its losses."""
SHORTEST = 4 * LOOK
"""Updates before which it is not called settled."""
LONGEST = 2000
"""Updates at one rate: seconds for a small LSTM, and dozens of passes over a few thousand rows."""
FEWEST = 40
"""Held-out rows below which it is not called settled: what it learned may miss them by chance."""
ENOUGH = 0.95
"""Skill on held-out rows from which the end of the scale is known well enough."""
LEARNED = 0.15
"""Skill on the rows it trains on from which it has left its plateau: while it learns nothing at
all, not even by heart, it can't be told from one that needs more time."""


def healthy_twin(original: Original, clock: Clock) -> tuple[Rehearsal, ...]:
    """Trains a plain LSTM on the user's data at each of the usual rates, while time is left.

    To be called aside, see ``clock``.

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
        share = clock.left / (len(ADAM_RATES) - index)
        best = _trained(stage, data, rate, clock, clock.left - share)
        found += [best] if best is not None else []
        if best is not None and _held_out(best) >= ENOUGH:
            break
    return tuple(found)


def _trained(
    stage: Stage, data: Course, rate: float, clock: Clock, reserve: float
) -> Rehearsal | None:
    """Trains until it has settled, or until no more than a reserve of the time is left."""
    stage.restart()
    size = min(BATCH, data.train.count)
    orders = batches(data.train, size, LONGEST, seed=0)
    best: Rehearsal | None = None
    for steps in range(LOOK, LONGEST + 1, LOOK):
        if clock.left <= reserve:
            break
        try:
            stage.train(data.train, orders[steps - LOOK : steps], rate)
        except OutOfTime:
            break
        now = _measured(stage, data, rate, size, steps)
        if best is None or _held_out(now) > _held_out(best):
            best = now
        if _settled(now, best, 0 if data.held is None else data.held.count):
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


def _settled(now: Rehearsal, best: Rehearsal, rows: int) -> bool:
    """Whether it goes on learning its rows while others gain nothing, for as long again."""
    if _held_out(best) >= ENOUGH:
        return True
    rested = now.steps >= max(SHORTEST, 2 * best.steps) and now.skill >= LEARNED
    return rested and rows >= FEWEST
