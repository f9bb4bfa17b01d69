"""Updates that are too small for the budget."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import CompileFacts
from unstuck.findings.course import Course
from unstuck.findings.optimization.budget import short_of
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment


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
    against the one usual for the optimizer; the number of updates.

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
    sick = "model.compile(Adam(1e-7), 'mse')"
    healthy = "model.compile(Adam(1e-3), 'mse')"

    def examine(
        self, compiled: CompileFacts, progress: Progress, course: Course
    ) -> Iterator[Finding]:
        """Speaks where the rate is what is missing most."""
        if short_of(course, progress) != "rate":
            return
        yield self.found(
            f"{course.optimizer} with a learning rate of {course.rate:g} moved the weights by only "
            f"{progress.travel or 0:.1%} of their size in {progress.steps} updates; usual is "
            f"{course.usual:g}.",
            confidence=0.9,
            place=compiled.place,
            evidence={
                "learning_rate": number(course.rate, "1/step"),
                "usual_rate": number(course.usual, "1/step"),
                "weights_travelled": number(progress.travel, "initial norms"),
                "updates": number(progress.steps, "steps"),
            },
            treatments=[
                Treatment("usual-rate", f"Use the usual learning rate of {course.usual:g}.")
            ],
        )
