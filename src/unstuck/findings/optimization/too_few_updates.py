"""Training that stopped before it had begun."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts
from unstuck.findings.course import Course
from unstuck.findings.optimization.budget import UPDATES, short_of
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment


class TooFewUpdates(Rule):
    """Training stopped while the loss was still falling.

    ## What it finds
    A run with a sound rate that ended after few updates, or with a loss that was still clearly
    falling, and well short of what the data allow.

    ## Why LSTMs get this
    Epochs are what people count, updates are what trains: 10 epochs of 300 samples in batches of
    64 are 50 updates. An LSTM often sits on a plateau for the first hundred.

    ## How it is measured
    The number of updates; the path of the weights; the fall of the loss over the last third of
    the steps, where it exceeds its noise.

    ## What proves it
    The same run with more epochs.

    ## What cures it
    More epochs, or smaller batches, with early stopping on validation data.

    ## False alarms
    A loss that still creeps down in a run that has learned is left alone.

    ## References
    Keskar et al., On Large-Batch Training for Deep Learning (2017), on updates against epochs.
    """

    code = "OPT103"
    name = "too-few-updates"
    cause = "too_few_updates"
    explains = ("class_imbalance", "persistence_solution")
    weight = 72
    sick = "model.fit(x[:64], y[:64], batch_size=64, epochs=5)"
    healthy = "model.fit(x, y, batch_size=32, epochs=50)"

    def examine(self, fit: FitFacts, progress: Progress, course: Course) -> Iterator[Finding]:
        """Speaks where updates are what is missing most."""
        if short_of(course, progress) != "updates":
            return
        still = f" and its loss was still falling ({progress.falling:.0%} in the last third)"
        wanted = max(10 * fit.epochs, round(fit.epochs * UPDATES / max(progress.steps, 1)))
        yield self.found(
            f"The training made {progress.steps} updates in {fit.epochs} "
            f"epoch{'s' if fit.epochs != 1 else ''}"
            + (still if progress.falling > 0 else ", too few for its weights to get anywhere")
            + ": train longer.",
            confidence=0.8,
            place=fit.place,
            evidence={
                "updates": number(progress.steps, "steps"),
                "fall_in_last_third": number(progress.falling, "1"),
                "weights_travelled": number(progress.travel, "initial norms"),
                "skill": number(progress.skill, "1"),
            },
            treatments=[
                Treatment(
                    "more-epochs",
                    f"Train for more epochs, say {wanted}, with EarlyStopping on validation data.",
                )
            ],
        )
