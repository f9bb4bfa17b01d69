"""From the x-rays of a recording to the pictures that a report draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import get_args

import numpy as np

from unstuck.observe.measures.horizon import LEVEL
from unstuck.observe.packing import Array
from unstuck.observe.xray import grids
from unstuck.observe.xray.facts import (
    GateFacts,
    LagFacts,
    MemoryFacts,
    SiteFacts,
    SiteMeasures,
    XRayFacts,
)
from unstuck.pictures import (
    GatePicture,
    Grid,
    LagPicture,
    Measure,
    MemoryPicture,
    SitePicture,
    XRayPicture,
)

Arrays = Mapping[str, Array]


def pictures(
    xrays: Iterable[XRayFacts],
    arrays: Callable[[int, str], Arrays],
    lags: Iterable[LagFacts] = (),
) -> tuple[XRayPicture, ...]:
    """Returns one picture for each x-ray of a fit.

    Args:
        xrays: In the order in which they were taken.
        arrays: What was kept, by position of the x-ray and name of the site.
        lags: How far back the inputs inform the targets.
    """
    needs = tuple(lags)
    return tuple(
        picture(
            facts, {site.site.name: arrays(index, site.site.name) for site in facts.sites}, needs
        )
        for index, facts in enumerate(xrays)
    )


def picture(
    facts: XRayFacts, kept: Mapping[str, Arrays], lags: Iterable[LagFacts] = ()
) -> XRayPicture:
    """Returns the picture of one x-ray.

    Args:
        facts: What was measured.
        kept: By site, what ``xray.grids.kept`` gave; a site may be missing.
        lags: How far back the inputs inform the targets.
    """
    return XRayPicture(
        step=facts.step,
        reason=facts.reason,
        samples=facts.samples,
        loss=_finite(facts.loss),
        sites=tuple(_site(site, kept.get(site.site.name, {})) for site in facts.sites),
        lags=tuple(LagPicture(lag.output, lag.window, lag.needed, lag.beyond) for lag in lags),
        withheld=facts.withheld,
    )


def _site(measures: SiteMeasures, kept: Arrays) -> SitePicture:
    site = measures.site
    return SitePicture(
        name=site.name,
        layer=site.layer,
        kind=site.kind,
        steps=site.steps,
        units=site.units,
        gates=tuple(_gate(gate) for gate in measures.gates),
        memory=_memory(measures.memory),
        step_bins=_bins(kept, grids.STEP_BINS),
        unit_bins=_bins(kept, grids.UNIT_BINS),
        counted=_counted(kept),
        maps=tuple(_maps(site, kept)),
    )


def _gate(facts: GateFacts) -> GatePicture:
    return GatePicture(
        facts.name, _finite(facts.mean), _finite(facts.saturated), _finite(facts.gradient)
    )


def _memory(facts: MemoryFacts) -> MemoryPicture:
    return MemoryPicture(
        horizon=facts.horizon,
        heard=bool(facts.horizon) or any(value <= LEVEL for value in facts.significance[:1]),
        half_life=_finite(facts.half_life),
        measured_half_life=_finite(facts.measured_half_life),
        lags=facts.lags,
        gradient=tuple(_finite(value) for value in facts.gradient),
    )


def _maps(site: SiteFacts, kept: Arrays) -> Iterable[Grid]:
    for quantity in grids.quantities(site.gates):
        for measure in get_args(Measure):
            values = kept.get(grids.chart(measure, quantity))
            if values is not None:
                rows, columns = values.shape
                yield Grid(quantity, measure, (rows, columns), values.astype("<f4").tobytes())


def _bins(kept: Arrays, name: str) -> tuple[tuple[int, int], ...]:
    found = kept.get(name)
    return () if found is None else tuple((int(first), int(last)) for first, last in found)


def _counted(kept: Arrays) -> tuple[float, ...]:
    if grids.COUNTED not in kept:
        return ()
    shares, steps = kept[grids.COUNTED].astype(float), kept[grids.STEP_BINS]
    widths = steps[:, 1] - steps[:, 0] + 1
    return tuple((np.add.reduceat(shares, steps[:, 0]) / widths).tolist())


def _finite(value: float | None) -> float | None:
    """What JSON can't hold comes back from a recording as None; a live x-ray's is made so here."""
    return value if value is not None and math.isfinite(value) else None
