"""X-rays made by hand: a site that is well unless a test says otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from unstuck.observe.xray.facts import (
    FlowFacts,
    GateFacts,
    MemoryFacts,
    SiteFacts,
    SiteMeasures,
    StateFacts,
    WeightFacts,
    XRayFacts,
)

GATES = {
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("update", "reset", "candidate"),
    "SimpleRNN": ("candidate",),
}


def gate(name: str, **told: Any) -> GateFacts:
    """A gate in the middle of its range."""
    plain = {"saturated": 0.02, "shut": 0.01, "open": 0.01, "stuck_units": 0.0, "mean": 0.5}
    return GateFacts(name, **{**plain, "gradient": 1e-3, **told})


def site(
    layer: str = "lstm",
    kind: str = "LSTM",
    *,
    gates: Mapping[str, Mapping[str, Any]] | None = None,
    memory: Mapping[str, Any] | None = None,
    states: Mapping[str, Any] | None = None,
    weights: Mapping[str, Any] | None = None,
    flow: Mapping[str, Any] | None = None,
    masked: float | None = None,
    **told: Any,
) -> SiteMeasures:
    """One site; each argument gives what differs from a layer that is well.

    Args:
        gates: By name of the gate; "all" stands for every gate.
        told: Fields of the site itself.
    """
    facts = SiteFacts(
        **{
            **{"name": layer, "layer": layer, "kind": kind, "gates": GATES[kind]},
            **{"steps": 5, "features": 2, "units": 4, "activation": "tanh"},
            **{"recurrent_activation": None if kind == "SimpleRNN" else "sigmoid"},
            **told,
        }
    )
    given = dict(gates or {})
    everywhere = given.pop("all", {})
    named = tuple(gate(name, **{**everywhere, **given.get(name, {})}) for name in facts.gates)
    forget = kind == "LSTM"
    well = WeightFacts(
        spectral_radius=dict.fromkeys(facts.gates, 1.0),
        singular_values=dict.fromkeys(facts.gates, (1.0, 1.0, 1.0)),
        kernel_scale=1.0,
        recurrent_scale=1.0,
        forget_bias=1.0 if forget else None,
        constant=False,
        symmetric_units=0.0,
    )
    return SiteMeasures(
        site=facts,
        gates=named,
        memory=MemoryFacts(
            **{"half_life": 2.2, "measured_half_life": 2.2, "horizon": 4, **(memory or {})}
        ),
        states=StateFacts(
            **{
                **{"dead_units": 0.0, "constant_units": 0.0, "rank": 3.0, "twins": 0.0},
                **{"growth": 1.2, "largest": 0.8, "rms": 0.2, **(states or {})},
            }
        ),
        weights=dataclasses.replace(well, **(weights or {})),
        flow=FlowFacts(
            **{
                **{"input_rms": 1.0, "output_rms": 0.2, "expected_output_rms": 0.2},
                **{"output_gradient": 1e-2, "input_gradient": 1e-3},
                **(flow or {}),
            }
        ),
        masked=masked,
    )  # fmt: skip


def xray(*sites: SiteMeasures, step: int = 0, reason: str = "start") -> XRayFacts:
    """One x-ray of some sites; without any, of one that is well."""
    return XRayFacts(step, reason, 32, 1.0, sites or (site(),))


def both(*sites: SiteMeasures) -> tuple[XRayFacts, XRayFacts]:
    """The same sites at the start and at the end of training."""
    return xray(*sites), xray(*sites, step=60, reason="end")
