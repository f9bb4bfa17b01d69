"""Training that stopped before it had begun."""

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

BARELY = UPDATES // 3
"""Updates below which the source alone is worth a note."""
BATCH = 32
"""The batch size that ``fit`` takes where none is given."""


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
    explains = ("persistence_solution",)
    weight = 72
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 12, 2))\n"
        "y = x.mean(axis=(1, 2))\n"
        "model = keras.Sequential([keras.Input((12, 2)), layers.LSTM(8), layers.Dense(1)])\n"
        "model.compile(optimizer='adam', loss='mse')\n"
        "model.fit(x[:256], y[:256], batch_size=64, epochs=2, verbose=0)\n"
    )
    healthy = sick.replace("epochs=2", "epochs=100")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds the only ``fit`` of a model where its own numbers allow a few updates at most."""
        for model in script.models:
            # Several calls, as in a loop over epochs or in a notebook, go on where one stopped.
            if len(model.fits) != 1 or model.fits[0].loop is not None:
                continue
            (fit,) = model.fits
            updates = _at_most(fit, script)
            if updates is not None and updates < BARELY:
                yield self._suspected(fit, updates, script)

    def examine(
        self, fit: FitFacts, progress: Progress, course: Course, scripts: Scripts
    ) -> Iterator[Finding]:
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
            severity=severity(progress),
            confidence=0.8,
            place=fit.place,
            evidence={
                "updates": number(progress.steps, "steps"),
                "fall_in_last_third": number(progress.falling, "1"),
                "weights_travelled": number(progress.travel, "initial norms"),
                "skill": number(progress.skill, "1"),
            },
            treatments=[_more(wanted, _epochs_edit(wanted, fit, scripts))],
        )

    def _suspected(self, fit: Call, updates: int, script: Script) -> Finding:
        epochs = int(fit.get("epochs", 1).value)
        wanted = max(2 * epochs, -(-UPDATES * epochs // max(updates, 1)))
        return self.found(
            f"This training makes {updates} updates at most; a small LSTM needs some {UPDATES} "
            "before it says anything.",
            severity="note",
            level="suspected",
            confidence=0.5,
            place=fit.place,
            evidence={"updates": number(updates, "steps")},
            treatments=[_more(wanted, argument_edit(fit, script, "epochs", str(wanted)))],
        )


def _more(epochs: int, edits: Edits) -> Treatment:
    return Treatment(
        "more-epochs",
        f"Train for more epochs, say {epochs}, with EarlyStopping on validation data.",
        edits,
    )


def _epochs_edit(epochs: int, fit: FitFacts, scripts: Scripts) -> Edits:
    call = call_at(fit.place, "fit", scripts)
    if call is None or fit.place is None:
        return ()
    return argument_edit(call, scripts[fit.place.file], "epochs", str(epochs))


def _at_most(fit: Call, script: Script) -> int | None:
    """Returns how many updates the numbers in a call of ``fit`` allow, None if they don't say."""
    epochs = _count(fit.get("epochs", 1).value)
    steps = _count(fit.get("steps_per_epoch").value)
    if steps is None:
        samples = _cut(fit.node, script)
        batch = _count(fit.get("batch_size", BATCH).value or BATCH)
        steps = None if samples is None or batch is None else -(-samples // batch)
    return None if epochs is None or steps is None else epochs * steps


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _cut(node: ast.AST, script: Script) -> int | None:
    """Returns the bound of ``x[:bound]``, the samples that there can be at most."""
    if not isinstance(node, ast.Call):
        return None
    named = [keyword.value for keyword in node.keywords if keyword.arg == "x"]
    data = next(iter([*node.args, *named]), None)
    if not isinstance(data, ast.Subscript) or not isinstance(data.slice, ast.Slice):
        return None
    bound = data.slice.upper
    if isinstance(bound, ast.Constant):
        return _count(bound.value)
    known = script.names.get(bound.id) if isinstance(bound, ast.Name) else None
    return None if known is None else _count(known.value)
