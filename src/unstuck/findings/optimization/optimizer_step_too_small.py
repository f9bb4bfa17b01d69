"""Adadelta and Adagrad at a rate of another scale."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import CompileFacts
from unstuck.case.script import Script
from unstuck.findings.course import USUAL_RATE, Course
from unstuck.findings.optimization.budget import SCALED_BY_HISTORY, severity, short_of, travelled
from unstuck.findings.optimization.choice import Choice, choice_at, choices
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts
from unstuck.record import Finding, Treatment

TINY = 0.1
"""Share of the authors' rate at or below which the source alone is worth a warning; Keras's default
is a tenth of it for Adagrad and a thousandth for Adadelta."""


class OptimizerStepTooSmall(Rule):
    """The optimizer's default rate is meant for another scale (Adadelta, Adagrad).

    ## What it finds
    Adadelta, Adagrad or Ftrl at Keras's default rate of 0.001, in a run whose weights hardly
    moved.

    ## Why LSTMs get this
    ``optimizer="adadelta"`` was a common recommendation when its default rate was 1.0. The
    default in Keras is 0.001 today, so the same line makes steps a thousand times smaller.

    ## How it is measured
    The path of the weights over their initial norm; the rate against the one that the method's
    authors use.

    ## What proves it
    The same run with Adam, or with Adadelta at 1.0.

    ## What cures it
    ``optimizer="adam"``, or the method's own rate.

    ## False alarms
    A run that learns is left alone.

    ## References
    Zeiler, ADADELTA (2012); Duchi, Hazan and Singer, Adaptive Subgradient Methods (2011).
    """

    code = "OPT104"
    name = "optimizer-with-tiny-default-steps"
    cause = "optimizer_step_too_small"
    explains = ("lr_too_low", "too_few_updates", "optimizer_unsuited", "class_imbalance")
    weight = 76
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 12, 2))\n"
        "y = x.mean(axis=(1, 2))\n"
        "model = keras.Sequential([keras.Input((12, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer='adadelta', loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("adadelta", "adam")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds such an optimizer at a rate that is far below its own scale."""
        for _, choice in choices(script):
            tiny = choice.ratio is not None and choice.ratio <= TINY
            if tiny and choice.kind in SCALED_BY_HISTORY:
                yield self._suspected(choice)

    def examine(
        self, compiled: CompileFacts, progress: Progress, course: Course, scripts: Scripts
    ) -> Iterator[Finding]:
        """Speaks where such an optimizer left the weights where they were."""
        if short_of(course, progress) != "optimizer":
            return
        choice = choice_at(compiled, scripts)
        yield self.found(
            f"{course.optimizer} with a rate of {course.rate:g} moved the weights by only "
            f"{progress.travel or 0:.1%} of their size in {progress.steps} updates: its steps are "
            f"scaled for a rate of {course.usual:g}.",
            severity=severity(progress),
            confidence=0.92,
            place=(choice.place if choice else None) or compiled.place,
            evidence=travelled(course, progress),
            treatments=_treatments(course.optimizer, course.usual or 1.0, choice),
        )

    def _suspected(self, choice: Choice) -> Finding:
        usual = USUAL_RATE[choice.kind]
        given = "gets" if choice.given else "takes Keras's default"
        return self.found(
            f"{choice.kind} {given} a learning rate of {choice.rate:g}, but its steps are scaled "
            f"for {usual:g}: they are {usual / (choice.rate or usual):,.0f} times too small.",
            severity="warning",
            level="suspected",
            confidence=0.8,
            place=choice.place,
            evidence={
                "learning_rate": number(choice.rate, "1/step"),
                "usual_rate": number(usual, "1/step"),
            },
            treatments=_treatments(choice.kind, usual, choice),
        )


def _treatments(kind: str, usual: float, choice: Choice | None) -> tuple[Treatment, ...]:
    return (
        Treatment("use-adam", "Use optimizer='adam'.", choice.replaced("adam") if choice else ()),
        Treatment(
            "authors-rate",
            f"Use {kind} with learning_rate={usual:g}, the rate that it was made for.",
            choice.rated(usual) if choice else (),
        ),
    )
