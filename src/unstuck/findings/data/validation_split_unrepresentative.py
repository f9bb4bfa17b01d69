"""Validation data that are not like the training data."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import DataFacts, FitFacts
from unstuck.case.script import UNKNOWN, Call, Script
from unstuck.findings.data.blocks import block_labels
from unstuck.findings.data.shifts import Shift, widest
from unstuck.findings.evidence import Output
from unstuck.findings.progress import LEARNED, STUCK_SKILL, Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Quantity, Treatment

HALF = 0.5
"""Share of the accuracy or skill in training below which what was learned is not found again."""


class ValidationSplitUnrepresentative(Rule):
    """The validation tail of ordered data differs from the training part.

    ## What it finds
    Validation targets or inputs from another range or mix of classes than those of the training,
    where the network, which learned the training data, fails on them.

    ## Why LSTMs get this
    ``validation_split`` takes the last rows, before any shuffling. In data sorted by label these
    are one class, in a series with a trend they lie where no training value was. A scaler that was
    fitted on the training part and not applied to the rest does the same.

    ## How it is measured
    Shares of the classes, means and spreads of both parts; the skill on each.

    ## What proves it
    Classes that only one part has, ranges that do not meet.

    ## What cures it
    Shuffle the rows before the split, or split each class; for a series, predict changes instead of
    levels. Apply the training part's scaler to both.

    ## False alarms
    A tail that differs and is predicted well is left alone, but for one that lacks
    most of the classes.

    ## References
    Keras API, ``Model.fit``: "the validation data is selected from the last samples".
    """

    code = "DAT109"
    name = "unlike-validation-data"
    cause = "validation_split_unrepresentative"
    explains = ("overfitting", "capacity_too_large", "class_imbalance", "insufficient_data")
    weight = 78
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "y = np.repeat([0, 1, 2], 120)\n"
        "x = rng.normal(size=(360, 8, 3)) + np.eye(3)[y][:, None, :]\n"
        "order = np.arange(360)\n"
        "x, y = x[order], y[order]\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 3)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(3, activation='softmax'),\n"
        "])\n"
        "adam = keras.optimizers.Adam(0.01)\n"
        "loss = 'sparse_categorical_crossentropy'\n"
        "model.compile(optimizer=adam, loss=loss, metrics=['accuracy'])\n"
        "model.fit(x, y, validation_split=0.34, epochs=20, verbose=0)\n"
    )
    healthy = sick.replace("np.arange(360)", "rng.permutation(360)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds ``validation_split`` of labels that the script puts in blocks."""
        for model in script.models:
            for fit in model.fits:
                place = block_labels(fit, script) if _splits(fit) else None
                if place is not None:
                    yield self.found(
                        "validation_split takes the last rows, and the labels stand in blocks: the "
                        "validation part holds other classes than the training part.",
                        severity="warning",
                        level="suspected",
                        confidence=0.8,
                        place=fit.place,
                        treatments=[_SHUFFLE],
                    )

    def examine(
        self, data: DataFacts, outputs: tuple[Output, ...], progress: Progress, fit: FitFacts
    ) -> Iterator[Finding]:
        """Compares both parts, and what the network makes of each."""
        if progress.diverged or (progress.skill or 0) < LEARNED:
            return
        shift = widest(data, outputs)
        if shift is None:
            return
        harm = max((_harm(output) for output in outputs), default=0)
        if not harm and not shift.classes:
            return
        yield self.found(
            f"The validation data are not like the training data: {shift.words}."
            + (" What was learned on one part says little of the other." if harm else ""),
            severity="error" if harm > 1 else "warning",
            confidence=0.9 if shift.classes else 0.75,
            place=fit.place,
            evidence=_evidence(shift, progress),
            treatments=[_SHUFFLE],
        )


_SHUFFLE = Treatment(
    "shuffle-before-the-split",
    "Shuffle rows and targets by one permutation before fit, or split so that both parts have all "
    "classes; of a series predict changes, and scale both parts by the training part.",
)


def _splits(fit: Call) -> bool:
    share = fit.get("validation_split", 0.0).value
    given = share is UNKNOWN or (isinstance(share, float) and share > 0)
    return given and "validation_data" not in fit.arguments


def _harm(output: Output) -> int:
    """Returns 2 where the network finds nothing again of what it learned, 1 where under a half."""
    train, held = output.train, output.validation
    if train is None or held is None:
        return 0
    right, usual = held.predictions.accuracy, train.predictions.accuracy
    if right is not None and usual is not None:
        # A single class has a perfect constant of its own, so that skill has no meaning there.
        return 2 if right < HALF * usual else 0
    if held.skill is None or train.skill is None:
        return 0
    return 2 if held.skill < STUCK_SKILL else int(held.skill < HALF * train.skill)


def _evidence(shift: Shift, progress: Progress) -> dict[str, Quantity]:
    return {
        "difference": number(shift.size, shift.unit),
        "skill": number(progress.skill, "1"),
        "validation_skill": number(progress.validation_skill, "1"),
    }
