"""More steps between the information and the read-out than a state carries."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Call, Model, Script
from unstuck.findings.course import Course
from unstuck.findings.evidence import Output
from unstuck.findings.optimization.budget import CHANCE, short_of
from unstuck.findings.progress import POOR_SHARE, SIGNAL_SHARE, Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sequence.pooled import pooling_edits
from unstuck.findings.sequence.reach import (
    POOLING,
    REACH,
    RECURRENT,
    Memory,
    explained_by,
    first_recurrent,
    memory,
    readers,
    steps_read,
)
from unstuck.findings.sites import Edits, Scripts, input_shape, option_edit
from unstuck.observe.xray.facts import LagFacts, XRayFacts
from unstuck.record import Finding, Severity, Treatment

WORTH = 0.1
"""Share of the targets' variance that must lie out of reach, to be why a run is poor."""
MANY = 5 * REACH
"""Steps, some 250, that the source alone is worth a note for: most of them lie out of reach,
wherever the information is."""


OF_NO_USE = ("too_few_updates", "lr_too_low", "optimizer_unsuited")
"""What can't be why, where learning hears nothing from there."""


class SequenceTooLong(Rule):
    """So many steps lie between the information and the read-out that it cannot be learned.

    ## What it finds
    A run that does not learn, though the inputs say a good deal about the targets: at a lag that
    no state carries to the end.

    ## Why LSTMs get this
    A cell keeps sigmoid(1), 73 %, of its state at each step at the start. After 51 steps what is
    left is below the resolution of float32 beside the last step, and so is the gradient that
    comes back. Within that reach an LSTM finds by itself what to keep for longer; beyond it there
    is nothing to follow. A raw signal of a thousand samples or a whole document read token by
    token is that long.

    ## How it is measured
    Ranges of lags that double are added to a closed-form control as long as they explain more of
    the targets out of sample than nearer ones and chance do: that gives the lag that the task
    needs. It is compared with the 51 steps and, where an x-ray shows them, with the steps after
    which the trained cells have forgotten all and from which learning hears nothing.

    ## What proves it
    The same run on sequences that are read from the other end, pooled or thinned.

    ## What cures it
    Bring the information near to the read-out: ``go_backwards=True`` or ``Bidirectional`` where
    it lies at the start; ``return_sequences=True`` with pooling or attention over all steps;
    fewer steps, by averaging, striding or a strided ``Conv1D`` in front.

    ## False alarms
    A run that learns is left alone. One that misses what is near as well gets a warning at most,
    and so does one short of rate or updates, unless learning hears nothing from so far back.

    ## References
    Hochreiter and Schmidhuber, Long Short-Term Memory (1997). Pascanu, Mikolov and Bengio, On the
    Difficulty of Training Recurrent Neural Networks (2013).
    """

    code = "SEQ103"
    name = "more-steps-than-memory"
    cause = "sequence_too_long"
    explains = ("vanishing_gradients", "no_signal_in_data", "class_imbalance", "saturated_gates")
    weight = 70
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 120, 1))\n"
        "y = x[:, 0, 0]\n"
        "model = keras.Sequential([\n"
        "    keras.Input((120, 1)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, batch_size=64, epochs=26, verbose=0)\n"
    )
    healthy = sick.replace("LSTM(8)", "LSTM(8, go_backwards=True)")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds last states behind many hundreds of steps."""
        for model in script.models:
            layer = first_recurrent(model, "Embedding")
            shape = input_shape(model)
            steps = shape[0].value if shape else None
            if layer is None or not isinstance(steps, int) or steps < MANY:
                continue
            if _hands_on_the_last_state(model):
                yield self._suspected(layer, steps)

    def examine(
        self,
        lags: tuple[LagFacts, ...],
        model: ModelFacts,
        outputs: tuple[Output, ...],
        progress: Progress,
        course: Course,
        fit: FitFacts,
        scripts: Scripts,
        xrays: tuple[XRayFacts, ...] = (),
    ) -> Iterator[Finding]:
        """Compares the lag that each output needs with what the layers carry."""
        layers = readers(model)
        if not layers or not progress.poor or progress.diverged:
            return
        tried = progress.steps >= CHANCE and short_of(course, progress) is None
        reached = {output.name: _explained(output) for output in outputs}
        for lag in lags:
            reach = REACH * lag.window / steps_read(layers[0], lag.window)
            kept = memory(xrays, lag.window)
            if lag.needed is None or lag.needed <= reach or kept.spans(lag.needed):
                continue
            near = explained_by(lag, int(reach))
            # Where learning hears nothing from there, no other rate and no more updates help.
            sure = tried or _deaf(lag, kept)
            severity = _severity(lag, near, reached.get(lag.output), sure)
            if severity is not None:
                yield self._finding(lag, near, layers, kept, severity, fit, scripts)

    def _finding(
        self,
        lag: LagFacts,
        near: float,
        layers: tuple[LayerFacts, ...],
        kept: Memory,
        severity: Severity,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        deaf = _deaf(lag, kept)
        explained = (*self.explains, *OF_NO_USE) if deaf else self.explains
        why = (
            "learning hears nothing from so far back"
            if deaf
            else f"a cell starts with a reach of {REACH}"
        )
        found = self.found(
            f"What decides the target lies {lag.needed} steps back from the end of {lag.window}, "
            f"and {why}: as framed, {layers[0].name} can't learn it.",
            severity=severity,
            confidence=0.9 if deaf else 0.75,
            place=layers[0].place or fit.place,
            layer=layers[0].name,
            evidence={
                "needed_lag": number(lag.needed, "time steps"),
                "half_life": number(kept.half_life, "time steps"),
                "memory_horizon": number(kept.horizon, "time steps"),
                "explained_by_all_lags": number(lag.score, "1"),
                "explained_within_reach": number(near, "1"),
                "reach_at_start": number(REACH, "time steps"),
            },
            treatments=_treatments(lag, layers, scripts),
        )
        return dataclasses.replace(found, explains=explained)

    def _suspected(self, layer: Call, steps: int) -> Finding:
        return self.found(
            f"The {layer.kind} reads {steps} steps one by one and hands on its last state alone; "
            f"at the start a cell carries some {REACH} of them.",
            severity="note",
            level="suspected",
            confidence=0.3,
            place=layer.place,
            evidence={"time_steps": number(steps, "time steps")},
            treatments=[_POOL, _THIN],
        )


_POOL = Treatment(
    "read-all-steps",
    "Hand on every step (return_sequences=True) and pool over them, so that none is far away.",
)
_THIN = Treatment(
    "fewer-steps",
    "Read fewer steps: average or stride the sequence, or put a strided Conv1D in front.",
)
_BACKWARDS = Treatment(
    "read-backwards",
    "Read the sequence from its end (go_backwards=True), which puts its start next to the "
    "read-out; Bidirectional reads both ways.",
)


def _treatments(
    lag: LagFacts, layers: tuple[LayerFacts, ...], scripts: Scripts
) -> Iterator[Treatment]:
    edits: Edits = ()
    if explained_by(lag, lag.window - 1 - REACH) < lag.score / 2:
        edits = option_edit(layers[0], scripts, "go_backwards", "True")
        yield Treatment(_BACKWARDS.id, _BACKWARDS.summary, edits)
    yield Treatment(_POOL.id, _POOL.summary, pooling_edits(layers[-1], scripts))
    yield _THIN


def _severity(lag: LagFacts, near: float, reached: float | None, sure: bool) -> Severity | None:
    """Judges whether what the model lacks is what lies out of reach; None if it isn't."""
    if lag.score - near < WORTH:
        return None
    if reached is None:
        return "warning"
    if reached >= POOR_SHARE * lag.score:
        return None
    if near < WORTH or reached >= SIGNAL_SHARE * near:
        return "error" if sure else "warning"
    # A model that misses what is near as well has another fault first, if that is worth much.
    return "warning" if near < lag.score / 2 else None


def _deaf(lag: LagFacts, kept: Memory) -> bool:
    return kept.horizon is not None and kept.horizon < (lag.needed or 0)


def _explained(output: Output) -> float | None:
    train = output.train
    if train is None:
        return None
    found = [x for x in (train.predictions.explained, train.skill) if x is not None]
    return max(found, default=None)


def _hands_on_the_last_state(model: Model) -> bool:
    recurrent = [layer for layer in model.layers if layer.kind in RECURRENT]
    if any(layer.kind in POOLING or layer.kind == "Bidirectional" for layer in model.layers):
        return False
    flags = ("return_sequences", "return_state", "go_backwards")
    return all(recurrent[-1].get(flag, False).value is False for flag in flags)
