"""Batches so large that an epoch holds hardly an update."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from unstuck.case.facts import FitFacts
from unstuck.case.script import Call, Script
from unstuck.findings.course import Course
from unstuck.findings.optimization.budget import UPDATES, severity, short_of
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, argument_edit, call_at
from unstuck.record import Finding, Treatment

USUAL = 32
"""The batch size that ``fit`` takes where none is given."""
TENTH = 10
"""Updates an epoch up to which it is the batches that are large, rather than the epochs few."""
BARELY = UPDATES // 3
"""Updates below which the source alone is worth a note."""


class BatchSizeTooLarge(Rule):
    """So few updates an epoch that nothing moves.

    ## What it finds
    A run that is short of updates, an epoch of which has ten of them or fewer, where batches of 32
    would have made enough in the same epochs.

    ## Why LSTMs get this
    "Larger batches are faster" is said of images and of days of training. A series of some thousand
    windows in batches of 1,024 has a few updates an epoch; fifty epochs look long and are a hundred
    steps. ``batch_size=len(x)`` leaves one.

    ## How it is measured
    Updates made, those that batches of 32 would have made, and whether the weights had moved and
    the loss was still falling.

    ## What proves it
    The same epochs with batches of 32.

    ## What cures it
    A smaller batch; or as many more epochs.

    ## False alarms
    Large batches in a run that has learned are left alone. Where too few epochs are the reason,
    that is said instead.

    ## References
    Masters and Luschi, Revisiting Small Batch Training for Deep Neural Networks (2018).
    """

    code = "OPT106"
    name = "few-updates-an-epoch"
    cause = "batch_size_too_large"
    explains = ("too_few_updates", "persistence_solution", "lr_too_low", "class_imbalance")
    weight = 73
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(1024, 8, 2))\n"
        "y = 4 * x.mean(axis=(1, 2))\n"
        "model = keras.Sequential([keras.Input((8, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer='adam', loss='mse')\n"
        "model.fit(x, y, batch_size=len(x), epochs=15, verbose=0)\n"
    )
    healthy = sick.replace("batch_size=len(x)", "batch_size=32")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds a batch of all samples with as few epochs."""
        for model in script.models:
            if len(model.fits) != 1 or model.fits[0].loop is not None:
                continue
            (fit,) = model.fits
            epochs = fit.get("epochs", 1).value
            if _whole_set(fit) and isinstance(epochs, int) and 1 < epochs < BARELY:
                yield self.found(
                    f"One batch holds all samples, so that {epochs} epochs are {epochs} updates.",
                    severity="note",
                    level="suspected",
                    confidence=0.6,
                    place=fit.place,
                    evidence={"updates": number(epochs, "steps")},
                    treatments=[_smaller(argument_edit(fit, script, "batch_size", str(USUAL)))],
                )

    def examine(
        self, fit: FitFacts, progress: Progress, course: Course, scripts: Scripts
    ) -> Iterator[Finding]:
        """Speaks where updates are missing and smaller batches would have made them."""
        size, samples = fit.batch_size, fit.samples
        if not size or not samples or size <= USUAL or short_of(course, progress) != "updates":
            return
        epoch, usual = -(-samples // size), -(-samples // USUAL)
        possible = usual * max(1, progress.steps // epoch)
        if epoch > TENTH or possible < max(UPDATES, 2 * progress.steps):
            return
        yield self.found(
            f"Batches of {size} of {samples} samples make {epoch} "
            f"update{'s' if epoch > 1 else ''} an epoch, {progress.steps} in all; batches of "
            f"{USUAL} would have made {possible} in the same epochs.",
            severity=severity(progress),
            confidence=0.85,
            place=fit.place,
            evidence={
                "batch_size": number(size, "samples"),
                "samples": number(samples, "samples"),
                "updates": number(progress.steps, "steps"),
                "updates_with_usual_batches": number(possible, "steps"),
                "fall_in_last_third": number(progress.falling, "1"),
            },
            treatments=[_smaller(_edits(fit, scripts))],
        )


def _smaller(edits: Edits) -> Treatment:
    return Treatment("smaller-batches", f"Train with batches of {USUAL}.", edits)


def _edits(fit: FitFacts, scripts: Scripts) -> Edits:
    call = call_at(fit.place, "fit", scripts)
    if call is None or fit.place is None:
        return ()
    return argument_edit(call, scripts[fit.place.file], "batch_size", str(USUAL))


def _whole_set(fit: Call) -> bool:
    """Whether a call of ``fit`` makes one batch of an array: ``len(x)`` or ``x.shape[0]``."""
    if not isinstance(fit.node, ast.Call) or not fit.node.args:
        return False
    given = next((k.value for k in fit.node.keywords if k.arg == "batch_size"), None)
    inputs = ast.dump(fit.node.args[0])
    if isinstance(given, ast.Call) and getattr(given.func, "id", "") == "len":
        return [ast.dump(part) for part in given.args] == [inputs]
    if isinstance(given, ast.Subscript) and isinstance(given.value, ast.Attribute):
        first = isinstance(given.slice, ast.Constant) and given.slice.value == 0
        return first and given.value.attr == "shape" and ast.dump(given.value.value) == inputs
    return False
