"""What is left of a state, and of the gradient to it, at the lag that a task needs."""

from __future__ import annotations

import dataclasses

from unstuck.case.facts import ModelFacts
from unstuck.findings.replayed import XRays, first_sites, last_sites
from unstuck.findings.sequence.reach import explained_by, readers
from unstuck.observe.xray.facts import LagFacts, SiteMeasures

FAINT = 1e-4
"""Share of a change of the state that is left at the last step, below which nothing is learned from
it: a standard LSTM keeps as much over 30 steps, and learns a value given there in some 250 updates;
over 45 steps, a tenth of it, it takes a thousand."""


@dataclasses.dataclass(frozen=True)
class Decay:
    """The reach of the layer that remembers best.

    Attributes:
        at_start: Share of a change of its state at the needed lag that is left at the last step,
            before training.
        at_end: The same after it.
        near: Share of the targets' variance that lags within reach explain.
        far: What those out of reach add.
    """

    site: SiteMeasures
    at_start: float
    at_end: float
    near: float
    far: float

    @property
    def still(self) -> bool:
        """Whether training has not lengthened it."""
        return self.at_end <= FAINT


def decay(lag: LagFacts, xrays: XRays, model: ModelFacts) -> Decay | None:
    """Returns the reach at a lag, None where it is long enough or isn't known."""
    if not lag.needed or not readers(model):
        return None
    before = {site.site.name: site for site in first_sites(xrays)}
    pairs = [(before.get(site.site.name), site) for site in last_sites(xrays)]
    known = [
        (start, first, last, site)
        for start, site in pairs
        if start is not None
        and site.site.steps == lag.window
        and (first := left_at(start, lag.needed)) is not None
        and (last := left_at(site, lag.needed)) is not None
    ]
    if not known:
        return None
    start, first, last, site = max(known, key=lambda one: one[1])
    if first > FAINT:
        return None
    within = max((at for at, left in _curve(start) if left > FAINT), default=0)
    near = max(explained_by(lag, within), 0.0)
    return Decay(site, first, last, near, lag.score - near)


def left_at(site: SiteMeasures, lag: int) -> float | None:
    """Returns what is left after a number of steps, by the nearest lag that is no longer."""
    return next((left for at, left in reversed(_curve(site)) if at <= lag), None)


def _curve(site: SiteMeasures) -> list[tuple[int, float]]:
    return list(zip(site.memory.lags, site.memory.reach, strict=False))
