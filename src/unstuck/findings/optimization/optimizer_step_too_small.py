"""Adadelta and Adagrad at a rate of another scale."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import CompileFacts
from unstuck.findings.course import Course
from unstuck.findings.optimization.budget import short_of
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment


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
    sick = "model.compile('adadelta', 'mse')"
    healthy = "model.compile('adam', 'mse')"

    def examine(
        self, compiled: CompileFacts, progress: Progress, course: Course
    ) -> Iterator[Finding]:
        """Speaks where such an optimizer left the weights where they were."""
        if short_of(course, progress) != "optimizer":
            return
        yield self.found(
            f"{course.optimizer} with a rate of {course.rate:g} moved the weights by only "
            f"{progress.travel or 0:.1%} of their size in {progress.steps} updates: its steps are "
            f"scaled for a rate of {course.usual:g}.",
            confidence=0.92,
            place=compiled.place,
            evidence={
                "learning_rate": number(course.rate, "1/step"),
                "usual_rate": number(course.usual, "1/step"),
                "weights_travelled": number(progress.travel, "initial norms"),
                "updates": number(progress.steps, "steps"),
            },
            treatments=[
                Treatment(
                    "use-adam",
                    f"Use optimizer='adam', or {course.optimizer} with learning_rate="
                    f"{course.usual:g}.",
                )
            ],
        )
