"""Updates that are too small for the budget."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import CompileFacts, Place
from unstuck.case.script import Model, Script
from unstuck.findings.course import USUAL_RATE, Course
from unstuck.findings.optimization.budget import (
    SCALED_BY_HISTORY,
    UPDATES,
    severity,
    short_of,
    travelled,
)
from unstuck.findings.optimization.choice import Choice, choice_at, choices
from unstuck.findings.optimization.tried import better_rate, told
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.observe.rehearsals.facts import Rehearsal, RehearsalFacts
from unstuck.record import Finding, Treatment

LOW = 0.01
"""Share of the usual rate at or below which the source alone is worth a word: with Adam at 1e-5 a
weight moves by at most 0.01 in a thousand steps, a tenth of what Glorot's initialization gives it.
"""


class LrTooLow(Rule):
    """Updates are too small against the weights for this budget.

    ## What it finds
    A run that learned little or nothing while its weights hardly moved, with a rate well below
    the usual one.

    ## Why LSTMs get this
    Rates are copied from fine-tuning recipes, or lowered after a NaN that had another reason.
    An LSTM has to travel: gates start half open and memory has to be learned.

    ## How it is measured
    The path of the weights (sum of the norms of all updates) over their initial norm; the rate
    against the one usual for the optimizer; the number of updates. Short trainings of copies at
    other rates.

    ## What proves it
    The same run with ten times the rate.

    ## What cures it
    The optimizer's usual rate.

    ## False alarms
    A low rate with enough steps is left alone, since then the weights have moved.

    ## References
    Smith, Cyclical Learning Rates for Training Neural Networks (2017).
    """

    code = "OPT102"
    name = "learning-rate-too-low"
    cause = "lr_too_low"
    explains = ("too_few_updates", "class_imbalance", "vanishing_gradients", "persistence_solution")
    weight = 75
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 12, 2))\n"
        "y = x.mean(axis=(1, 2))\n"
        "model = keras.Sequential([keras.Input((12, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(1e-6), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("Adam(1e-6)", "Adam(1e-2)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds rates far below the usual one for a model that is trained from the start."""
        for model, choice in choices(script):
            low = choice.given and choice.ratio is not None and choice.ratio <= LOW
            if low and choice.kind not in SCALED_BY_HISTORY and not _tuned(model, choice, script):
                yield self._suspected(choice)

    def examine(
        self,
        compiled: CompileFacts,
        progress: Progress,
        course: Course,
        scripts: Scripts,
        rehearsals: RehearsalFacts | None = None,
    ) -> Iterator[Finding]:
        """Speaks where the rate is what is missing most."""
        short = short_of(course, progress)
        higher = better_rate(rehearsals, course.rate, progress, up=True)
        choice = choice_at(compiled, scripts)
        place = (choice.rate_place if choice else None) or compiled.place
        if short == "rate":
            yield self.found(
                f"{course.optimizer} with a learning rate of {course.rate:g} moved the weights by "
                f"only {progress.travel or 0:.1%} of their size in {progress.steps} updates; usual "
                f"is {course.usual:g}.",
                severity=severity(progress),
                confidence=0.9,
                place=place,
                evidence=travelled(course, progress),
                treatments=[_usual(course.usual or 1e-3, choice)],
            )
        elif higher is not None and _had_its_chance(progress, short):
            yield self._outdone(higher, course, progress, choice, place)

    def _outdone(
        self,
        higher: Rehearsal,
        course: Course,
        progress: Progress,
        choice: Choice | None,
        place: Place | None,
    ) -> Finding:
        return self.found(
            f"{course.optimizer} with a learning rate of {course.rate:g} learned little in "
            f"{progress.steps} updates; from new weights, {higher.steps} updates at "
            f"{higher.rate:g} reach a skill of {higher.skill:.2f}.",
            severity=severity(progress),
            confidence=0.75,
            place=place,
            evidence={**travelled(course, progress), **told(higher, "trial_at_higher_rate")},
            treatments=[_usual(higher.rate, choice)],
        )

    def _suspected(self, choice: Choice) -> Finding:
        usual = USUAL_RATE[choice.kind]
        # Plain SGD may be given large targets, and then a small rate is right.
        doubtful = choice.kind == "SGD"
        return self.found(
            f"{choice.kind} gets a learning rate of {choice.rate:g}; its usual rate, {usual:g}, is "
            f"{usual / (choice.rate or usual):,.0f} times that.",
            severity="note" if doubtful else "warning",
            level="suspected",
            confidence=0.3 if doubtful else 0.6,
            place=choice.rate_place,
            evidence={
                "learning_rate": number(choice.rate, "1/step"),
                "usual_rate": number(usual, "1/step"),
            },
            treatments=[_usual(usual, choice)],
        )


def _usual(rate: float, choice: Choice | None) -> Treatment:
    edits = choice.rated(rate) if choice is not None else ()
    return Treatment("usual-rate", f"Use a learning rate of {rate:g}.", edits)


def _had_its_chance(progress: Progress, short: str | None) -> bool:
    """Whether a training that learned little made updates enough, so that none are missing."""
    return (
        progress.failing and not progress.diverged and (short is None or progress.steps > UPDATES)
    )


def _tuned(model: Model, choice: Choice, script: Script) -> bool:
    """Whether the model has learned before: loaded, compiled before, or partly of another's."""
    if model.kind in ("loaded", "unknown") or choice.compile is not model.compiles[0]:
        return True
    foreign = any(not layer.keras for layer in model.layers)
    return foreign or any(call.kind in _LOADING for call in script.calls)


_LOADING = {"load_weights", "set_weights", "load_model", "from_pretrained", "from_preset"}
"""Calls that put weights into a model that something else has learned."""
