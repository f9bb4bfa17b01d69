"""Units that are zero, and pass no gradient, for every input."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import XRays, last_sites, layer_of
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Edits, Scripts, option_edit
from unstuck.record import Finding, Quantity, Severity, Treatment

RELU = ("relu", "relu6")
"""Activations that are exactly zero, with a slope of exactly zero, over half of their range."""
RECURRENT = ("LSTM", "GRU", "SimpleRNN")
MANY = 0.5
"""Share of dead units from which they may be the reason: a layer stands the loss of less."""
ALL = 0.95
"""Share from which nothing is left: one unit of twenty is no layer."""
TAIL = 0.1
"""Share of the steps, at the end, in which a gradient must be exactly zero for its layer to be
dead: a tenth holds no batch that would have woken it."""


class DeadUnits(Rule):
    """Units whose output and gradient are zero for all inputs.

    ## What it finds
    Recurrent cells and dense layers with relu whose units give exactly zero, and get a gradient
    of exactly zero, for every sample and every step, in a run that does not learn.

    ## Why LSTMs get this
    relu is flat below zero. A unit whose bias fell far below, by one large step, by unscaled
    inputs or at its start, gives zero for every input; its gradient is zero too, so that nothing
    brings it back. In a recurrent cell a dead unit stays so over all time steps.

    ## How it is measured
    Inside the cells: the share of units whose output and gradient are zero at all samples and
    steps. Of dense layers: gradients of kernel and bias that are exactly zero in every step of the
    last tenth of the training, while the layers behind still get one.

    ## What proves it
    Zero is exact here; a small gradient would be another number.

    ## What cures it
    A smaller rate, scaled inputs, biases that start at zero; tanh in cells, leaky_relu elsewhere.

    ## False alarms
    Some dead units in a network that learns: nothing is said.

    ## References
    Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models (2013).
    """

    code = "ACT104"
    name = "dead-units"
    cause = "dead_units"
    explains = (
        "frozen_weights",
        "vanishing_gradients",
        "lr_too_low",
        "too_few_updates",
        "capacity_too_small",
        "class_imbalance",
    )
    weight = 63
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 8, 2))\n"
        "y = x.mean(axis=(1, 2))\n"
        "start = keras.initializers.Constant(-20.0)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((8, 2)),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(8, activation='relu', bias_initializer=start),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("-20.0", "0.0")

    def examine(
        self,
        model: ModelFacts,
        fit: FitFacts,
        progress: Progress,
        scripts: Scripts,
        steps: StepSeries | None = None,
        xrays: XRays = (),
    ) -> Iterator[Finding]:
        """Counts dead units in the cells, and looks for dense layers without any gradient."""
        if not progress.poor:
            return
        for site in last_sites(xrays):
            layer, share = layer_of(site, model), site.states.dead_units
            if share >= MANY and site.site.activation in RELU:
                severity: Severity = "error" if share >= ALL or progress.failing else "warning"
                how = f"{share:.0%} of the units of {site.site.layer} are"
                evidence = {"dead_units": number(share, "1")}
                yield self._finding(layer, how, severity, evidence, fit, scripts)
                return
        dead = _without_gradient(steps, model)
        if dead is not None:
            how = f"All units of {dead.name} are"
            evidence = {"gradient_at_the_end": number(0.0, "loss / weight")}
            yield self._finding(dead, how, "error", evidence, fit, scripts)

    def _finding(
        self,
        layer: LayerFacts | None,
        how: str,
        severity: Severity,
        evidence: dict[str, Quantity],
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        return self.found(
            f"{how} zero for every input and get a gradient of exactly zero: relu is flat there, "
            "and nothing brings them back.",
            severity=severity,
            confidence=0.85 if severity == "error" else 0.5,
            place=(layer.place if layer else None) or fit.place,
            layer=layer.name if layer else None,
            evidence=evidence,
            treatments=[
                Treatment(
                    "living-units",
                    "Use an activation with a slope everywhere (tanh in cells, leaky_relu "
                    "elsewhere); look for what pushed them down: rate, scale, biases.",
                    () if layer is None else _sloped(layer, scripts),
                )
            ],
        )


def _sloped(layer: LayerFacts, scripts: Scripts) -> Edits:
    if layer.config.get("activation") not in RELU:
        return ()
    better = "tanh" if layer.kind in RECURRENT else "leaky_relu"
    return option_edit(layer, scripts, "activation", f'"{better}"')


def _without_gradient(steps: StepSeries | None, model: ModelFacts) -> LayerFacts | None:
    """Returns the last layer whose gradient is exactly zero up to the end, if it has relu."""
    if steps is None or len(steps.index) < 2:
        return None
    tail = steps.column("gradient_norm")[-max(2, int(len(steps.index) * TAIL)) :]
    zero = {name: bool((tail[:, at] == 0).all()) for name, at in steps.layers().items()}
    without = [layer for layer in model.layers if zero.get(layer.name)]
    # What lies in front of it has no gradient either, for whatever reason the last one has none.
    return without[-1] if without and _rectified(without[-1], model) else None


def _rectified(layer: LayerFacts, model: ModelFacts) -> bool:
    """Whether what a layer puts out goes through relu."""
    if layer.kind in RECURRENT:
        return False
    behind = [one for one in model.layers if layer.name in one.inputs]
    return layer.config.get("activation") in RELU or any(_is_relu(one) for one in behind)


def _is_relu(layer: LayerFacts) -> bool:
    if layer.kind == "ReLU":
        return not layer.config.get("negative_slope")
    return layer.kind == "Activation" and layer.config.get("activation") in RELU
