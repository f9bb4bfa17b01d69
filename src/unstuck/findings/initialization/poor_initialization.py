"""Initial weights from which nothing can be learned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.edits import remove_argument
from unstuck.case.facts import FitFacts, ModelFacts
from unstuck.case.script import Call, Script
from unstuck.findings.initialization.faults import NEGATIVE, RECURRENT, Fault, biases, scales
from unstuck.findings.initialization.start import Start, start_in
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import XRays
from unstuck.findings.rule import Rule
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Edits, Scripts, layer_call, option_place
from unstuck.record import Finding, Severity, Treatment

LARGE = 1.0
"""Spread of single weights that the source alone calls too large: no layer of four units or more
needs weights that large."""
SMALL = 1e-3
"""The same for too small: a tenth of what Glorot gives a layer of ten thousand inputs."""
CELLS = (*RECURRENT, "LSTMCell", "GRUCell", "SimpleRNNCell")
WEIGHTED = (*CELLS, "Dense", "Conv1D", "Embedding")


class PoorInitialization(Rule):
    """Zero, constant, over- or under-scaled initial weights, or a gate that starts shut.

    ## What it finds
    Initializers other than Keras's own that give weights of no spread, of far too much or too
    little, or biases that hold gates shut, in a run that does not learn.

    ## Why LSTMs get this
    Units that begin alike get the same gradient and stay alike: a layer of constants is one unit,
    and zeros in two layers on end pass no gradient at all. Large weights push the gates to 0 or 1
    before the first step. A negative bias shuts the forget gate, so that the cell is emptied at
    every step, or the input gate, so that nothing is written.

    ## How it is measured
    Norm and shape of every weight before the first update; saturation and means of the gates at
    the start and at the end; how many units copy another one.

    ## What proves it
    The same run with Keras's own initializers.

    ## What cures it
    Leave the option out: Glorot for kernels, orthogonal recurrent kernels, a forget bias of one.

    ## False alarms
    A head that starts at zero, small weights that have grown: where the run learns, nothing is
    said, and where units have parted, only a warning.

    ## References
    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks
    (2010). Jozefowicz et al., An Empirical Exploration of Recurrent Network Architectures (2015).
    """

    code = "INI101"
    name = "weights-that-start-badly"
    cause = "poor_initialization"
    explains = (
        "saturated_gates",
        "vanishing_gradients",
        "exploding_gradients",
        "dead_units",
        "frozen_weights",
        "no_gradient_clipping",
        "lr_too_high",
        "lr_too_low",
        "too_few_updates",
        "capacity_too_small",
        "class_imbalance",
        "no_target_scaling",
    )
    weight = 74
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 8, 2))\n"
        "y = x.mean(axis=(1, 2))\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 2)),\n"
        "    layers.LSTM(8, kernel_initializer='zeros', recurrent_initializer='zeros'),\n"
        "    layers.Dense(1, kernel_initializer='zeros'),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.02), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("'zeros'", "'glorot_uniform'")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Judges the initializers that the source gives."""
        heads = {head.layer for model in script.models for head in model.heads}
        for layer in script.layers():
            if layer.kind not in WEIGHTED or not layer.path.startswith("keras."):
                continue
            for option in ("kernel_initializer", "recurrent_initializer", "bias_initializer"):
                start = start_in(layer.get(option)) if option in layer.arguments else None
                severity = _doubt(start, option, layer, head=layer in heads)
                if start is not None and severity is not None:
                    yield self._suspected(layer, option, start, severity, script)
                    break

    def examine(
        self,
        model: ModelFacts,
        fit: FitFacts,
        progress: Progress,
        scripts: Scripts,
        steps: StepSeries | None = None,
        xrays: XRays = (),
    ) -> Iterator[Finding]:
        """Judges the weights before the first update of a run that does not learn."""
        if not progress.poor:
            return
        found = [*scales(steps, model, xrays), *biases(model, xrays)]
        sure = [fault for fault in found if fault.sure]
        if found:
            yield self._finding((sure or found)[0], found, bool(sure), fit, scripts)

    def _finding(
        self, fault: Fault, found: list[Fault], sure: bool, fit: FitFacts, scripts: Scripts
    ) -> Finding:
        given = {(one.layer.name, one.option): one for one in found}
        edits = dict.fromkeys(edit for one in given.values() for edit in _without(one, scripts))
        lines = [edit.line for edit in edits]
        finding = self.found(
            f"{fault.layer.name} starts with {fault.option}={fault.start.name}: {fault.how}.",
            severity="error" if sure else "warning",
            confidence=0.9 if sure else 0.5,
            place=option_place(fault.layer, scripts, fault.option) or fit.place,
            layer=fault.layer.name,
            evidence=fault.evidence,
            treatments=[_treatment(tuple(edits) if len(set(lines)) == len(lines) else ())],
        )
        location = dataclasses.replace(finding.location, gate=fault.gate)
        return dataclasses.replace(finding, location=location)

    def _suspected(
        self, layer: Call, option: str, start: Start, severity: Severity, script: Script
    ) -> Finding:
        what = (
            f"every weight starts at {start.constant:g}"
            if start.constant is not None
            else f"weights of a spread of {start.spread:g} start too "
            + ("large" if (start.spread or 0) >= LARGE else "small")
        )
        return self.found(
            f"{layer.kind} gets {option}={start.name}: {what}.",
            severity=severity,
            level="suspected",
            confidence=0.6 if severity == "warning" else 0.3,
            place=layer.get(option).place or layer.place,
            treatments=[_treatment(remove_argument(layer, script, option))],
        )


def _treatment(edits: Edits) -> Treatment:
    return Treatment(
        "default-initializers",
        "Leave the initializer out: Glorot for kernels, orthogonal for recurrent kernels, zero for "
        "biases with one for the forget gate.",
        edits,
    )


def _doubt(start: Start | None, option: str, layer: Call, head: bool) -> Severity | None:
    """Judges an initializer by the source alone."""
    if start is None:
        return None
    if option == "bias_initializer":
        shut = start.constant is not None and start.constant <= NEGATIVE
        return "warning" if shut and layer.kind in CELLS else None
    if start.constant is not None:
        # A head of zeros learns as soon as what it reads differs.
        if head and start.constant == 0:
            return None
        # Units of a layer that is not recurrent get different gradients from what reads them.
        return "note" if start.constant == 0 and layer.kind not in CELLS else "warning"
    if start.spread is None:
        return None
    # With the identity as its recurrent kernel a cell sums up what little comes in.
    sums = (layer.get("recurrent_initializer").name or "").lower() == "identity"
    return "warning" if start.spread >= LARGE or (start.spread <= SMALL and not sums) else None


def _without(fault: Fault, scripts: Scripts) -> Edits:
    call = layer_call(fault.layer, scripts)
    if call is None or fault.layer.place is None:
        return ()
    return remove_argument(call, scripts[fault.layer.place.file], fault.option)
