"""The controls one after the other, the most telling first, as far as the time reaches."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from unstuck.observe.rehearsals.clock import Clock
from unstuck.observe.rehearsals.facts import ModeFacts, Rehearsal, RehearsalFacts
from unstuck.observe.rehearsals.modes import modes
from unstuck.observe.rehearsals.need import UNLEARNED, UNSETTLED
from unstuck.observe.rehearsals.original import Original, copy_of
from unstuck.observe.rehearsals.plain import plain_lstm, standardized
from unstuck.observe.rehearsals.rows import Course, batches, course
from unstuck.observe.rehearsals.stage import OutOfTime, Stage

RATES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Learning rates that are tried besides the user's own: what people write, a decade apart."""
ALIKE = 2.0
"""Times by which a rate must differ from the user's own to be tried beside it."""
ADAPTIVE = ("Adam", "AdamW", "Nadam", "Adamax", "RMSprop", "Lamb")
"""Optimizers that give each weight a step of its own size; beside them Adam would tell nothing."""
ADAM_RATES = (1e-2, 1e-3)
"""Rates of Adam that train most small recurrent networks."""
BATCH = 32
"""Samples a step of the trials from new weights: the size that ``fit`` takes where none is given.
"""
FEW = 32
"""Rows of the one batch that is learned by heart."""
LONGEST = 400
"""Updates of one trial: enough for a small LSTM to leave its plateau at a good rate."""
SHORTEST = 40
"""Updates below which a trial shows nothing but its start."""
SHARE = 0.6
"""Share of the time that the trials may take; compiling takes the rest."""
SMALL = 8
"""Samples a batch up to which the noise of single samples may be what stops a training."""
GREATER = 8
"""Times by which a batch is made larger: its noise is then a third."""
AFTER = 0.3
"""Share of the time that going on may take: other controls may follow."""
LOOKS = 4
"""Times that a loss is read over the second half of going on, whose mean is less noisy."""
SEEDS = 2
"""Repetitions of going on, with other batches."""


class Rehearsals:
    """The controls of one training.

    Args:
        original: What its copies are made from.
        needs: What the training leaves to ask, see ``need``.
        clock: Counts down the time that they may take.
        complain: Told of the error that ended a control; the others go on.
    """

    def __init__(
        self,
        original: Original,
        needs: frozenset[str],
        clock: Clock,
        complain: Callable[[BaseException], None] = lambda error: None,
    ) -> None:
        self._original = original
        self._needs = needs
        self._clock = clock
        self._complain = complain
        self._trials: list[Rehearsal] = []
        self._modes: ModeFacts | None = None
        self._compiling = 0.0
        self._steps = 0
        self._own: Stage | None = None
        self._adam: Stage | None = None

    def run(self) -> RehearsalFacts:
        """Runs what is asked for and fits in; to be called aside, see ``clock``."""
        original = self._original
        random.seed(0)  # new weights are drawn from Python's random numbers, and so are masks
        data = course(original.train, original.held, original.output_loss, original.shape)
        if data is not None:
            for control in self._controls():
                self._attempt(control, data)
        return RehearsalFacts(tuple(self._trials), self._modes, seconds=self._clock.spent)

    def _controls(self) -> list[Callable[[Course], None]]:
        small = self._original.batch <= SMALL
        chosen: list[Callable[[Course], None]] = []
        if UNLEARNED in self._needs:
            chosen += [self._in_both_modes]
        if UNSETTLED in self._needs or (UNLEARNED in self._needs and small):
            chosen += [self._go_on]
        if UNLEARNED in self._needs:
            chosen += [self._try_own_rate, self._try_adam, self._try_plain_lstm]
            chosen += [self._try_standardized, self._try_other_rates, self._fit_few_rows]
        return chosen

    def _attempt(self, control: Callable[[Course], None], data: Course) -> None:
        # The others ask whether there is time for what they compile, if anything.
        asks_itself = control not in (self._in_both_modes, self._try_own_rate, self._go_on)
        if not self._clock.left or (not asks_itself and self._clock.left <= self._compiling):
            return
        try:
            control(data)
        except OutOfTime:
            return
        except Exception as error:
            self._complain(error)

    def _in_both_modes(self, data: Course) -> None:
        self._modes = modes(self._original, copy_of(self._original.model), data)

    def _try_own_rate(self, data: Course) -> None:
        """Trains from new weights with the user's optimizer at the user's rate."""
        stage = self._stage(copy_of(self._original.model), self._optimizer())
        self._measure(stage, data)
        trials = 2 * len(rates_around(self._original.rate))
        affordable = SHARE * self._clock.left / max(stage.usual * trials, 1e-6)
        self._steps = int(min(LONGEST, max(SHORTEST, affordable)))
        self._own = stage
        self._trial("rates", stage, data, self._original.rate)

    def _try_other_rates(self, data: Course) -> None:
        """Does so at other rates."""
        for rate in rates_around(self._original.rate)[1:]:
            if self._own is not None:
                self._trial("rates", self._own, data, rate)

    def _fit_few_rows(self, data: Course) -> None:
        """Learns one batch by heart, at the user's rate and at the best one that was tried."""
        if self._own is None:
            return
        few = data.train.spread(FEW)
        narrow = course(few, None, self._original.output_loss, self._original.shape)
        tried = [trial for trial in self._trials if trial.control == "rates"]
        best = max(tried, key=lambda trial: trial.skill).rate if tried else self._original.rate
        for rate in dict.fromkeys((self._original.rate, best)):
            if narrow is not None:
                self._trial("few_rows", self._own, narrow, rate)

    def _try_adam(self, data: Course) -> None:
        """Trains from new weights with Adam, where the user's optimizer isn't of its kind."""
        if self._own is None or self._original.optimizer.__name__ in ADAPTIVE:
            self._adam = self._own
        elif self._affordable(2):
            self._adam = self._stage(copy_of(self._original.model), adam())
            self._measure(self._adam, data)
            for rate in ADAM_RATES:
                self._trial("adam", self._adam, data, rate)

    def _try_standardized(self, data: Course) -> None:
        """Trains from new weights with Adam on standardized data."""
        standard = self._standard()
        for rate in ADAM_RATES:
            if self._adam is not None and standard is not None:
                self._trial("standardized", self._adam, standard, rate)

    def _try_plain_lstm(self, data: Course) -> None:
        """Trains a plain LSTM on the same rows, standardized."""
        model, standard = plain_lstm(self._original), self._standard()
        if model is None or standard is None or self._steps == 0 or not self._affordable(2):
            return
        stage = self._stage(model, adam())
        self._measure(stage, standard)
        for rate in ADAM_RATES:
            self._trial("plain_lstm", stage, standard, rate)

    def _go_on(self, data: Course) -> None:
        """Goes on from the final weights, as it was and with one change each."""
        original = self._original
        large = min(GREATER * original.batch, data.train.count)
        if not original.finite:
            return
        stage = self._stage(copy_of(original.model), self._optimizer())
        # One step, that it is compiled and timed.
        self._measure(stage, data, original.batch)
        runs = [("as_it_was", original.batch, 1.0), ("tenth", original.batch, 0.1)]
        runs += [("large_batch", large, 1.0)] if large > 2 * original.batch else []
        affordable = AFTER * self._clock.left / max(stage.usual * SEEDS * len(runs), 1e-6)
        steps = int(min(LONGEST, max(SHORTEST, affordable)))
        for control, batch, share in runs:
            rate = float(f"{share * original.rate:.6g}")
            self._continued(control, stage, data, batch, rate, steps)

    def _continued(
        self, control: str, stage: Stage, data: Course, batch: int, rate: float, steps: int
    ) -> None:
        losses: list[float] = []
        held: list[float] = []
        for seed in range(SEEDS):
            if not stage.resume(self._original.weights, dict(self._original.state)):
                return
            orders = batches(data.train, batch, steps, seed)
            half = steps // 2
            stage.train(data.train, orders[:half], rate)
            for part in np.array_split(np.arange(half, steps), LOOKS):
                stage.train(data.train, [orders[index] for index in part], rate)
                losses.append(_number(stage.loss(data.seen)))
                held.append(_number(stage.loss(data.held)))
        self._note(control, stage, data, rate, batch, steps, losses, held)

    def _trial(self, control: str, stage: Stage, data: Course, rate: float) -> None:
        """Trains from the stage's first weights, if there is time for it."""
        if self._steps * stage.usual > self._clock.left:
            return
        stage.restart()
        size = min(BATCH, self._original.train.count)
        stage.train(data.train, batches(data.train, size, self._steps, seed=0), rate)
        loss, held = _number(stage.loss(data.seen)), _number(stage.loss(data.held))
        self._note(control, stage, data, rate, size, self._steps, [loss], [held])

    def _note(
        self,
        control: str,
        stage: Stage,
        data: Course,
        rate: float,
        batch: int,
        steps: int,
        losses: list[float],
        held: list[float],
    ) -> None:
        error = float(np.std(losses, ddof=1) / len(losses) ** 0.5) if len(losses) > 1 else 0.0
        self._trials.append(
            Rehearsal(
                control=control,
                optimizer=type(stage.model.optimizer).__name__,
                rate=rate,
                batch=batch,
                steps=steps,
                loss=_finite(float(np.mean(losses))),
                held_out=_finite(float(np.mean(held))),
                constant=data.constant,
                constant_held_out=data.constant_held_out,
                perfect=data.perfect,
                spread=_finite(error) or 0.0,
            )
        )

    def _stage(self, model: Any, optimizer: Any) -> Stage:
        original = self._original
        return Stage(model, original.loss, original.output_loss, optimizer, self._clock)

    def _measure(self, stage: Stage, data: Course, batch: int = BATCH) -> None:
        """Makes a few steps and a prediction, that both are compiled and their time is known."""
        before = self._clock.spent
        size = min(batch, data.train.count)
        stage.train(data.train, batches(data.train, size, 4, seed=0), self._original.rate)
        stage.loss(data.seen)
        stage.loss(data.held)
        self._compiling = max(self._compiling, self._clock.spent - before)

    def _affordable(self, trials: int) -> bool:
        """Whether another program can be compiled and run so many times."""
        usual = self._own.usual if self._own is not None else 0.0
        return self._compiling + trials * self._steps * usual <= self._clock.left

    def _standard(self) -> Course | None:
        train, held = standardized(self._original)
        return course(train, held, self._original.output_loss, self._original.shape)

    def _optimizer(self) -> Any:
        original = self._original
        return original.optimizer.from_config({**original.config, "learning_rate": original.rate})


def adam() -> Any:
    """Returns Adam with the clipping that suits recurrent networks."""
    return keras.optimizers.Adam(ADAM_RATES[0], clipnorm=1.0)


def rates_around(own: float) -> list[float]:
    """Returns the user's rate and those of RATES that differ from it, the nearest first."""
    others = [rate for rate in RATES if not own / ALIKE < rate < own * ALIKE]
    near = sorted(others, key=lambda rate: abs(math.log(rate / own)) if own > 0 else rate)
    return [own, *near]


def _number(loss: float | None) -> float:
    return math.nan if loss is None else loss


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
