"""Recurrent layers so narrow that the task does not fit through them."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Script
from unstuck.findings.architecture.widths import hidden_recurrent, narrowest
from unstuck.findings.course import Course
from unstuck.findings.optimization.budget import UPDATES, short_of
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, argument_edit, option_edit
from unstuck.record import Finding, Treatment

NARROW = 2
"""Units up to which a layer is a bottleneck for almost anything: all steps share two numbers."""
HALF = 0.5
"""Share of what the control explains below which most of it does not fit through them."""
WIDE = 32
"""Units that a small task is safely started with."""


class CapacityTooSmall(Rule):
    """The network cannot fit even its own training data.

    ## What it finds
    A recurrent layer of one or two units in a run that has settled far below what a closed-form
    model explains.

    ## Why LSTMs get this
    ``LSTM(1)`` is written where one value is to be predicted, or where the units are taken for time
    steps. The units are the memory: everything that the next layer learns of a sequence passes
    through that many numbers.

    ## How it is measured
    Units of the narrowest recurrent layer; what network and control explain; a settled loss.

    ## What proves it
    The same run with more units.

    ## What cures it
    16 to 64 units; the last Dense layer has the number of outputs.

    ## False alarms
    Narrow networks that learn, as bottlenecks of autoencoders do; a loss that still falls.

    ## References
    Karpathy, A Recipe for Training Neural Networks (2019): "overfit" first, then regularize.
    """

    code = "ARC101"
    name = "too-few-units"
    cause = "capacity_too_small"
    explains = ("too_few_updates", "lr_too_low", "class_imbalance", "persistence_solution")
    weight = 58
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(320, 6, 8))\n"
        "y = 3 * x.mean(axis=1)\n"
        "model = keras.Sequential([keras.Input((6, 8)), layers.LSTM(1), layers.Dense(8)])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.02), loss='mse')\n"
        "model.fit(x, y, epochs=50, verbose=0)\n"
    )
    healthy = sick.replace("LSTM(1)", "LSTM(32)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds layers of one unit that other layers read."""
        for model in script.models:
            for layer in hidden_recurrent(model):
                if layer.get("units").value == 1:
                    yield self.found(
                        f"{layer.kind}(1) has one unit: all that the next layer learns of a "
                        "sequence is one number.",
                        severity="note",
                        level="suspected",
                        confidence=0.4,
                        place=layer.place,
                        evidence={"units": number(1, "units")},
                        treatments=[_wider(argument_edit(layer, script, "units", str(WIDE)))],
                    )

    def examine(
        self, model: ModelFacts, progress: Progress, course: Course, fit: FitFacts, scripts: Scripts
    ) -> Iterator[Finding]:
        """Judges narrow layers of runs that have settled, with more there to be learned."""
        found = narrowest(model)
        settled = progress.steps >= UPDATES and short_of(course, progress) is None
        missed = progress.poor and not progress.diverged and progress.has_signal is True
        if found is not None and found[1] <= NARROW and settled and missed:
            yield self._finding(*found, progress, fit, scripts)

    def _finding(
        self, layer: LayerFacts, width: int, progress: Progress, fit: FitFacts, scripts: Scripts
    ) -> Finding:
        explained, signal = max(progress.explained or 0.0, 0.0), progress.signal or 0.0
        return self.found(
            f"{layer.name} has {width} unit{'s' if width > 1 else ''}. The network has settled at "
            f"{explained:.0%} of its own training data's variance, where a closed-form model "
            f"explains {signal:.0%} of data that it has not seen.",
            severity="error" if explained < HALF * signal else "warning",
            confidence=0.8,
            place=layer.place or fit.place,
            layer=layer.name,
            evidence={
                "units": number(width, "units"),
                "explained_of_training_data": number(progress.explained, "1"),
                "explained_by_control": number(progress.signal, "1"),
                "updates": number(progress.steps, "steps"),
            },
            treatments=[_wider(option_edit(layer, scripts, "units", str(WIDE)))],
        )


def _wider(edits: Edits) -> Treatment:
    return Treatment("more-units", f"Give the recurrent layer more units, say {WIDE}.", edits)
