"""A second activation on what a cell puts out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from unstuck.case.edits import set_argument
from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Call, Model, Script, activation_name
from unstuck.findings.progress import Progress
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, option_edit
from unstuck.record import Finding, Severity, Treatment

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "Bidirectional")
WEIGHTED = (*RECURRENT, "Dense", "TimeDistributed", "Conv1D", "RNN")
THROUGH = ("Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "Activation",
           "Softmax", "ReLU")  # fmt: skip
"""Layers that may lie between a cell and such an activation."""
LAYERS = {
    "Softmax": "softmax", "ReLU": "relu", "Sigmoid": "sigmoid", "Relu": "relu", "Tanh": "tanh",
}  # fmt: skip
"""Layers, and operations on tensors, that are an activation by themselves."""
SLOPE = 4.0
"""A sigmoid's slope is a quarter at most: so much of signal and gradient is left."""
MUCH = 16.0
"""What two sigmoids on end take; enough to be the reason where a run falls short."""


@dataclasses.dataclass(frozen=True)
class Stacked:
    """Activations on the way from a cell to the next layer with weights.

    Attributes:
        cell: The recurrent layer.
        layers: What follows it.
        names: Their functions.
        shrinkage: By what factor they shrink the signal, at least.
    """

    cell: LayerFacts
    layers: tuple[LayerFacts, ...]
    names: tuple[str, ...]
    shrinkage: float


class RedundantActivation(Rule):
    """A squashing activation stacked on the cell's own output shrinks the signal.

    ## What it finds
    ``Activation`` layers behind a recurrent layer and in front of the next layer with weights.

    ## Why LSTMs get this
    People write ``Activation`` behind every layer, as they do with ``Dense``. An LSTM has squashed
    its output already: it lies between -1 and 1, mostly within 0.3. There a sigmoid is a straight
    line of slope 1/4 around 0.5: it hands on a quarter of the signal and of the gradient, and an
    offset. softmax over 32 units hands on a thirtieth. Of two layers the factors multiply.

    ## How it is measured
    The layers between cells and weights; the factor by the functions' steepest slopes; how far the
    run falls short of what a closed-form model explains.

    ## What proves it
    The same run without them.

    ## What cures it
    Take them out; the task's own activation belongs behind the last ``Dense``.

    ## False alarms
    One relu or tanh more: it shrinks little, and is a note at most. Runs that learn are left alone.

    ## References
    keras #1727.
    """

    code = "ACT105"
    name = "activation-on-activation"
    cause = "redundant_activation"
    explains = ("vanishing_gradients", "too_few_updates", "lr_too_low", "capacity_too_small")
    weight = 61
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 8, 2))\n"
        "y = x[:, :, 0].mean(axis=1)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 2)),\n"
        "    layers.LSTM(32, return_sequences=True),\n"
        "    layers.Activation('softmax'),\n"
        "    layers.LSTM(32),\n"
        "    layers.Activation('softmax'),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer='adam', loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("softmax", "linear")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds them in the source."""
        seen: set[Call] = set()
        for model in script.models:
            for layer in model.layers:
                stacked = _written(layer, model)
                if stacked is not None and layer not in seen:
                    seen.add(layer)
                    yield self._suspected(layer, stacked, script)

    def examine(
        self, model: ModelFacts, progress: Progress, fit: FitFacts, scripts: Scripts
    ) -> Iterator[Finding]:
        """Judges the product of all of them, in a run that does not learn."""
        found = list(_stacked(model))
        if not found or not progress.poor:
            return
        shrinkage = math.prod(one.shrinkage for one in found)
        severity = _severity(shrinkage, progress)
        if severity is not None:
            yield self._finding(found, shrinkage, severity, fit, scripts)

    def _finding(
        self,
        found: list[Stacked],
        shrinkage: float,
        severity: Severity,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        layers = [layer for one in found for layer in one.layers]
        names = " and ".join(dict.fromkeys(name for one in found for name in one.names))
        edits = [option_edit(layer, scripts, "activation", '"linear"') for layer in layers]
        cells = " and ".join(one.cell.name for one in found)
        return self.found(
            f"{names} on what {cells} already squashed hands on 1/{shrinkage:.0f} of the signal at "
            "most.",
            severity=severity,
            confidence={"error": 0.75, "warning": 0.5}.get(severity, 0.3),
            place=layers[0].place or fit.place,
            layer=layers[0].name,
            evidence={"shrinkage": number(shrinkage, "1")},
            treatments=[_treatment(tuple(edit for part in edits for edit in part))],
        )

    def _suspected(self, layer: Call, function: str, script: Script) -> Finding:
        strong = function in ("sigmoid", "softmax")
        edits = set_argument(layer, script, "activation", '"linear"')
        return self.found(
            f"{layer.kind} puts {function} on what the cell has already squashed.",
            severity="warning" if strong else "note",
            level="suspected",
            confidence=0.5 if strong else 0.3,
            place=layer.place,
            treatments=[_treatment(edits if layer.kind == "Activation" else ())],
        )


def _treatment(edits: Edits) -> Treatment:
    return Treatment(
        "one-activation",
        "Take the activation out: the cell has its own, and the task's belongs behind the last "
        "Dense.",
        edits,
    )


def _severity(shrinkage: float, progress: Progress) -> Severity | None:
    if shrinkage >= MUCH or (shrinkage >= SLOPE and progress.failing):
        return "error"
    if shrinkage >= SLOPE:
        return "warning"
    return "note" if progress.failing else None


def _stacked(model: ModelFacts) -> Iterator[Stacked]:
    """Yields what follows each recurrent layer, if it leads to another layer with weights."""
    for cell in model.layers:
        if cell.kind not in RECURRENT:
            continue
        layers, at = [], _reader(cell, model)
        while at is not None and (at.kind in THROUGH or at.kind in LAYERS):
            layers.append(at)
            at = _reader(at, model)
        named = [(layer, name) for layer in layers if (name := _function(layer)) is not None]
        if at is not None and named:
            chosen, names = zip(*named, strict=True)
            yield Stacked(cell, chosen, names, math.prod(_shrinkage(*one) for one in named))


def _reader(layer: LayerFacts, model: ModelFacts) -> LayerFacts | None:
    """Returns the only layer that reads another one, None if there are more or none."""
    readers = [
        one for one in model.layers if layer.name in one.inputs and one.inside == layer.inside
    ]
    return readers[0] if len(readers) == 1 else None


def _function(layer: LayerFacts) -> str | None:
    name = LAYERS.get(layer.kind) or str(layer.config.get("activation", "linear"))
    return name if name in ("softmax", "sigmoid", "relu", "tanh", "hard_sigmoid") else None


def _shrinkage(layer: LayerFacts, function: str) -> float:
    if function in ("sigmoid", "hard_sigmoid"):
        return SLOPE
    units = (layer.input_shape or layer.output_shape or (None,))[-1]
    # Around equal shares 1/n the slope of softmax is 1/n.
    return float(units or SLOPE) if function == "softmax" else 1.0


def _written(layer: Call, model: Model) -> str | None:
    """Returns the function of a layer that stands between a cell and other weights."""
    if not layer.path.startswith("keras.layers."):
        return None
    function = LAYERS.get(layer.kind)
    if layer.kind == "Activation":
        function = activation_name(layer.get("activation"))
    if function not in ("softmax", "sigmoid", "relu", "tanh") or len(layer.inputs) != 1:
        return None
    below = layer.inputs[0]
    while below.kind in THROUGH and len(below.inputs) == 1:
        below = below.inputs[0]
    readers = [one for one in model.layers if layer in one.inputs]
    leads = any(one.kind in (*WEIGHTED, *THROUGH) for one in readers)
    return function if below.kind in RECURRENT and leads else None
