"""Inputs that say nothing about the targets."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts
from unstuck.findings.course import Course
from unstuck.findings.optimization.budget import CHANCE, SLOW
from unstuck.findings.progress import STUCK_SKILL, Progress
from unstuck.findings.rule import Rule, number
from unstuck.record import Finding, Treatment

LITTLE = 0.15
"""Skill on the training data that a network reaches on noise by remembering some of it."""


class NoSignalInData(Rule):
    """The inputs carry no information on the targets that any control could find.

    ## What it finds
    A network that had every chance and a closed-form control that both do no better than a
    constant on data they have not seen.

    ## Why LSTMs get this
    Signs of tomorrow's return, outcomes of coin flips, targets joined to the wrong rows: a loss of
    0.693 for balanced classes is then not a fault of training but the entropy of the labels.

    ## How it is measured
    Cross-validated kernel ridge regression on the sequences, against the same on shuffled
    targets; the network's own skill.

    ## What proves it
    No measurement proves an absence. The control finds linear and smooth relations; one that
    hangs on the exact order of far apart steps can escape it.

    ## What cures it
    Other inputs, or another question. A planted signal shows whether the pipeline could find one.

    ## False alarms
    A network that learns by itself is left alone, and so is one whose weights never moved.

    ## References
    Ojala and Garriga, Permutation Tests for Studying Classifier Performance (2010).
    """

    code = "DAT106"
    name = "targets-without-signal"
    cause = "no_signal_in_data"
    explains = ("overfitting", "too_few_updates", "persistence_solution")
    weight = 25
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "rng = np.random.default_rng(0)\n"
        "x = rng.normal(size=(500, 8, 1))\n"
        "y = rng.integers(0, 2, 500)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 1)),\n"
        "    layers.LSTM(4),\n"
        "    layers.Dense(1, activation='sigmoid'),\n"
        "])\n"
        "adam = keras.optimizers.Adam(0.01)\n"
        "model.compile(optimizer=adam, loss='binary_crossentropy', metrics=['accuracy'])\n"
        "model.fit(x, y, epochs=25, validation_split=0.2, verbose=0)\n"
    )
    healthy = sick.replace("rng.integers(0, 2, 500)", "(x.mean(axis=(1, 2)) > 0).astype(int)")

    def examine(self, progress: Progress, course: Course, fit: FitFacts) -> Iterator[Finding]:
        """Speaks only where the network had its chance."""
        tried = progress.steps >= CHANCE and (course.rate_ratio or 1.0) * SLOW > 1
        if progress.has_signal is not False or not tried or progress.diverged:
            return
        held_out = progress.validation_skill
        best = progress.best_validation_skill or 0.0
        little = (progress.skill or 0) < LITTLE if held_out is None else held_out < STUCK_SKILL
        little = little and best < STUCK_SKILL
        if progress.skill is not None and little:
            yield self.found(
                "Neither the network nor a closed-form model does better than a constant on data "
                "it has not seen: the inputs seem to say nothing about the targets.",
                confidence=0.6,
                place=fit.place,
                evidence={
                    "control_score": number(progress.signal, "1"),
                    "score_on_shuffled_targets": number(progress.chance, "1"),
                    "skill": number(progress.skill, "1"),
                    "validation_skill": number(held_out, "1"),
                },
                treatments=[
                    Treatment(
                        "check-the-question",
                        "Check that targets belong to their rows, then look for inputs that say "
                        "something about them; no change to the model can help.",
                    )
                ],
            )
