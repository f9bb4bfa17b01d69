"""A topology that throws away what the task needs."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Script
from unstuck.findings.architecture.topology import Flaw, flaw, per_step, pooled_first
from unstuck.findings.optimization.tried import behind, reached, told
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.observe.rehearsals.facts import Rehearsal, RehearsalFacts
from unstuck.record import Finding, Treatment

OWN = ("rates", "adam", "standardized")
"""Trials of the model as it is built."""
GENERAL = 0.5
"""Share of its skill that the plain LSTM must have on rows that it was not trained on."""


class ArchitectureWrongForTask(Rule):
    """The topology throws away what the task needs.

    ## What it finds
    A model that does not learn, in no trial and not on standardized data either, where one plain
    LSTM layer with the same head and loss learns from the same batches. And sequences whose order
    is pooled away before the recurrent layer.

    ## Why LSTMs get this
    Layers are put together by what their shapes allow. A pooling layer in front of the LSTM leaves
    it no order to read; a vector that is repeated for every step must hold all steps at once; one
    unit with a sigmoid in the middle passes one number; an LSTM that reads forwards can't know at a
    step what comes after it.

    ## How it is measured
    Short trainings from new weights, with the same number of updates: of copies of the model with
    the user's optimizer at several rates, with Adam, and with Adam on standardized data; and of a
    plain LSTM on those. For labels of single steps it reads in both directions.

    ## What proves it
    A plain LSTM in the model's place.

    ## What cures it
    The plain LSTM, and from there one change after the other.

    ## False alarms
    A model that learns in any trial is left alone; so is a task that the plain LSTM can't learn
    either. Options of the cell, dropout and width are topology as well here: what has a rule of
    its own is named by that.

    ## References
    Karpathy, A Recipe for Training Neural Networks (2019): start from the simplest that learns.
    """

    code = "ARC105"
    name = "wrong-topology"
    cause = "architecture_wrong_for_task"
    explains = ("lr_too_low", "too_few_updates", "class_imbalance", "no_signal_in_data")
    weight = 34
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(320, 8, 1))\n"
        "y = 3 * (x[:, 4:].mean(axis=(1, 2)) - x[:, :4].mean(axis=(1, 2)))\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 1)),\n"
        "    layers.GlobalAveragePooling1D(),\n"
        "    layers.RepeatVector(8),\n"
        "    layers.LSTM(16),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=30, verbose=0)\n"
    )
    healthy = sick.replace(
        "    layers.GlobalAveragePooling1D(),\n    layers.RepeatVector(8),\n", ""
    )

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds chains of layers that pool over time before the first recurrent one."""
        for model in script.models:
            pooling = pooled_first([(layer.kind, layer) for layer in model.layers])
            if pooling is not None and not any(len(one.inputs) > 1 for one in model.layers):
                yield self.found(
                    f"{pooling.kind} pools over time before the first recurrent layer, which is "
                    "left with no order to read.",
                    severity="note",
                    level="suspected",
                    confidence=0.5,
                    place=pooling.place,
                    treatments=[_PLAIN],
                )

    def examine(
        self,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        rehearsals: RehearsalFacts | None = None,
    ) -> Iterator[Finding]:
        """Judges runs that fall short, by their graph and by the trials."""
        if progress.diverged:
            return
        found = flaw(model)
        twin = rehearsals.best("plain_lstm") if rehearsals is not None else None
        beaten = rehearsals is not None and _beaten(rehearsals, twin, progress)
        if beaten and twin is not None and rehearsals is not None:
            yield self._finding(found, twin, rehearsals, model, progress, fit)
        elif found is not None and found.law and progress.poor and progress.has_signal:
            yield self._lost(found, progress, fit)

    def _lost(self, found: Flaw, progress: Progress, fit: FitFacts) -> Finding:
        return self.found(
            found.message,
            severity="error" if progress.failing else "warning",
            confidence=0.8,
            place=found.layer.place or fit.place,
            layer=found.layer.name,
            evidence={
                "explained_of_training_data": number(progress.explained, "1"),
                "explained_by_control": number(progress.signal, "1"),
            },
            treatments=[_PLAIN],
        )

    def _finding(
        self,
        found: Flaw | None,
        twin: Rehearsal,
        rehearsals: RehearsalFacts,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
    ) -> Finding:
        own = rehearsals.best(*OWN) or twin
        layer: LayerFacts | None = found.layer if found is not None else None
        return self.found(
            f"In {twin.steps} updates on the same data {_twin(model)} reaches a skill of "
            f"{twin.skill:.2f}; copies of this model reach {max(own.skill, 0):.2f} at the best of "
            "all rates." + (f" {found.message}" if found is not None else ""),
            severity="error" if progress.failing or reached(progress) < own.skill else "warning",
            confidence=0.8 if found is not None else 0.6,
            place=(layer.place if layer else None) or model.place or fit.place,
            layer=layer.name if layer else None,
            evidence={
                **told(twin, "plain_lstm"),
                **told(own, "own"),
                "plain_lstm_held_out_skill": number(twin.held_out_skill, "1"),
                "skill": number(progress.skill, "1"),
            },
            treatments=[_PLAIN],
        )


def _twin(model: ModelFacts) -> str:
    return "an LSTM that reads in both directions" if per_step(model) else "a plain LSTM"


_PLAIN = Treatment(
    "plain-lstm",
    "Start from one plain LSTM layer before the head, which learns here, and add what you need one "
    "by one.",
)


def _beaten(rehearsals: RehearsalFacts, twin: Rehearsal | None, progress: Progress) -> bool:
    """Whether the plain LSTM learned, also for other rows, and the model nowhere did."""
    own = [trial.skill for trial in rehearsals.trials if trial.control in OWN]
    if twin is None or not rehearsals.of("standardized"):
        return False
    # What it learned by heart in a few hundred updates is nothing that the model should have.
    if twin.held_out_skill is not None and twin.held_out_skill < GENERAL * twin.skill:
        return False
    return behind([*own, reached(progress)], twin)
