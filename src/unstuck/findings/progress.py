"""Is it training? The loss against the controls, its course, and how far the weights moved."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from unstuck.case.facts import CompileFacts
from unstuck.findings.series import StepSeries
from unstuck.observe.outcome import OutcomeFacts, OutputOutcome

if TYPE_CHECKING:
    import numpy.typing as npt

Floats: TypeAlias = "npt.NDArray[np.float64]"
Epochs = tuple[tuple[int, int, dict[str, float]], ...]

WINDOW = 0.1
"""Share of the steps that "start" and "end" average over: a tenth is short against a training
and long against the noise of one batch."""
NOISE = 2.0
"""Standard errors by which two means must differ to be called different (5 % level)."""
STUCK_SKILL = 0.05
"""A model that beats the best constant by less than a twentieth of what there is to gain has
learned nothing that a user would notice."""
SIGNAL_MARGIN = 0.02
"""By how much the closed-form control must beat its best score over 19 shufflings to count as
signal: those lie within 0.02 of each other for the 100 to 600 samples that it is given."""
POOR_SHARE = 0.8
"""Share of the control's score below which there is clearly more to learn."""
LEARNED = 0.15
"""Skill from which the network itself shows that there is something to learn."""
SIGNAL_SHARE = 0.33
"""A model that reaches less than a third of what a closed-form model reaches without effort is
not training as it should, however noisy the task."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """How a training went.

    Attributes:
        steps: Number of updates.
        start: Mean loss of the first tenth of the steps (at least one step).
        end: Mean loss of the last tenth.
        best: Lowest mean over a window of that length.
        first_nonfinite: Step of the first loss or gradient that isn't finite, None if none is.
        diverged: Whether the training ended with a loss or predictions that aren't finite.
        falling: Fall of the loss over the last third of the steps, over the loss that there
            was to lose (start - perfect); significant falls only, else 0.
        skill: 0 constant, 1 perfect, on the training sample; None where unknown.
        validation_skill: The same on the validation sample.
        best_validation_skill: The same for the epoch with the lowest validation loss.
        explained: Share of the targets' variance that the model explains on the training sample.
        signal: What a closed-form model explains out of sample; None where unknown.
        chance: What it explains of shuffled targets.
        travel: Median over variables of (sum of update norms) / (initial weight norm).
        update_ratio: Median over steps and variables of update norm / weight norm.
        lag_score: What the search for the lag that the task needs explains out of sample, which
            looks at more relations; None where it found none.
    """

    steps: int
    start: float | None
    end: float | None
    best: float | None
    first_nonfinite: int | None
    diverged: bool
    falling: float
    skill: float | None
    validation_skill: float | None
    best_validation_skill: float | None
    explained: float | None
    signal: float | None
    chance: float | None
    travel: float | None
    update_ratio: float | None
    lag_score: float | None = None

    @property
    def has_signal(self) -> bool | None:
        """Whether the inputs say anything about the targets that the control could find."""
        if self.signal is None or self.chance is None:
            return None
        if self._found or self._found_by_lag:
            return True
        # A network may find what the control misses; on data it has not seen, that counts.
        shown = self.validation_skill if self.validation_skill is not None else self.skill
        return shown is not None and shown > LEARNED

    @property
    def failing(self) -> bool:
        """Whether the training failed: not finite, or no better than a constant should be."""
        if self.diverged:
            return True
        if self.skill is None:
            return False
        return self.skill < STUCK_SKILL or self._behind(SIGNAL_SHARE)

    @property
    def poor(self) -> bool:
        """Whether there is clearly more to learn than was learned."""
        if self.failing or self.skill is None:
            return self.failing
        if self.explained is not None and self.signal is not None and self.has_signal:
            return self._behind(POOR_SHARE)
        # Without a control to compare with, half of the way is where "it trains" begins.
        return self.skill < 0.5 and self.falling > 0

    @property
    def _found(self) -> bool:
        """Whether the closed-form control found more than chance."""
        return (self.signal or 0.0) > max(self.chance or 0.0, 0.0) + SIGNAL_MARGIN

    @property
    def _found_by_lag(self) -> bool:
        """Whether the search by lag found what no noise offers, see ``LEARNED``."""
        return (self.lag_score or 0.0) > LEARNED

    def _behind(self, share: float) -> bool:
        """Whether the model explains less than a share of what the control explains."""
        if self.explained is None or self.signal is None or not self.has_signal:
            return False
        missed = self._found_by_lag and not self._found
        control = (self.lag_score or 0.0) if missed else self.signal
        return max(self.explained, self.skill or 0.0) < share * control


def progress(
    steps: StepSeries | None,
    epochs: Epochs,
    outcome: OutcomeFacts | None,
    compiled: CompileFacts | None,
) -> Progress:
    """Judges a training by its steps, its epochs and its outcome."""
    losses = _losses(steps, epochs)
    finite = losses[np.isfinite(losses)]
    window = max(1, int(len(finite) * WINDOW))
    perfect = _total(outcome, "train", "perfect")
    skill, validation = _skill(outcome, "train"), _skill(outcome, "validation")
    signals = outcome.signal if outcome else ()
    return Progress(
        steps=int(steps.index[-1]) + 1 if steps is not None and len(steps.index) else 0,
        start=float(finite[:window].mean()) if len(finite) else None,
        end=float(finite[-window:].mean()) if len(finite) else None,
        best=float(_windows(finite, window).min()) if len(finite) else None,
        first_nonfinite=_first_nonfinite(steps, epochs),
        diverged=_diverged(steps, epochs, outcome) or _unbounded(finite[-window:], compiled),
        falling=_falling(finite, perfect or 0.0),
        skill=skill,
        validation_skill=validation,
        explained=_explained(outcome),
        best_validation_skill=_best_validation_skill(epochs, outcome),
        signal=max((signal.score for signal in signals), default=None),
        chance=max((signal.chance for signal in signals), default=None),
        travel=_travel(steps),
        update_ratio=_update_ratio(steps),
        lag_score=max(
            (lag.score for lag in (outcome.lags if outcome else ()) if lag.needed is not None),
            default=None,
        ),
    )


def _losses(steps: StepSeries | None, epochs: Epochs) -> Floats:
    """Returns step losses; where the training step is the user's own, those of the epochs."""
    if steps is not None and np.isfinite(steps.loss).any():
        return steps.loss
    logged = [logs.get("loss") for _, _, logs in epochs]
    return np.asarray([np.nan if value is None else value for value in logged], np.float64)


def _windows(values: Floats, window: int) -> Floats:
    sums = np.cumsum(np.concatenate([[0.0], values]))
    return np.asarray((sums[window:] - sums[:-window]) / window)


def _loss_seen(steps: StepSeries, epochs: Epochs) -> bool:
    """Whether the loss of the steps is known: one that a user's step hides is NaN throughout."""
    logged = [logs["loss"] for _, _, logs in epochs if "loss" in logs]
    return bool(np.isfinite(steps.loss).any() or (logged and logged[-1] is None))


def _first_nonfinite(steps: StepSeries | None, epochs: Epochs) -> int | None:
    if steps is None:
        return None
    bad = (steps.column("nonfinite") > 0).any(axis=1)
    if _loss_seen(steps, epochs):
        bad |= ~np.isfinite(steps.loss)
    return int(steps.index[np.argmax(bad)]) if bad.any() else None


def _diverged(steps: StepSeries | None, epochs: Epochs, outcome: OutcomeFacts | None) -> bool:
    if outcome and any(result.predictions.nonfinite for result in outcome.outputs):
        return True
    # A batch without a finite loss spoils that of its epoch, even where the weights survive it.
    if epochs and "loss" in epochs[-1][2] and epochs[-1][2]["loss"] is None:
        return True
    if steps is None or not len(steps.index):
        return False
    lost = _loss_seen(steps, epochs) and not np.isfinite(steps.loss[-1])
    return bool(lost or not np.isfinite(steps.column("weight_norm")[-1]).all())


def _unbounded(losses: Floats, compiled: CompileFacts | None) -> bool:
    """Tells whether a cross-entropy fell below zero: its labels give it no lower bound."""
    entropies = compiled is not None and all("crossentropy" in x.name for x in compiled.losses)
    return bool(entropies and len(losses) and losses.mean() < -1e-3)


def _falling(losses: Floats, perfect: float) -> float:
    """Returns the significant fall over the last third, relative to what there was to lose."""
    third = len(losses) // 3
    if third < 2:
        return 0.0
    before, after = losses[-2 * third : -third], losses[-third:]
    error = np.sqrt((before.var() + after.var()) / third)
    fall = float(before.mean() - after.mean())
    room = float(losses[: max(1, third // 3)].mean()) - perfect
    return fall / room if fall > NOISE * error and room > 0 else 0.0


def _weighted(outcome: OutcomeFacts | None, split: str) -> list[OutputOutcome]:
    return [result for result in (outcome.outputs if outcome else ()) if result.split == split]


def _skill(outcome: OutcomeFacts | None, split: str) -> float | None:
    """Returns the lowest skill of the outputs: one output that learns hides no other."""
    skills = [result.skill for result in _weighted(outcome, split)]
    return min((skill for skill in skills if skill is not None), default=None)


def _explained(outcome: OutcomeFacts | None) -> float | None:
    shares = [result.predictions.explained for result in _weighted(outcome, "train")]
    return min((share for share in shares if share is not None), default=None)


def _best_validation_skill(epochs: Epochs, outcome: OutcomeFacts | None) -> float | None:
    held_out = [value for _, _, logs in epochs if (value := logs.get("val_loss")) is not None]
    constant = _total(outcome, "validation", "constant_predictor")
    perfect = _total(outcome, "validation", "perfect") or 0.0
    if not held_out or constant is None or constant <= perfect:
        return None
    return (constant - min(held_out)) / (constant - perfect)


def _total(outcome: OutcomeFacts | None, split: str, name: str) -> float | None:
    values = [getattr(result, name) for result in _weighted(outcome, split)]
    return float(sum(values)) if values and None not in values else None


def _travel(steps: StepSeries | None) -> float | None:
    if steps is None or not len(steps.index):
        return None
    updates = np.nan_to_num(steps.column("update_norm"))
    every = (steps.index[-1] + 1) / len(steps.index)
    start = steps.column("weight_norm")[0]
    moved = updates.sum(axis=0) * every
    real = start > 0
    return float(np.median(moved[real] / start[real])) if real.any() else None


def _update_ratio(steps: StepSeries | None) -> float | None:
    if steps is None or not len(steps.index):
        return None
    weights = steps.column("weight_norm")
    ratios = steps.column("update_norm")[weights > 0] / weights[weights > 0]
    ratios = ratios[np.isfinite(ratios)]
    return float(np.median(ratios)) if len(ratios) else None
