"""What x-rays saw, by the layers of the model that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.observe.xray.facts import GateFacts, SiteMeasures, XRayFacts

XRays = tuple[XRayFacts, ...]

TWO_ENDED = ("sigmoid", "tanh", "hard_sigmoid", "hard_tanh", "softsign", "sparse_sigmoid")
"""Functions with an end on both sides, between which a gate is at work. relu is at its one end for
half of all inputs, and well."""
FREE = 0.05
"""Share of a gate's activations at its ends up to which it is free, as before any training."""
STUCK = 0.5
"""Share from which it is stuck. A cell that has learned to remember holds some at an end, a fifth
of them in the tasks that were tried; before training a standard one holds none."""


def first_sites(xrays: XRays) -> tuple[SiteMeasures, ...]:
    """Returns the sites before the first step; empty where none were seen then."""
    return xrays[0].sites if xrays and xrays[0].step == 0 else ()


def last_sites(xrays: XRays) -> tuple[SiteMeasures, ...]:
    """Returns the sites of the last x-ray that shows any."""
    return next((xray.sites for xray in reversed(xrays) if xray.sites), ())


def all_sites(xrays: XRays, name: str) -> tuple[SiteMeasures, ...]:
    """Returns one site in every x-ray that shows it, in the order of training."""
    return tuple(site for xray in xrays for site in xray.sites if site.site.name == name)


def layer_of(site: SiteMeasures, model: ModelFacts) -> LayerFacts | None:
    """Returns the layer of the model that a site is a call of, None where it isn't known."""
    path = site.site.name.split("#")[0].split("/")
    alike = [layer for layer in model.layers if layer.name == site.site.layer]
    held = [layer for layer in alike if layer.inside in path]
    return next(iter(held or alike), None)


def sites_of(
    layer: LayerFacts, sites: tuple[SiteMeasures, ...], model: ModelFacts
) -> Iterator[SiteMeasures]:
    """Yields the sites of a layer, or of the layers that a wrapper holds."""
    for site in sites:
        owner = layer_of(site, model)
        if owner is not None and (owner is layer or owner.inside == layer.name):
            yield site


def gate_of(site: SiteMeasures, name: str) -> GateFacts | None:
    """Returns a gate of a site by its name, None if the cell has none of that name."""
    return next((gate for gate in site.gates if gate.name == name), None)


def two_ended(site: SiteMeasures, gate: GateFacts) -> bool:
    """Whether a gate that lies at an end of its range does not work."""
    cell, gates = site.site.activation, site.site.recurrent_activation
    return (cell if gate.name == "candidate" else gates) in TWO_ENDED


def growth(layer: LayerFacts, xrays: XRays, model: ModelFacts) -> float | None:
    """Returns the largest growth of a layer's state over a sequence, in any x-ray."""
    grown = [
        site.states.growth
        for xray in xrays
        for site in sites_of(layer, xray.sites, model)
        if site.states.growth is not None
    ]
    return max(grown, default=None)


def stuck_since(xrays: XRays) -> float | None:
    """Returns the largest share of a gate's activations that lies at its ends since training began.

    None where no gate was seen to be free before the first step and stuck at the end.
    """
    before = {site.site.name: site for site in first_sites(xrays)}
    shares = [
        now.saturated
        for site in last_sites(xrays)
        for now in site.gates
        if site.site.name in before
        and two_ended(site, now)
        and (then := gate_of(before[site.site.name], now.name)) is not None
        and then.saturated < FREE
        and now.saturated >= STUCK
    ]
    return max(shares, default=None)
