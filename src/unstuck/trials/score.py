"""How well a run has learned, on a scale that a change can't bend.

A loss is no such scale: a treatment may change the loss, its weights, or the unit of the targets.
What is compared is the share of the targets' variance that is explained, or for classes the
balanced accuracy beyond chance; both on the run's own validation data where it has any, or on
rows that the trial held out.
0 is what a constant reaches, 1 is perfect.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path

from unstuck.case.script import Script
from unstuck.errors import UnstuckError
from unstuck.findings.evidence import Evidence, Output
from unstuck.findings.progress import LEARNED, SIGNAL_MARGIN
from unstuck.observe.outcome import OutputOutcome, PredictionFacts
from unstuck.observe.recording import reading
from unstuck.trials.target import Target, finite, targets
from unstuck.trials.trial import Ran

BALANCED, EXPLAINED, OWN = "balanced accuracy beyond chance", "explained variance", "skill"
"""The measures, the first that both runs have being the one that counts. Balanced accuracy can't
be had by predicting the most frequent class. Skill is that of the run's own loss, and comparable
only under the same loss."""


@dataclasses.dataclass(frozen=True)
class FitScore:
    """What one fit has learned.

    Attributes:
        measures: Score by measure on validation data, on training data where there are none.
        split: Which of them: "validation" or "train".
        loss: Names of the losses, under which ``OWN`` is measured.
        targets: What was to be predicted.
        learnable: Whether a closed-form control found that the inputs say something of the
            targets; None where it was not measured.
    """

    measures: Mapping[str, float]
    split: str
    loss: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    learnable: bool | None = None


@dataclasses.dataclass(frozen=True)
class Compared:
    """The scores of two runs by the same measure."""

    measure: str
    split: str
    treated: float
    control: float

    @property
    def gain(self) -> float:
        """What the treatment brought."""
        return self.treated - self.control


def fit_scores(ran: Ran) -> tuple[FitScore, ...]:
    """Returns the score of each fit of a run; none where nothing was recorded."""
    if not ran.recording:
        return ()
    with tempfile.TemporaryDirectory(prefix="unstuck-") as folder:
        path = Path(folder, "recording")
        path.write_bytes(ran.recording)
        try:
            with reading(path) as recorded:
                none: Mapping[str, Script] = {}
                return tuple(_fit_score(Evidence(fit, none)) for fit in recorded.fits())
        except UnstuckError:
            return ()


def _fit_score(evidence: Evidence) -> FitScore:
    outputs = evidence.outputs or ()
    held_out = bool(outputs) and all(output.validation is not None for output in outputs)
    judged = [output.validation if held_out else output.train for output in outputs]
    measured = [_measures(one) for one in judged]
    shared = set(measured[0]).intersection(*measured[1:]) if measured else set()
    # One output that learns hides no other.
    lowest = {name: min(one[name] for one in measured) for name in sorted(shared)}
    return FitScore(
        lowest,
        "validation" if held_out else "train",
        _losses(outputs),
        targets(evidence),
        _learnable(evidence),
    )


def _learnable(evidence: Evidence) -> bool | None:
    if not evidence.signal:
        return None
    lags = any(lag.needed is not None and lag.score > LEARNED for lag in evidence.lags)
    return lags or any(
        signal.score > max(signal.chance, 0.0) + SIGNAL_MARGIN for signal in evidence.signal
    )


def _losses(outputs: tuple[Output, ...]) -> tuple[str, ...]:
    return tuple(output.loss.name for output in outputs)


def _measures(outcome: OutputOutcome | None) -> dict[str, float]:
    return {} if outcome is None else measures(outcome.predictions, outcome.skill)


def measures(predictions: PredictionFacts, skill: float | None = None) -> dict[str, float]:
    """Returns the scores of predictions by measure; what is worse than a constant counts as one.

    Args:
        predictions: Beside their targets.
        skill: That of the run's own loss; None where it isn't known.
    """
    recalls = list(predictions.recall.values())
    floor = 1 / len(recalls) if len(recalls) > 1 else 1.0
    beyond = (sum(recalls) / len(recalls) - floor) / (1 - floor) if floor < 1 else None
    found = {
        BALANCED: beyond,
        EXPLAINED: finite(predictions.explained),
        OWN: finite(skill),
    }
    return {name: max(0.0, value) for name, value in found.items() if value is not None}


def compared(treated: Ran, control: Ran) -> Compared | None:
    """Compares two runs; None where one was stopped or the treated one failed, see ``between``."""
    if not treated.ended_well or control.stopped:
        return None
    return between(fit_scores(treated), fit_scores(control))


def between(ours: tuple[FitScore, ...], theirs: tuple[FitScore, ...]) -> Compared | None:
    """Compares the fits of two runs; None where their tasks or their measures are not the same.

    A control that ended without a score, by an exception or in NaN, has learned nothing: 0.

    Args:
        ours: Those of the treated run.
        theirs: Those of the control.
    """
    pairs = list(zip(ours, theirs, strict=False))
    if any(not _same_task(one, other) for one, other in pairs):
        return None
    found = [
        _pair(one, theirs[index] if index < len(theirs) else None) for index, one in enumerate(ours)
    ]
    known = [one for one in found if one is not None]
    if not known or len({(one.measure, one.split) for one in known}) > 1:
        return None
    return Compared(
        known[0].measure,
        known[0].split,
        sum(one.treated for one in known) / len(known),
        sum(one.control for one in known) / len(known),
    )


def _same_task(one: FitScore, other: FitScore) -> bool:
    if len(one.targets) != len(other.targets):
        return not one.targets or not other.targets
    return all(ours.same(theirs) for ours, theirs in zip(one.targets, other.targets, strict=True))


def _pair(treated: FitScore, control: FitScore | None) -> Compared | None:
    names = [name for name in (BALANCED, EXPLAINED, OWN) if name in treated.measures]
    if not names:
        return None
    if control is None or not control.measures:
        return Compared(names[0], treated.split, treated.measures[names[0]], 0.0)
    if treated.split != control.split:
        return None
    # Training data without a signal can only be learned by heart.
    if treated.split == "train" and treated.learnable is False:
        return None
    for name in names:
        if name in control.measures and (name != OWN or treated.loss == control.loss):
            return Compared(name, treated.split, treated.measures[name], control.measures[name])
    # All measures go from a constant to perfect; where none is shared, the doubt is the control's.
    lowest, highest = min(treated.measures.values()), max(control.measures.values())
    return Compared(OWN, treated.split, lowest, highest)
