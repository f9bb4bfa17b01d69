"""Recurrent layers stacked so deep that the first ones learn nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator

from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts
from unstuck.case.script import Script
from unstuck.findings.architecture.widths import RECURRENT, recurrent_layers
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import first_sites
from unstuck.findings.rule import Rule, number
from unstuck.observe.xray.facts import SiteMeasures, XRayFacts
from unstuck.record import Finding, Severity, Treatment

DEEP = 4
"""Recurrent layers from which a stack is deep: two are usual, three are found in papers."""
FADED = 0.1
"""Gradient of the first over that of the last layer, at the start, below which the first hardly
hears of the loss. Each layer with usual weights passes about a third to a half."""


class ArchitectureTooDeep(Rule):
    """Stacked recurrent layers block learning that fewer would allow.

    ## What it finds
    Four or more recurrent layers on top of each other in a run that does not learn what a
    closed-form model finds, where the first one gets less than a tenth of the last one's gradient.

    ## Why LSTMs get this
    Layers are added because the loss is flat. Each one passes its input through gates that start
    half open and a tanh: the state of the eighth layer is a thousandth of the input, and the
    gradient fades as much on its way back. The loss stays flat for longer.

    ## How it is measured
    Root mean square of the gradients at the gates' inputs, in each layer, before the first step;
    how much of the signal arrives at the last state.

    ## What proves it
    The same run with one or two of the layers.

    ## What cures it
    One or two recurrent layers. Where depth is needed: residual connections, layer normalization.

    ## False alarms
    Deep stacks that learn are left alone.

    ## References
    Pascanu et al., How to Construct Deep Recurrent Neural Networks (2014).
    """

    code = "ARC103"
    name = "deep-stack"
    cause = "architecture_too_deep"
    explains = (
        "too_few_updates",
        "lr_too_low",
        "vanishing_gradients",
        "optimizer_unsuited",
        "class_imbalance",
        "sequence_too_long",
    )
    weight = 57
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 6, 2))\n"
        "y = 2 * x[:, -1, 0]\n"
        "depth = 6\n"
        "model = keras.Sequential([keras.Input((6, 2))])\n"
        "for _ in range(depth - 1):\n"
        "    model.add(layers.LSTM(8, return_sequences=True))\n"
        "model.add(layers.LSTM(8))\n"
        "model.add(layers.Dense(1))\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.004), loss='mse')\n"
        "model.fit(x, y, epochs=10, verbose=0)\n"
    )
    healthy = sick.replace("depth = 6", "depth = 1")

    def suspect(self, script: Script) -> Iterator[Finding]:
        """Finds stacks of many recurrent layers in one chain."""
        for model in script.models:
            stacked = [layer for layer in model.layers if layer.kind in RECURRENT]
            branched = any(len(layer.inputs) > 1 for layer in model.layers)
            if len(stacked) > DEEP and not branched:
                yield self.found(
                    f"{len(stacked)} recurrent layers are stacked: each passes on less of the "
                    "signal and of the gradient.",
                    severity="note",
                    level="suspected",
                    confidence=0.3,
                    place=stacked[1].place,
                    evidence={"recurrent_layers": number(len(stacked), "layers")},
                    treatments=[_SHALLOWER],
                )

    def examine(
        self, model: ModelFacts, progress: Progress, xrays: tuple[XRayFacts, ...], fit: FitFacts
    ) -> Iterator[Finding]:
        """Judges deep stacks that do not learn, by how the gradient fades through them."""
        layers, sites = recurrent_layers(model), first_sites(xrays)
        if len(layers) < DEEP or len(sites) < DEEP or progress.diverged:
            return
        if not progress.poor or progress.has_signal is False or _branched(model):
            return
        first, last = _gradient(sites[0]), _gradient(sites[-1])
        if last > 0 and first / last < FADED:
            yield self._finding(layers, sites, first / last, progress, fit)

    def _finding(
        self,
        layers: tuple[LayerFacts, ...],
        sites: tuple[SiteMeasures, ...],
        ratio: float,
        progress: Progress,
        fit: FitFacts,
    ) -> Finding:
        severity: Severity = "error" if progress.failing else "warning"
        arrived = sites[-1].flow.output_rms / max(sites[0].flow.input_rms, 1e-12)
        return self.found(
            f"{len(layers)} recurrent layers are stacked. At the start, {layers[0].name} gets "
            f"{ratio:.2g} of the gradient of {layers[-1].name}, and of the input's size "
            f"{arrived:.2g} arrives at the last state.",
            severity=severity,
            confidence=0.75,
            place=layers[1].place or fit.place,
            layer=layers[0].name,
            evidence={
                "recurrent_layers": number(len(layers), "layers"),
                "first_over_last_gradient": number(ratio, "1"),
                "signal_arriving": number(arrived, "1"),
                "explained_of_training_data": number(progress.explained, "1"),
                "explained_by_control": number(progress.signal, "1"),
            },
            treatments=[_SHALLOWER],
        )


_SHALLOWER = Treatment(
    "fewer-layers",
    "Keep one or two of the recurrent layers; add depth only where that learns and falls short.",
)


def _gradient(site: SiteMeasures) -> float:
    """Returns the root mean square of dL/dz over all gates."""
    squares = [gate.gradient**2 for gate in site.gates]
    return math.sqrt(sum(squares) / len(squares)) if squares else 0.0


def _branched(model: ModelFacts) -> bool:
    """Whether layers read several others: a residual connection carries the gradient past them."""
    return any(len(layer.inputs) > 1 for layer in model.layers if layer.kind not in RECURRENT)
