"""What looks like a fault and is none: said in words, since that is an answer too."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from unstuck.case.facts import ModelFacts
from unstuck.findings.generalization.strength import rates_of
from unstuck.findings.progress import POOR_SHARE, Epochs, Progress
from unstuck.findings.series import StepSeries
from unstuck.observe.outcome import OutcomeFacts, OutputOutcome
from unstuck.record import Verdict

Floats = npt.NDArray[np.float64]

NOISY_SKILL = 0.5
"""Skill from which nobody asks why the loss stays high."""
WINDOWS = 20
"""Windows of a run whose mean losses are compared: each is long against the noise of a batch."""
FLAT = 0.1
"""Share of the whole fall within which a loss has not left its plateau."""
LONG = 0.25
"""Share of the run from which a plateau worries those who watch it."""
NOTICED = 0.02
"""Jump of an accuracy from epoch to epoch that a plot shows."""
BY_CHANCE = 1.5
"""Times the standard error of an accuracy that its jumps may have and still be chance; the epochs
share their samples, so that chance alone mostly gives less."""
MANY = 1000
"""Samples from which an outcome is measured on a part of the validation data only, whose number is
not that of the accuracy; theirs is known well enough anyway."""
LAST = 3
"""The last third of the epochs is compared, when early learning no longer tells."""
FEWEST = 6
"""Epochs that make a third worth comparing."""


def remarks(
    verdict: Verdict,
    progress: Progress,
    epochs: Epochs,
    steps: StepSeries | None,
    outcome: OutcomeFacts | None,
    model: ModelFacts | None,
) -> tuple[str, ...]:
    """Explains what may worry the reader of a run that trains; nothing for any other run."""
    if verdict not in ("healthy", "misleading"):
        return ()
    held_out = (
        next((one for one in outcome.outputs if one.split == "validation"), None)
        if outcome is not None
        else None
    )
    return (
        *_validation_below(epochs, model),
        *_plateau(steps),
        *_noise_floor(progress),
        *_jumpy_validation(epochs, held_out),
    )


def _validation_below(epochs: Epochs, model: ModelFacts | None) -> Iterator[str]:
    loss, held_out = _logged(epochs, "loss"), _logged(epochs, "val_loss")
    if len(loss) < FEWEST or len(held_out) != len(loss):
        return
    last = len(loss) // LAST
    ours, theirs = float(loss[-last:].mean()), float(held_out[-last:].mean())
    drops = model is not None and any(True for layer in model.layers for _ in rates_of(layer))
    if theirs < ours and drops:
        yield (
            f"The validation loss ({theirs:.4g}) lies below the training loss ({ours:.4g}), since "
            "dropout is on in training only. That is no fault."
        )


def _plateau(steps: StepSeries | None) -> Iterator[str]:
    losses = np.zeros(0) if steps is None else steps.loss[np.isfinite(steps.loss)]
    if steps is None or len(losses) < 5 * WINDOWS:
        return
    means = np.asarray([part.mean() for part in np.array_split(losses, WINDOWS)])
    fall = means[0] - means.min()
    left = np.flatnonzero(means < means[0] - FLAT * fall)
    if fall <= 0 or not len(left) or left[0] < LONG * WINDOWS:
        return
    total = int(steps.index[-1]) + 1
    yield (
        f"The loss stayed on a plateau for about {round(left[0] / WINDOWS, 2):.0%} of the "
        f"{total} steps and fell then. That is usual for recurrent networks; a shorter run or an "
        "impatient early stopping would have missed it."
    )


def _noise_floor(progress: Progress) -> Iterator[str]:
    explained, signal = progress.explained, progress.signal
    if progress.skill is None or explained is None or signal is None or not progress.has_signal:
        return
    if progress.skill < NOISY_SKILL and explained >= POOR_SHARE * signal > 0:
        yield (
            f"It explains {explained:.0%} of the targets' variance and a closed-form model "
            f"{signal:.0%}: the rest is noise, as far as any control could find. That the loss "
            "falls no further is no fault."
        )


def _jumpy_validation(epochs: Epochs, held_out: OutputOutcome | None) -> Iterator[str]:
    accuracy = _logged(epochs, "val_accuracy")
    if held_out is None or held_out.samples > MANY or len(accuracy) < FEWEST:
        return
    last = accuracy[-(len(accuracy) // LAST + 1) :]
    jump = float(np.sqrt((np.diff(last) ** 2).mean() / 2))
    share = float(np.clip(last.mean(), 1e-3, 1 - 1e-3))
    error = float(np.sqrt(share * (1 - share) / held_out.samples))
    if NOTICED <= jump <= BY_CHANCE * error:
        yield (
            f"The validation accuracy jumps by {jump:.1%} from epoch to epoch. With "
            f"{held_out.samples} samples it is known to {error:.1%} only, so that is chance."
        )


def _logged(epochs: Epochs, name: str) -> Floats:
    values = [logs.get(name) for _, _, logs in epochs]
    return np.asarray([value for value in values if value is not None], np.float64)
