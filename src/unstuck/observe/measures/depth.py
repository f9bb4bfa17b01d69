"""How signal and gradient change from the first recurrent site to the last."""

from __future__ import annotations

from collections.abc import Sequence

from unstuck.observe.measures.rows import ratio
from unstuck.observe.xray.facts import DepthFacts, SiteMeasures


def depth_facts(sites: Sequence[SiteMeasures]) -> DepthFacts | None:
    """Compares the sites of one x-ray, in the order of the data; None for fewer than two.

    A site's gradient is the root mean square of dL/dz over gates, units and counted steps: what its
    weights learn from, up to its inputs. dL/dh would compare sites whose every step is asked for
    something with one that is only asked for its last.
    """
    if len(sites) < 2:
        return None
    ordered = sorted(sites, key=lambda site: site.site.depth)
    gradients = tuple(_gradient(site) for site in ordered)
    outputs = tuple(site.flow.output_rms for site in ordered)
    return DepthFacts(
        sites=tuple(site.site.name for site in ordered),
        gradients=gradients,
        outputs=outputs,
        gradient_ratio=ratio(gradients[0], gradients[-1]),
        output_ratio=ratio(outputs[-1], outputs[0]),
    )


def _gradient(site: SiteMeasures) -> float:
    """Root mean square over gates; that of dL/dx where the gates aren't known."""
    squares = [gate.gradient**2 for gate in site.gates] or [site.flow.input_gradient**2]
    return float((sum(squares) / len(squares)) ** 0.5)
