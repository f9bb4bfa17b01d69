"""Initial weights of a run, and what each initializer is to blame for."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.findings.initialization.start import DEFAULTS, OPTIONS, Start, start_of
from unstuck.findings.replayed import XRays, first_sites, last_sites, sites_of
from unstuck.findings.rule import number
from unstuck.findings.series import StepSeries, Watched
from unstuck.observe.xray.facts import SiteMeasures
from unstuck.record import Quantity

OVER = 4.0
"""Spread that inputs of unit size give a pre-activation at the start, from which weights are too
large: at 4 a sigmoid is within 2 % of its end. Glorot, LeCun and He give at most 1.5."""
UNDER = 0.01
"""The same for weights that are too small: they change a gate by a quarter percent."""
GROWN = 10.0
"""Growth over a training after which small weights are small no more: the cause lies elsewhere."""
ONE = 1.5
"""Effective rank up to which the states of a layer are those of one unit."""
SEEN = 0.1
"""Share of gate activations at their ends from which large weights are seen to do harm."""
SHUT = 0.15
"""Mean of a gate that hardly lets anything pass; a standard one begins at 0.5, a forget gate at
0.73. A cell that forgets 85 % a step has forgotten all but 2 % after two."""
STUCK = 0.5
"""Share of activations at an end of their range, from which a start is called saturated."""
EQUAL = 0.9
"""Share of units that copy another one from which a layer is one unit."""
NEGATIVE = -2.0
"""A constant bias below which a gate starts shut: sigmoid(-2) = 0.12."""
RECURRENT = ("LSTM", "GRU", "SimpleRNN")


@dataclasses.dataclass(frozen=True)
class Fault:
    """One initializer to blame.

    Attributes:
        layer: The layer whose weight it is.
        option: The layer's option that chooses it.
        start: What it gives.
        how: What that does, as the end of a sentence about the layer.
        sure: Whether it is measured that it still holds at the end.
        gate: The gate that suffers most, None where none is named.
    """

    layer: LayerFacts
    option: str
    start: Start
    how: str
    sure: bool
    evidence: dict[str, Quantity] = dataclasses.field(default_factory=dict)
    gate: str | None = None


def scales(steps: StepSeries | None, model: ModelFacts, xrays: XRays) -> Iterator[Fault]:
    """Yields what the size of the weights before the first update is to blame for."""
    if steps is None or not len(steps.index) or steps.index[0] != 0:
        return
    norms = steps.column("weight_norm")
    for at, watched in enumerate(steps.watched):
        layer, option = _owner(watched, model), OPTIONS.get(watched.weight, "")
        start = None if layer is None else start_of(layer.config.get(option))
        if layer is None or start is None or option == "bias_initializer":
            continue
        if start.name in DEFAULTS.get(option, ()) and watched.weight != "embeddings":
            continue
        drive = _drive(watched, float(norms[0, at]))
        growth = float(norms[-1, at] / norms[0, at]) if norms[0, at] > 0 else None
        evidence = {
            "unit_drive": number(drive, "pre-activation"),
            "weight_growth": number(growth, "1"),
        }
        fault = Fault(layer, option, start, "", sure=False, evidence=evidence)
        yield from _judged(fault, drive, growth, bool(norms[-1, at] == 0), model, xrays)


def _judged(
    fault: Fault,
    drive: float,
    growth: float | None,
    still_zero: bool,
    model: ModelFacts,
    xrays: XRays,
) -> Iterator[Fault]:
    layer, constant = fault.layer, fault.start.constant
    if constant is not None:
        sure = still_zero or _alike(layer, model, xrays)
        how = f"all weights are {constant:g}, so its units get the same gradient"
        yield dataclasses.replace(fault, how=how, sure=sure)
    elif drive >= OVER:
        saturated = _saturated(layer, model, xrays)
        how = f"inputs of unit size drive it by {drive:.3g}, where its gates are at their ends"
        sure = saturated is None or saturated >= SEEN
        yield dataclasses.replace(fault, how=how, sure=sure)
    elif drive <= UNDER:
        how = f"inputs of unit size drive it by {drive:.2g} only, and hardly more at the end"
        yield dataclasses.replace(fault, how=how, sure=growth is not None and growth < GROWN)


def _drive(watched: Watched, norm: float) -> float:
    """Returns the spread of the pre-activation that independent inputs of unit size give."""
    size = math.prod(watched.shape) or 1
    fan_in = 1 if watched.weight == "embeddings" else math.prod(watched.shape[:-1])
    return norm / math.sqrt(size) * math.sqrt(fan_in)


def _owner(watched: Watched, model: ModelFacts) -> LayerFacts | None:
    """Returns the layer of a variable, the innermost that its path names."""
    parts = watched.path.split("/")
    named = [layer for layer in model.layers if layer.name in parts or layer.name == watched.layer]
    return max(named, key=lambda layer: _last(parts, layer.name), default=None)


def _last(parts: list[str], name: str) -> int:
    return parts.index(name) if name in parts else -1


def _alike(layer: LayerFacts, model: ModelFacts, xrays: XRays) -> bool:
    """Whether the units of a layer still say the same thing at the end."""
    return any(
        site.states.twins >= EQUAL
        or site.states.rank <= ONE
        or (site.weights is not None and site.weights.symmetric_units >= EQUAL)
        for site in sites_of(layer, last_sites(xrays), model)
        if site.site.units > 1
    )


def _saturated(layer: LayerFacts, model: ModelFacts, xrays: XRays) -> float | None:
    shares = [
        gate.saturated for site in sites_of(layer, first_sites(xrays), model) for gate in site.gates
    ]
    return max(shares, default=None)


def biases(model: ModelFacts, xrays: XRays) -> Iterator[Fault]:
    """Yields recurrent layers whose gates a constant bias holds at an end."""
    for layer in model.layers:
        start = start_of(layer.config.get("bias_initializer"))
        if layer.kind not in RECURRENT or start is None or not start.constant:
            continue
        first = list(sites_of(layer, first_sites(xrays), model))
        last = list(sites_of(layer, last_sites(xrays), model))
        held = [name for site in first for name in _held(site)]
        if not first:
            if start.constant <= NEGATIVE:
                yield Fault(layer, "bias_initializer", start, _SHUTTING, sure=False)
        elif held:
            still = [name for site in last for name in _held(site) if name in held]
            means = {gate.name: gate.mean for site in first for gate in site.gates}
            yield Fault(
                layer,
                "bias_initializer",
                start,
                f"its {held[0]} gate starts at {means[held[0]]:.2g} on average, and "
                + ("stays there" if still else "has left that since"),
                sure=bool(still),
                evidence={"gate_at_start": number(means[held[0]], "1")},
                gate=held[0],
            )


_SHUTTING = "a bias that negative shuts its gates, so that nothing is written or kept"


def _held(site: SiteMeasures) -> Iterator[str]:
    """Yields the gates that let hardly anything pass, or are at an end for most inputs."""
    for gate in site.gates:
        shut = gate.name != "candidate" and gate.mean <= SHUT
        if shut or gate.saturated >= STUCK:
            yield gate.name
