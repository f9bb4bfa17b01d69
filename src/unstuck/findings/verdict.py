"""The verdict on a fit and on a run, and the sentence that says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unstuck.findings.progress import LEARNED, Progress
from unstuck.record import Finding, FitReport, Verdict

FOOLED = (
    "metric_mismatch",
    "persistence_solution",
    "class_imbalance",
    "target_misalignment",
    "validation_split_unrepresentative",
    "recursive_rollout_fixed_point",
)
"""Causes by which a model that learns is misread: by its metric, by a baseline that is as good, by
an accuracy that the majority class alone would have, by a target that its input holds, by
validation data of another kind, by the score of one step where many are wanted."""
GRAVITY: tuple[Verdict, ...] = (
    "diverged", "stuck", "overfit", "no_signal", "misleading", "undetermined", "healthy"
)  # fmt: skip
"""Which fit speaks for a run with several: the worst one."""


def verdict(progress: Progress, findings: Sequence[Finding]) -> Verdict:
    """Judges one fit: finiteness first, then findings, then skill against the controls."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if progress.diverged:
        return "diverged"
    if errors and errors[0].cause == "overfitting":
        return "overfit"
    if errors and errors[0].cause == "no_signal_in_data":
        return "no_signal"
    fooled = [f for f in findings if f.cause in FOOLED and f.severity != "note"]
    learned = progress.skill is not None and progress.skill > LEARNED
    if fooled and learned and all(error in fooled for error in errors[:1]):
        return "misleading"
    if errors or (progress.failing and progress.has_signal):
        return "stuck"
    if progress.failing or progress.skill is None:
        return "undetermined"
    return "healthy"


def verdict_of_all(fits: Sequence[FitReport], failure: Any) -> Verdict:
    """Judges a run: its worst fit; nothing is known of a run without one."""
    if not fits:
        return "undetermined"
    return min((fit.verdict for fit in fits), key=GRAVITY.index)


def summary(verdict: Verdict, fits: Sequence[FitReport]) -> str:
    """Says the verdict in one sentence; what is wrong, the findings say."""
    if not fits:
        return "No call of fit was seen, so there is nothing to judge."
    return _SENTENCES[verdict]


_SENTENCES: dict[Verdict, str] = {
    "healthy": "It trains: the loss is clearly below that of the best constant prediction.",
    "stuck": "It is not training.",
    "diverged": "The training diverged: the loss or the weights are no longer finite.",
    "overfit": "It overfits: it keeps getting better on the training data and worse on the rest.",
    "misleading": "It learns, but what is shown does not say so.",
    "no_signal": "The data hold no signal that any control could find.",
    "undetermined": "The measurements do not decide whether it trains.",
}
