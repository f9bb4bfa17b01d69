"""Where the evidence does not decide: the few experiments that would, and what each would mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from unstuck.case.facts import FitFacts
from unstuck.findings.progress import Progress
from unstuck.observe.rehearsals.facts import RehearsalFacts
from unstuck.record import Finding, Verdict

MOST = 3
"""Experiments that are proposed: more is no plan for an afternoon."""
SHORT = 50
"""Updates below which a run says nothing yet: a recurrent network needs hundreds."""
FITS = 0.9
"""Skill on a handful of rows from which a network can fit them: it has only to learn by heart."""


def experiments(
    verdict: Verdict,
    findings: Sequence[Finding],
    progress: Progress,
    fit: FitFacts | None,
    rehearsals: RehearsalFacts | None,
) -> tuple[str, ...]:
    """Proposes what to try next, the most telling first.

    Returns:
        Nothing where the verdict is clear or a finding explains it.
    """
    if any(finding.severity == "error" for finding in findings):
        return ()
    if verdict not in ("undetermined", "stuck", "diverged"):
        return ()
    return tuple(islice(_open(progress, fit, rehearsals or RehearsalFacts()), MOST))


def _open(progress: Progress, fit: FitFacts | None, rehearsals: RehearsalFacts) -> Iterator[str]:
    if progress.skill is None:
        yield (
            "Watch a fit that ends by itself, on arrays and with a stock loss: then predictions "
            "can be compared with the best constant and with the naive forecast."
        )
    if progress.diverged:
        yield (
            "Train with a hundredth of the learning rate and clipnorm=1: if the loss stays finite, "
            "the steps were too large; if not, look for values that are not finite in the data "
            "and in the loss."
        )
    if progress.steps < SHORT:
        yield (
            f"Train for more than these {progress.steps} updates, ten times as many say: a loss "
            "that starts to fall needed time."
        )
    few = rehearsals.best("few_rows")
    if few is None:
        yield (
            "Fit one batch of 16 samples for 300 epochs: a loss that does not get close to zero "
            "means a fault in the model or its loss; if it does, look at the data or the rates."
        )
    elif few.skill < FITS:
        yield (
            f"Even on {few.batch} samples alone a copy of the model reached only a skill of "
            f"{max(few.skill, 0):.2f}: put one plain LSTM layer in its place, and add the other "
            "layers one by one until it fails again."
        )
    if not progress.has_signal:
        yield (
            "Train once more with shuffled targets: if the loss gets as low as with the real ones, "
            "the inputs say nothing about the targets that this model finds."
        )
    if not rehearsals.of("rates"):
        yield (
            "Train with a tenth of the learning rate and with ten times as much, 200 updates each: "
            "the loss tells which way to go."
        )
    if progress.steps >= SHORT:
        yield (
            "Train five times as long: a long plateau before a sudden fall is usual where the "
            "answer lies many steps back."
        )
    if fit is not None and fit.validation == "none":
        yield "Hold out a fifth of the data as validation_data: only they tell learning from noise."
