"""What short trainings of a copy of the model gave, as numbers."""

from __future__ import annotations

import dataclasses

HEALTHY_TWIN = "healthy_twin"
"""Name of the control that trains until it has settled."""
TWIN_OF_CHANGES = "healthy_twin_of_changes"
"""Name of the same for a forecast, of the change since the last value."""


@dataclasses.dataclass(frozen=True)
class Rehearsal:
    """One short training on a sample of the training data, under the user's own loss.

    Losses are those of inference mode and of the data alone, without penalties.

    Attributes:
        control: "rates": from new initial weights with the user's optimizer. "adam": likewise
            with Adam and clipping. "standardized": likewise on standardized data.
            "plain_lstm": one plain LSTM layer in the model's place, on the same data as
            "standardized". HEALTHY_TWIN: likewise, as it was at its best on the rows that were
            held out. TWIN_OF_CHANGES: likewise, its constant being the naive forecast but for a
            trend. "few_rows": on one batch only. "as_it_was", "tenth", "large_batch":
            from the final weights, at the user's rate and batch, at a tenth of the rate, and
            with batches GREATER (going_on.py) times as large.
        optimizer: Class name of the optimizer.
        rate: Its learning rate.
        batch: Samples a step.
        steps: Updates that were made.
        loss: At the end, on rows it was trained on; None where it isn't finite.
        held_out: At the end, on rows it was not trained on; None where it isn't finite or
            there are none.
        constant: Loss of the best constant prediction on the rows of ``loss``.
        constant_held_out: The same on the rows of ``held_out``.
        perfect: Loss of predicting the targets themselves.
        spread: Standard error of ``loss`` over repetitions; 0 where there was one only.
        settled: Whether it went on for as long again without getting better on held-out rows,
            while it learned those that it trained on; False where that was not looked at.
    """

    control: str
    optimizer: str
    rate: float
    batch: int
    steps: int
    loss: float | None
    held_out: float | None
    constant: float
    constant_held_out: float | None
    perfect: float
    spread: float = 0.0
    settled: bool = False

    @property
    def skill(self) -> float:
        """0 is the best constant, 1 perfect, on the rows it was trained on; not finite is 0."""
        return _skill(self.loss, self.constant, self.perfect)

    @property
    def held_out_skill(self) -> float | None:
        """The same on rows it was not trained on; None where there are none."""
        if self.constant_held_out is None:
            return None
        return _skill(self.held_out, self.constant_held_out, self.perfect)


def _skill(loss: float | None, constant: float, perfect: float) -> float:
    room = constant - perfect
    return 0.0 if loss is None or not room > 0 else (constant - loss) / room


@dataclasses.dataclass(frozen=True)
class ModeFacts:
    """The loss on the same rows in training mode and in inference mode, with the final weights.

    Attributes:
        layer: Name of the first layer that normalizes by its batch while training.
        training: Loss in training mode, in batches of the user's size.
        inference: Loss in inference mode.
        constant: Loss of the best constant prediction on these rows.
        perfect: Loss of predicting the targets themselves.
        momentum: Of that layer's moving averages.
    """

    layer: str
    training: float
    inference: float
    constant: float
    perfect: float
    momentum: float

    @property
    def training_skill(self) -> float:
        """Skill in training mode."""
        return _skill(self.training, self.constant, self.perfect)

    @property
    def inference_skill(self) -> float:
        """Skill in inference mode."""
        return _skill(self.inference, self.constant, self.perfect)


@dataclasses.dataclass(frozen=True)
class LearningCurve:
    """What a closed-form model explains of held-out targets, by the samples it is fitted on.

    Attributes:
        samples: Sizes of the training sets, rising.
        scores: Mean share of the held-out targets' variance explained at each size.
        errors: Standard error of what each size gains over the one before, one less.
    """

    samples: tuple[int, ...]
    scores: tuple[float, ...]
    errors: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class RehearsalFacts:
    """All that the controls gave within their budget.

    Attributes:
        trials: The short trainings, in the order in which they were made.
        modes: None where no layer normalizes by its batch.
        curve: None where it was not asked for.
        seconds: What they took.
    """

    trials: tuple[Rehearsal, ...] = ()
    modes: ModeFacts | None = None
    curve: LearningCurve | None = None
    seconds: float = 0.0

    def of(self, control: str) -> tuple[Rehearsal, ...]:
        """Returns the trainings of one control."""
        return tuple(trial for trial in self.trials if trial.control == control)

    def best(self, *controls: str) -> Rehearsal | None:
        """Returns the training with the highest skill among some controls."""
        found = [trial for trial in self.trials if trial.control in controls]
        return max(found, key=lambda trial: trial.skill, default=None)
