"""Gates that stay at an end of their range."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator

from unstuck.case.edits import insert_before
from unstuck.case.facts import FitFacts, LayerFacts, ModelFacts
from unstuck.findings.progress import Progress
from unstuck.findings.replayed import (
    STUCK,
    XRays,
    first_sites,
    gate_of,
    last_sites,
    layer_of,
    two_ended,
)
from unstuck.findings.rule import Rule, number
from unstuck.findings.sites import Edits, Scripts, keras_name, layer_call
from unstuck.observe.xray.facts import GateFacts, SiteMeasures
from unstuck.record import Finding, Severity, Treatment

LARGE = 3.0
"""Root mean square of what reaches the cell from which its inputs are to blame: three standard
deviations."""


@dataclasses.dataclass(frozen=True)
class Stuck:
    """The gate that is worst off.

    Attributes:
        before: It before the first step, None where nothing was seen then.
        now: It at the end.
    """

    site: SiteMeasures
    before: GateFacts | None
    now: GateFacts

    @property
    def from_the_start(self) -> bool:
        """Whether it was stuck before the first step already."""
        return self.before is not None and self.before.saturated >= STUCK


class SaturatedGates(Rule):
    """Gates sit at 0 or 1 for nearly all inputs, so nothing flows or nothing is learned.

    ## What it finds
    A gate or candidate most of whose activations lie at an end of their range, before the first
    step or since, in a run that does not learn.

    ## Why LSTMs get this
    At 0.98 a sigmoid passes 8 % of its steepest slope, further out next to nothing, so that the
    weights in front of it no longer learn. What pushes it there is the size of what comes in: a
    layer that multiplies (``Rescaling(255)`` where 1/255 was meant), a ``Dense`` without
    normalization, large weights, or steps so large that the weights grew.

    ## How it is measured
    An x-ray counts, for each gate, the activations within 2 % of an end (for tanh, where its slope
    is as flat), the units that are there in 95 % of the cases, and the time steps at which most
    units are.

    ## What proves it
    The same run with what reaches the cell brought to unit size.

    ## What cures it
    Scale or normalize what comes in; standard initial weights; a smaller rate.

    ## False alarms
    Cells that have learned: they hold some gates at an end to remember. Where the run learns,
    nothing is said.

    ## References
    Hochreiter and Schmidhuber, Long Short-Term Memory (1997). Karpathy, Johnson and Li, Visualizing
    and Understanding Recurrent Networks (2015).
    """

    code = "ACT103"
    name = "saturated-gates"
    cause = "saturated_gates"
    explains = (
        "vanishing_gradients",
        "too_few_updates",
        "lr_too_low",
        "capacity_too_small",
        "class_imbalance",
    )
    weight = 62
    sick = (
        "import numpy as np\n"
        "import keras\n"
        "from keras import layers\n"
        "keras.utils.set_random_seed(0)\n"
        "x = np.random.default_rng(0).normal(size=(256, 20, 2))\n"
        "y = x[:, :, 0].mean(axis=1)\n"
        "model = keras.Sequential([\n"
        "    keras.Input((20, 2)),\n"
        "    layers.Rescaling(255.0),\n"
        "    layers.LSTM(8),\n"
        "    layers.Dense(1),\n"
        "])\n"
        "model.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
        "model.fit(x, y, epochs=20, verbose=0)\n"
    )
    healthy = sick.replace("255.0", "1.0")

    def examine(
        self,
        xrays: XRays,
        model: ModelFacts,
        progress: Progress,
        fit: FitFacts,
        scripts: Scripts,
    ) -> Iterator[Finding]:
        """Looks for the gate that is worst off in a run that does not learn."""
        if not progress.poor:
            return
        worst = max(_gates(xrays), key=lambda one: one.now.saturated, default=None)
        if worst is not None and worst.now.saturated >= STUCK:
            yield self._finding(worst, progress, model, fit, scripts)

    def _finding(
        self, stuck: Stuck, progress: Progress, model: ModelFacts, fit: FitFacts, scripts: Scripts
    ) -> Finding:
        site, gate = stuck.site, stuck.now
        layer = layer_of(site, model)
        feeding = _feeding(layer, model) if site.flow.input_rms >= LARGE else None
        # A training that ends there without a signal to follow shows no more than that.
        sure = stuck.from_the_start or (progress.failing and progress.has_signal is not False)
        severity: Severity = "error" if sure else "warning"
        finding = self.found(
            f"{gate.saturated:.0%} of the {gate.name} gate of {site.site.layer} lies at the ends "
            f"of its range{_when(stuck)}, where hardly any gradient passes{_why(site, feeding)}.",
            severity=severity,
            confidence=0.85 if stuck.from_the_start else 0.6,
            place=(feeding.place if feeding else None)
            or (layer.place if layer else None)
            or fit.place,
            layer=site.site.layer,
            evidence={
                "saturated_at_start": number(stuck.before.saturated if stuck.before else None, "1"),
                "saturated_at_end": number(gate.saturated, "1"),
                "stuck_units": number(gate.stuck_units, "1"),
                "size_of_inputs": number(site.flow.input_rms, "root mean square"),
            },
            treatments=[
                Treatment(
                    "normalize-what-comes-in",
                    "Bring what reaches the cell to unit size, for example by a "
                    "BatchNormalization in front of it; standard initial weights, a smaller rate.",
                    () if layer is None else _normalized(layer, scripts),
                )
            ],
        )
        step = gate.stuck_steps[0] if gate.stuck_steps else None
        location = dataclasses.replace(finding.location, gate=gate.name, timestep=step)
        return dataclasses.replace(finding, location=location)


def _gates(xrays: XRays) -> Iterator[Stuck]:
    """Yields every gate of the last x-ray beside itself before the first step."""
    before = {site.site.name: site for site in first_sites(xrays)}
    for site in last_sites(xrays):
        earlier = before.get(site.site.name)
        for gate in filter(functools.partial(two_ended, site), site.gates):
            yield Stuck(site, gate_of(earlier, gate.name) if earlier else None, gate)


def _when(stuck: Stuck) -> str:
    steps = stuck.now.stuck_steps
    where = f", at time steps {steps[0]} to {steps[1]} for most units" if steps else ""
    if stuck.before is None:
        return where
    before = stuck.before.saturated
    return f"{where} ({before:.0%} before the first update)"


def _why(site: SiteMeasures, feeding: LayerFacts | None) -> str:
    if site.flow.input_rms < LARGE:
        return ""
    giver = f"what {feeding.name} hands it" if feeding is not None else "what it reads"
    return f": {giver} has a root mean square of {site.flow.input_rms:.3g}"


def _feeding(layer: LayerFacts | None, model: ModelFacts) -> LayerFacts | None:
    """Returns the layer that a recurrent one, or the wrapper around it, reads."""
    if layer is not None and not layer.inputs and layer.inside is not None:
        layer = next((one for one in model.layers if one.name == layer.inside), None)
    if layer is None or len(layer.inputs) != 1:
        return None
    beside = (one for one in model.layers if one.inside == layer.inside)
    found = next((one for one in beside if one.name == layer.inputs[0]), None)
    return None if found is None or found.kind == "InputLayer" else found


def _normalized(layer: LayerFacts, scripts: Scripts) -> Edits:
    """Returns the edit that puts a normalization in front of a layer on a line of a list."""
    call = layer_call(layer, scripts)
    if call is None or layer.place is None or call.line != call.end_line:
        return ()
    script = scripts[layer.place.file]
    line, section = script.lines[call.line - 1], keras_name(script, "layers")
    around = line.encode()[: call.node.col_offset], line.encode()[call.node.end_col_offset :]
    if section is None or around[0].strip() or around[1].strip() != b",":
        return ()
    return insert_before(script, call.line, f"{section}.BatchNormalization(),")
