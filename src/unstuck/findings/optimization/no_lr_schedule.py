"""A constant rate at which the loss does not settle."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import CompileFacts, FitFacts
from unstuck.findings.course import Course
from unstuck.findings.optimization.choice import choice_at
from unstuck.findings.optimization.restless import DECISIVE, Unrest, unrest
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, call_at, keras_name
from unstuck.observe.rehearsals.facts import RehearsalFacts
from unstuck.record import Finding, Treatment

WORKED = 0.3
"""Share of what there was to lose that a run must have lost at its best to have worked at first;
less is a rate that was too high from the start."""
LOWERING = ("ReduceLROnPlateau", "LearningRateScheduler")
"""Callbacks that lower the rate."""
FACTOR = 10.0
"""Times by which a rate is lowered over a training that way."""


class NoLrSchedule(Rule):
    """A constant rate that first works keeps the loss from settling.

    ## What it finds
    A run that learned, at a constant rate at which its last weights do not settle: going on with
    a tenth of the rate takes the loss clearly lower, going on as it was does not.

    ## Why LSTMs get this
    The rate that gets a recurrent network off its plateau is larger than the one at which it comes
    to rest. The weights then circle around the minimum; now and then a step leads over a cliff, and
    the loss has to be won back.

    ## How it is measured
    Copies go on from the final weights and the optimizer's state, with other batches: as it was,
    and with a tenth of the rate. The difference must exceed the noise of repetitions, and hold on
    rows that were held out.

    ## What proves it
    The same run with a rate that falls.

    ## What cures it
    ``ReduceLROnPlateau``, a cosine or exponential decay to a tenth or a hundredth, or a lower rate.

    ## False alarms
    A rate that is lowered by a schedule or a callback is left alone, and so is a noisy loss that
    does not fall at a tenth of the rate: then it is the data that are noisy.

    ## References
    Smith, A Disciplined Approach to Neural Network Hyper-Parameters (2018).
    """

    code = "OPT109"
    name = "constant-learning-rate"
    cause = "no_lr_schedule"
    explains = ("no_gradient_clipping", "too_few_updates")
    weight = 48
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "x = rng.normal(size=(1024, 8, 2))\n"
        "y = 4 * x.mean(axis=(1, 2)) + rng.normal(size=1024)\n"
        "model = keras.Sequential([keras.Input((8, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "adam = keras.optimizers.Adam(0.25)\n"
        "model.compile(optimizer=adam, loss='mse')\n"
        "model.fit(x, y, batch_size=16, epochs=12, verbose=0)\n"
    )
    healthy = sick.replace(
        "adam = keras.optimizers.Adam(0.25)",
        "falling = keras.optimizers.schedules.CosineDecay(0.02, 768)\n"
        "adam = keras.optimizers.Adam(falling)",
    )

    def examine(
        self,
        rehearsals: RehearsalFacts,
        course: Course,
        compiled: CompileFacts,
        fit: FitFacts,
        progress: Progress,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Speaks of constant rates that worked, at which going on does not settle."""
        lowered = compiled.optimizer.schedule is not None or set(LOWERING) & set(fit.callbacks)
        if lowered or not _worked(rehearsals, progress):
            return
        found = unrest(rehearsals, course, fit)
        if found is not None and not found.batch_is_it:
            yield self._finding(found, course, compiled, fit, scripts)

    def _finding(
        self, found: Unrest, course: Course, compiled: CompileFacts, fit: FitFacts, scripts: Scripts
    ) -> Finding:
        choice = choice_at(compiled, scripts)
        rate = course.rate or 1e-2
        return self.found(
            f"At a constant rate of {rate:g} the loss does not settle: going on as it was leaves "
            f"it at {found.as_it_was:.4g}, a tenth of the rate takes it to {found.calm:.4g}.",
            severity="error" if found.share >= DECISIVE else "warning",
            confidence=0.85,
            place=(choice.rate_place if choice else None) or compiled.place,
            evidence={"batch_size": number(fit.batch_size, "samples"), **found.evidence},
            treatments=[
                Treatment(
                    "lower-when-it-rests",
                    "Lower the rate where the loss stops falling: "
                    "ReduceLROnPlateau(monitor='loss', factor=0.3, patience=3).",
                    _plateau(fit, scripts),
                ),
                Treatment(
                    "lower-rate",
                    f"Use a learning rate of {rate / FACTOR:g}.",
                    choice.rated(rate / FACTOR) if choice is not None else (),
                ),
            ],
        )


def _worked(rehearsals: RehearsalFacts, progress: Progress) -> bool:
    """Whether the run had won something at its best."""
    before = next(iter(rehearsals.of("as_it_was")), None)
    if before is None or progress.best is None:
        return False
    return progress.best < before.constant - WORKED * (before.constant - before.perfect)


def _plateau(fit: FitFacts, scripts: Scripts) -> Edits:
    """Returns the edit that adds the callback to a call of ``fit`` without any."""
    call = call_at(fit.place, "fit", scripts)
    if call is None or fit.place is None or call.get("callbacks").content is not None:
        return ()
    script = scripts[fit.place.file]
    section = keras_name(script, "callbacks")
    if section is None:
        return ()
    lowering = f"[{section}.ReduceLROnPlateau(monitor='loss', factor=0.3, patience=3)]"
    return set_argument(call, script, "callbacks", lowering)
