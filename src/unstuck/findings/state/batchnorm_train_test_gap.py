"""Batch normalization whose moving averages are not those of the data."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts, ModelFacts
from unstuck.case.script import Script
from unstuck.findings.progress import LEARNED, Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Scripts, argument_edit, option_edit
from unstuck.observe.rehearsals.facts import ModeFacts, RehearsalFacts
from unstuck.record import Edit, Finding, Treatment

KEPT = 0.5
"""Share of the skill in training mode below which the same weights do something else in inference
mode. Dropout, the other layer with two modes, makes inference the better one."""
SLOW = 0.999
"""Momentum from which the averages take a thousand updates to arrive."""
REMEMBERED = 0.05
"""Weight that the averages' first values may keep: beyond, more updates or a lower momentum help.
"""
QUICK = 0.9
"""A momentum with which averages have arrived after some fifty updates."""


class BatchnormTrainTestGap(Rule):
    """The same data give another loss in training mode than in inference mode.

    ## What it finds
    A model with batch normalization that knows its training data in training mode, and with the
    same weights on the same rows does not in inference mode.

    ## Why LSTMs get this
    While training, the layer normalizes by its batch; later by moving averages, which start at 0
    and 1 and keep 99 % of their value at each update. After 60 updates half of them is still their
    start. Small or unmixed batches, and sequences whose padding counts, give other averages than
    the data have.

    ## How it is measured
    The loss of a copy of the model with the final weights, on the same rows, in batches as ``fit``
    made them: in training mode and in inference mode.

    ## What proves it
    The two losses: nothing else differs.

    ## What cures it
    ``momentum=0.9`` and more updates, larger batches, or LayerNormalization, which has one mode.

    ## False alarms
    A training loss below the validation loss is no sign of it; other rows are meant there.

    ## References
    Ioffe and Szegedy, Batch Normalization (2015); Ioffe, Batch Renormalization (2017).
    """

    code = "STA102"
    name = "two-modes-of-batch-normalization"
    cause = "batchnorm_train_test_gap"
    explains = (
        "overfitting",
        "too_few_updates",
        "batch_size_too_large",
        "lr_too_high",
        "lr_too_low",
        "no_lr_schedule",
        "batch_size_too_small",
        "optimizer_unsuited",
        "architecture_wrong_for_task",
        "capacity_too_small",
        "capacity_too_large",
        "class_imbalance",
        "no_signal_in_data",
        "persistence_solution",
        "insufficient_data",
    )
    weight = 78
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(3, 1, size=(256, 8, 2))\n"
        "y = 4 * (x.mean(axis=(1, 2)) - 3)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 2)),\n"
        "    layers.BatchNormalization(momentum=0.9999),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("momentum=0.9999", "momentum=0.9")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds moving averages that hardly move."""
        for layer in script.layers():
            momentum = layer.get("momentum").value
            if layer.kind != "BatchNormalization" or not isinstance(momentum, float):
                continue
            if SLOW <= momentum < 1:
                yield self.found(
                    f"With a momentum of {momentum:g} the averages of this layer need some "
                    f"{1 / (1 - momentum):,.0f} updates to become those of the data.",
                    severity="note",
                    level="suspected",
                    confidence=0.4,
                    place=layer.place,
                    evidence={"momentum": number(momentum, "1")},
                    treatments=[
                        _quicker(argument_edit(layer, script, "momentum", f"{QUICK}")),
                    ],
                )

    def examine(
        self,
        rehearsals: RehearsalFacts,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Compares the two modes of the final weights."""
        modes = rehearsals.modes
        if modes is None or modes.training_skill < LEARNED:
            return
        if modes.inference_skill < KEPT * modes.training_skill:
            yield self._finding(modes, model, progress, fit, scripts)

    def _finding(
        self,
        modes: ModeFacts,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        layer = next((one for one in model.layers if one.name == modes.layer), None)
        left = modes.momentum**progress.steps
        edits = option_edit(layer, scripts, "momentum", f"{QUICK}") if layer is not None else ()
        slow = left > REMEMBERED
        return self.found(
            f"With the same weights on the same training data the loss is {modes.training:.4g} in "
            f"training mode and {modes.inference:.4g} in inference mode"
            + (
                f": after {progress.steps} updates at momentum {modes.momentum:g}, {left:.0%} of "
                f"the averages of {modes.layer} is still where they began."
                if slow
                else f": the averages of {modes.layer} are not those of its batches."
            ),
            confidence=0.95,
            place=(layer.place if layer else None) or fit.place,
            layer=modes.layer,
            evidence={
                "loss_in_training_mode": number(modes.training, "loss"),
                "loss_in_inference_mode": number(modes.inference, "loss"),
                "momentum": number(modes.momentum, "1"),
                "updates": number(progress.steps, "steps"),
                "share_of_first_averages": number(left, "1"),
            },
            treatments=[_quicker(edits), _OTHER] if slow else [_OTHER, _quicker(edits)],
        )


_OTHER = Treatment(
    "layer-normalization",
    "Use LayerNormalization, which does the same in both modes, or larger and mixed batches.",
)


def _quicker(edits: tuple[Edit, ...]) -> Treatment:
    return Treatment(
        "quicker-averages", f"Give BatchNormalization momentum={QUICK:g}, or train longer.", edits
    )
