"""Activations inside the cell that its equations were not made for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.case.script import Call, Script, activation_name
from unstuck.findings.activation.lstm_relu_activation import GREW, UNBOUNDED
from unstuck.findings.course import Course
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import XRays, gate_of, growth, last_sites, sites_of
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, argument_edit, option_edit
from unstuck.record import Finding, Quantity, Severity, Treatment

GATED = ("LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
CELLS = (*GATED, "LSTMCell", "GRUCell")
SIMPLE = ("SimpleRNN", "SimpleRNNCell")
SHARING = ("softmax", "log_softmax")
"""Functions that share one sum among all units."""
POSITIVE = ("sigmoid", "hard_sigmoid")
"""Functions that can't be negative, where the cell needs to take away as well as to add."""


@dataclasses.dataclass(frozen=True)
class Misfit:
    """One option of a layer and what its function does there.

    Attributes:
        option: "activation" or "recurrent_activation".
        function: Its name.
        right: What belongs there.
        why: What it does, as the end of a sentence.
    """

    option: str
    function: str
    right: str
    why: str

    @property
    def shares(self) -> bool:
        """Whether the units compete for one sum."""
        return self.function in SHARING

    @property
    def unbounded(self) -> bool:
        """Whether nothing holds the state."""
        return self.function == "linear" or self.function in UNBOUNDED


class LstmInternalActivationWrong(Rule):
    """softmax, sigmoid or linear inside the cell where tanh belongs; no sigmoid in the gates.

    ## What it finds
    ``activation`` other than tanh and its like, or ``recurrent_activation`` other than sigmoid, in
    a cell with gates, in a run that does not learn.

    ## Why LSTMs get this
    ``activation`` looks like that of a ``Dense`` layer, so that people give the task's own there:
    softmax for classes, sigmoid for yes or no, linear for a forecast. It is not applied to the
    output but to the candidate and the state at every step. Softmax shares one sum among all
    units; a sigmoid can only add to the state, never take away; linear lets it grow. A gate
    multiplies what is kept: above 1 the state explodes, below 0 it flips, and shared among the
    units it empties the cell.

    ## How it is measured
    The layer's options; what its gates and its state really do at the end of training.

    ## What proves it
    The same run with tanh and sigmoid.

    ## What cures it
    Leave both options out, and put the task's activation into the ``Dense`` layer at the end.

    ## False alarms
    Cells that learn all the same: nothing is said.

    ## References
    Hochreiter and Schmidhuber, Long Short-Term Memory (1997).
    """

    code = "ACT102"
    name = "wrong-activation-in-the-cell"
    cause = "lstm_internal_activation_wrong"
    explains = (
        "saturated_gates",
        "vanishing_gradients",
        "exploding_gradients",
        "no_gradient_clipping",
        "dead_units",
        "too_few_updates",
        "lr_too_low",
        "capacity_too_small",
        "sequence_too_long",
        "class_imbalance",
    )
    weight = 64
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 40, 2))\n"
        "y = x[:, :, 0].mean(axis=1)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((40, 2)),\n"
        "    layers.LSTM(8, recurrent_activation='softmax'),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=20, verbose=0)\n"
    )
    healthy = sick.replace("softmax", "sigmoid")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds cells with such activations."""
        for layer in script.layers():
            if layer.kind in (*CELLS, *SIMPLE) and layer.path.startswith("keras."):
                inside = activation_name(layer.get("activation", "tanh"))
                gates = activation_name(layer.get("recurrent_activation", "sigmoid"))
                for misfit in _misfits(layer.kind, inside, gates):
                    yield self._suspected(layer, misfit, script)

    def examine(
        self,
        model: ModelFacts,
        progress: Progress,
        course: Course,
        scripts: Scripts,
        xrays: XRays = (),
    ) -> Iterator[Finding]:
        """Judges every cell of a run that does not learn by what its state does."""
        if not progress.poor:
            return
        for layer in model.layers:
            inside, gates = (layer.config.get(n) for n in ("activation", "recurrent_activation"))
            for misfit in _misfits(layer.kind, inside, gates):
                grown = growth(layer, xrays, model)
                grew = progress.diverged or course.spiking or (grown or 0) >= GREW
                severity = _severity(misfit, progress, grew)
                evidence = {"state_growth": number(grown, "1")}
                evidence |= _seen(misfit, layer, model, xrays)
                edits = option_edit(layer, scripts, misfit.option, f'"{misfit.right}"')
                yield self._finding(layer, misfit, severity, evidence, edits)

    def _finding(
        self,
        layer: LayerFacts,
        misfit: Misfit,
        severity: Severity,
        evidence: dict[str, Quantity],
        edits: Edits,
    ) -> Finding:
        finding = self.found(
            f"{layer.name} has {misfit.option}={misfit.function!r} inside its cell: {misfit.why}.",
            severity=severity,
            confidence=0.8 if severity == "error" else 0.5,
            place=layer.place,
            layer=layer.name,
            evidence=evidence,
            treatments=[_treatment(misfit, edits)],
        )
        if misfit.option == "activation":
            return finding
        gate = "update" if layer.kind == "GRU" else "forget"
        return dataclasses.replace(
            finding, location=dataclasses.replace(finding.location, gate=gate)
        )

    def _suspected(self, layer: Call, misfit: Misfit, script: Script) -> Finding:
        doubtful = misfit.option == "activation" and not misfit.shares
        edits = argument_edit(layer, script, misfit.option, f'"{misfit.right}"')
        return self.found(
            f"{layer.kind} has {misfit.option}={misfit.function!r} inside its cell: {misfit.why}.",
            severity="note" if doubtful else "warning",
            level="suspected",
            confidence=0.4 if doubtful else 0.7,
            place=layer.get(misfit.option).place or layer.place,
            treatments=[_treatment(misfit, edits)],
        )


def _treatment(misfit: Misfit, edits: Edits) -> Treatment:
    return Treatment(
        f"{misfit.right}-{'cell' if misfit.option == 'activation' else 'gates'}",
        f"Use {misfit.option}={misfit.right!r}, the default; the task's own activation belongs "
        "into the last layer.",
        edits,
    )


def _misfits(kind: str, inside: str | None, gates: str | None) -> Iterator[Misfit]:
    """Yields the options of a cell whose functions don't belong there."""
    if inside in SHARING and kind in (*CELLS, *SIMPLE):
        why = "its units share one sum at every step, so what one holds the others lose"
        yield Misfit("activation", inside, "tanh", why)
    if kind not in CELLS:
        return
    if inside in POSITIVE:
        why = "it can only add to the state, never take away"
        yield Misfit("activation", inside, "tanh", why)
    elif inside == "linear":
        yield Misfit("activation", inside, "tanh", "nothing bounds the state that feeds back")
    if gates in SHARING:
        why = "its units share one sum, so each keeps but a part of its state at every step"
        yield Misfit("recurrent_activation", gates, "sigmoid", why)
    elif gates in ("tanh", "softsign", "hard_tanh"):
        why = "a gate must lie between 0 and 1, and this one turns the state over where it is below"
        yield Misfit("recurrent_activation", gates, "sigmoid", why)
    elif gates == "linear" or gates in UNBOUNDED:
        why = "a gate must lie between 0 and 1, and this one multiplies the state beyond"
        yield Misfit("recurrent_activation", gates, "sigmoid", why)


def _severity(misfit: Misfit, progress: Progress, grew: bool) -> Severity:
    """Says how likely it is the reason: most of these cells do learn simple things."""
    if misfit.shares:
        return "error"
    if misfit.unbounded:
        return "error" if grew else "warning"
    return "error" if progress.failing and misfit.option == "activation" else "warning"


def _seen(
    misfit: Misfit, layer: LayerFacts, model: ModelFacts, xrays: XRays
) -> dict[str, Quantity]:
    """Returns what the gates do at the end of training."""
    name = "candidate" if misfit.option == "activation" else "forget"
    for site in sites_of(layer, last_sites(xrays), model):
        gate = gate_of(site, name) or gate_of(site, "update")
        if gate is not None:
            return {f"mean_{gate.name}": number(gate.mean, "1")}
    return {}
