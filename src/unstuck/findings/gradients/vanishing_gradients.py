"""Gradients that do not reach the steps, or the layers, that must learn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from unstuck.case.facts import FitFacts, ModelFacts
from unstuck.findings.evidence import Output
from unstuck.findings.gradients.depth import Depth, depth, steeper
from unstuck.findings.gradients.reach import Decay, decay
from unstuck.findings.progress import SIGNAL_SHARE, Progress
from unstuck.findings.replayed import XRays, layer_of
from unstuck.findings.rule import Rule, number
from unstuck.findings.series import StepSeries
from unstuck.findings.sites import Edits, Scripts, flag_edit, option_edit
from unstuck.observe.xray.facts import LagFacts
from unstuck.record import Finding, Severity, Treatment

WORTH = 0.1
"""Share of the targets' variance that must lie out of reach, to be why a run is poor."""


class VanishingGradients(Rule):
    """The gradient that reaches early steps or early layers is too small to learn from.

    ## What it finds
    A run that does not learn what lies so many steps back that hardly any gradient comes from
    there, or whose first layers get a small part of the gradient of the last ones, to the end.

    ## Why LSTMs get this
    On its way back through time the gradient is multiplied by the forget gate at each step, and in
    a ``SimpleRNN`` by the recurrent kernel and the slope of the activation. With a forget bias of
    zero half is left after one step, with sigmoid cells a quarter. On its way through layers each
    sigmoid leaves a quarter at most. Adam evens out small gradients, but not below its epsilon.

    ## How it is measured
    An x-ray works out how much of a change of the state at one step is left at the last one. The
    lag that the task needs is found by a closed-form control. Through depth: the gradient that a
    weight of the first layer gets against one of the last layer, at the end of the training.

    ## What proves it
    The same run with a cell that remembers, or with fewer layers in between.

    ## What cures it
    An LSTM with its forget bias of one, tanh in cells, relu in dense layers, fewer layers, residual
    connections or normalization between them; the information nearer to the end.

    ## False alarms
    Gradients that are small because there is nothing left to learn: a run that learns is left
    alone.

    ## References
    Bengio, Simard and Frasconi, Learning Long-Term Dependencies with Gradient Descent Is Difficult
    (1994). Hochreiter and Schmidhuber, Long Short-Term Memory (1997).
    """

    code = "GRD102"
    name = "vanishing-gradients"
    cause = "vanishing_gradients"
    explains = ("too_few_updates", "lr_too_low", "class_imbalance", "capacity_too_small")
    weight = 58
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 16, 1))\n"
        "y = x[:, 0, 0]\n"
        "model = keras.Sequential([\n"
        "    keras.Input((16, 1)),\n"
        "    layers.SimpleRNN(16, activation='sigmoid'),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.005), loss='mse')\n"
        "model.fit(x, y, epochs=40, verbose=0)\n"
    )
    healthy = sick.replace("sigmoid", "tanh")

    def examine(
        self,
        model: ModelFacts,
        fit: FitFacts,
        progress: Progress,
        outputs: tuple[Output, ...],
        scripts: Scripts,
        steps: StepSeries | None = None,
        xrays: XRays = (),
        lags: tuple[LagFacts, ...] = (),
    ) -> Iterator[Finding]:
        """Looks back through time where the task needs it, then through the layers."""
        if not progress.poor or progress.diverged:
            return
        reached = {one.output: one for one in lags}
        for output in outputs:
            lag = reached.get(output.name)
            lost = None if lag is None else decay(lag, xrays, model)
            if lag is not None and lost is not None and _matters(lost, output):
                yield self._through_time(lag, lost, model, fit, scripts)
                return
        way = depth(steps, model)
        if way is not None:
            severity: Severity = "error" if progress.failing else "warning"
            yield self._through_depth(way, severity, model, fit, scripts)

    def _through_time(
        self, lag: LagFacts, lost: Decay, model: ModelFacts, fit: FitFacts, scripts: Scripts
    ) -> Finding:
        layer = layer_of(lost.site, model)
        severity: Severity = "error" if lost.still else "warning"
        since = "" if lost.still else f", and {lost.at_end:.2g} at the end"
        finding = self.found(
            f"What decides the target lies {lag.needed} steps back, and of a change of the state "
            f"of {lost.site.site.layer} there {lost.at_start:.2g} is left at the last step"
            f"{since}: hardly any gradient comes from where it should learn.",
            severity=severity,
            confidence=0.85 if lost.still else 0.55,
            place=(layer.place if layer else None) or fit.place,
            layer=lost.site.site.layer,
            evidence={
                "needed_lag": number(lag.needed, "time steps"),
                "left_at_start": number(lost.at_start, "1"),
                "left_at_end": number(lost.at_end, "1"),
                "half_life": number(lost.site.memory.measured_half_life, "time steps"),
            },
            treatments=[
                Treatment(
                    "remembering-cell",
                    "Use an LSTM with its forget bias of one and tanh, or bring what matters "
                    "nearer to the last step.",
                    ()
                    if layer is None
                    else option_edit(layer, scripts, "activation", '"tanh"')
                    if layer.config.get("activation") in ("sigmoid", "hard_sigmoid")
                    else flag_edit(layer, scripts, "unit_forget_bias", value=False)
                    if layer.config.get("unit_forget_bias")
                    else (),
                )
            ],
        )
        gate = {"LSTM": "forget", "GRU": "update"}.get(lost.site.site.kind)
        step = lost.site.site.steps - 1 - (lag.needed or 0)
        location = dataclasses.replace(finding.location, gate=gate, timestep=step)
        return dataclasses.replace(finding, location=location)

    def _through_depth(
        self,
        way: Depth,
        severity: Severity,
        model: ModelFacts,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Finding:
        edits: Edits = tuple(
            edit
            for layer in steeper(way, model)
            for edit in option_edit(layer, scripts, "activation", '"relu"')
        )
        return self.found(
            f"A weight of {way.first.name} gets {way.ratio:.1g} of the gradient that one of "
            f"{way.last} gets, with {way.between} layers between them, and still does at the end.",
            severity=severity,
            confidence=0.8 if severity == "error" else 0.5,
            place=way.first.place or fit.place,
            layer=way.first.name,
            evidence={
                "gradient_ratio": number(way.ratio, "1"),
                "first_layer_travelled": number(way.travel, "initial norms"),
                "last_layer_travelled": number(way.last_travel, "initial norms"),
            },
            treatments=[
                Treatment(
                    "shorter-way",
                    "Use relu instead of sigmoid or tanh in the layers between, fewer of them, or "
                    "normalization and residual connections.",
                    edits,
                )
            ],
        )


def _matters(lost: Decay, output: Output) -> bool:
    """Whether what is out of reach is what the model lacks, and not what is near as well."""
    predicted = output.train.predictions.explained if output.train else None
    if lost.far < WORTH:
        return False
    return lost.near < WORTH or predicted is None or predicted >= SIGNAL_SHARE * lost.near
