"""What x-rays show, worded: for the terminal, the page and the notebook alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from unstuck.pictures import GatePicture, LagPicture, SitePicture, XRayPicture
from unstuck.record import FitReport
from unstuck.report import wording

NAME = 100
"""Characters of a layer's or a gate's name, which a report repeats."""

LAYERS = 8
"""Layers whose bars and tables a report shows for one fit."""
WHOLE = 6
"""Fits of which a report shows the inside, not only the sentence that sums it up."""
KEEPERS = ("forget", "update")
"""The gates that decide what a cell keeps, of an LSTM and of a GRU."""


def inside(xrays: Sequence[XRayPicture], whole: bool = True) -> dict[str, Any] | None:
    """Returns what a report says of the inside of the cells; None without an x-ray.

    Args:
        xrays: In the order of training.
        whole: Whether to say more than one sentence.

    Returns:
        ``sentence`` (None where nothing is known), ``whole``, ``course`` (when and on what it was
        measured), ``sites`` (each with ``name``, ``size``, ``gates`` and ``memory``, from the
        first x-ray to the last), ``more`` (how many of these are left out) and ``withheld``.
    """
    if not xrays:
        return None
    sites = list(by_site(xrays).values()) if whole else []
    return {
        "sentence": sentence(xrays),
        "whole": whole,
        "course": _course(xrays) if sites else "",
        "sites": [_site(pictures) for pictures in sites[:LAYERS]],
        "more": max(0, len(sites) - LAYERS),
        "withheld": [
            {"when": when(xray), "why": wording.visible(xray.withheld)}
            for xray in xrays
            if xray.withheld
        ],
    }


def shown_whole(fits: Iterable[FitReport]) -> list[bool]:
    """Returns of which fits the inside is shown: of the first WHOLE that have x-rays."""
    shown: list[bool] = []
    for fit in fits:
        shown.append(bool(fit.xrays) and sum(shown) < WHOLE)
    return shown


def by_site(xrays: Iterable[XRayPicture]) -> dict[str, list[SitePicture]]:
    """Returns the pictures of each site by its name, in the order of training."""
    found: dict[str, list[SitePicture]] = {}
    for xray in xrays:
        for site in xray.sites:
            found.setdefault(site.name, []).append(site)
    return found


def when(xray: XRayPicture) -> str:
    """Says when an x-ray was taken."""
    if xray.step == 0:
        return "before training"
    steps = f"after {_count(xray.step)}"
    return {"end": f"at the end, {steps}", "jump": f"{steps}, at a jump"}.get(xray.reason, steps)


def sentence(xrays: Sequence[XRayPicture]) -> str | None:
    """Says in one sentence whether the learning signal reaches what decides the answer."""
    known = [reach for xray in xrays if (reach := _reach(xray)) is not None]
    if not known:
        return None
    lags = [lag for xray in xrays for lag in xray.lags]
    needs = [(lag.needed, lag) for lag in lags if lag.needed is not None]
    if not needs:
        start = "Nothing in the inputs was found to inform the answer. " if lags else ""
        return f"{start}The network's learning signal {_fades(known)}."
    needed, lag = max(needs, key=lambda need: need[0])
    several = len({each.output for each in lags}) > 1
    judged = _judged(needed, known, strength(xrays[-1], needed))
    return f"{_need(lag, needed, several)}the network's learning signal {judged}.{_earlier(lag)}"


def reaches(site: SitePicture) -> str:
    """Says from how far back the gradient of a site arrives."""
    reach = _site_reach(site)
    if reach is None:
        return "not known"
    if reach.lag == UNHEARD:
        return "lost in noise"
    if reach.all_steps:
        return f"all {_count(reach.all_steps)}"
    return f"{_count(reach.lag)} back" if reach.lag else "the last step only"


def keeper(site: SitePicture) -> str:
    """Returns the name of the gate that decides what a cell keeps."""
    names = [gate.name for gate in site.gates if gate.name in KEEPERS]
    return names[0] if names else KEEPERS[0]


UNHEARD = -1
"""Stands for no step at all, where 0 is the last one."""


@dataclasses.dataclass(frozen=True, order=True)
class _Reach:
    """The furthest step back from which a gradient arrives; all steps, where there are no more."""

    lag: int
    all_steps: int = 0


def _site_reach(site: SitePicture) -> _Reach | None:
    memory = site.memory
    if memory.horizon is None:
        return None
    if not memory.heard:
        return _Reach(UNHEARD)
    # Masked sequences may all be shorter than what the layer has room for.
    furthest = min(site.steps - 1, max(memory.lags, default=site.steps - 1))
    return _Reach(memory.horizon, furthest + 1 if memory.horizon >= furthest else 0)


def _reach(xray: XRayPicture) -> _Reach | None:
    """The furthest that the gradient arrives at any layer: through it, layers before it learn."""
    found = [reach for site in xray.sites if (reach := _site_reach(site)) is not None]
    return max(found, default=None)


def _need(lag: LagPicture, needed: int, several: bool) -> str:
    answer = f"the answer of {wording.visible(lag.output, NAME)}" if several else "the answer"
    if needed == 0:
        return f"The last step alone decides {answer}; "
    return f"What decides {answer} lies up to {_count(needed)} back; "


FAINT = 0.01
"""Share of its largest size below which a gradient is called faint: it stands out of its noise,
but a hundred nearer steps of that size would hide it."""


def strength(xray: XRayPicture, lag: int) -> float | None:
    """Returns the gradient at a lag over the largest of its layer, for the layer that gets most."""
    found = []
    for site in xray.sites:
        pairs = zip(site.memory.lags, site.memory.gradient, strict=True)
        sizes = {at: size for at, size in pairs if size is not None}
        if sizes and max(sizes.values()) > 0:
            nearest = min(sizes, key=lambda at: abs(at - lag))
            found.append(sizes[nearest] / max(sizes.values()))
    return max(found, default=None)


def _judged(needed: int, known: Sequence[_Reach], strength: float | None) -> str:
    last, most = known[-1], max(known)
    if last.lag >= needed:
        if strength is not None and 0 < strength < FAINT:
            return (
                f"{_far(last)}, but arrives there with 1/{wording.number(round(1 / strength))} "
                "of its strength"
            )
        return f"{_far(last)}: far enough"
    if most.lag < needed:
        return _fades(known)
    # A model that has learnt its task hears nothing any more: the loss is at its minimum.
    end = f"fades after {wording.number(last.lag)}" if last.lag > 0 else "is lost in noise"
    return f"reached {wording.number(most.lag)} steps back in training, and {end} at the end"


def _fades(known: Sequence[_Reach]) -> str:
    """Words the last reach, and the furthest where that was another one."""
    last, most = known[-1], max(known)
    if last.all_steps:
        return _far(last)
    end = "does not stand out of the noise, not even at the last step"
    if last.lag > UNHEARD:
        end = (
            f"fades after {wording.number(last.lag)}" if last.lag else "is lost after the last step"
        )
    if most.lag > max(0, last.lag):
        return f"{end} (at its furthest it reached {wording.number(most.lag)})"
    return end


def _far(reach: _Reach) -> str:
    if reach.all_steps:
        return f"reaches all {_count(reach.all_steps)}"
    return f"reaches {wording.number(reach.lag)}" if reach.lag else "reaches it"


def _count(steps: int) -> str:
    return f"{wording.number(steps)} step{'s' if steps != 1 else ''}"


def _earlier(lag: LagPicture) -> str:
    if lag.beyond is None:
        return ""
    window, beyond = wording.number(lag.window), wording.number(lag.beyond)
    return f" Data from before the window of {window} steps, up to {beyond} back, would add to it."


def _course(xrays: Sequence[XRayPicture]) -> str:
    seen = [xray for xray in xrays if xray.sites]
    if not seen:
        return ""
    batch = f"on one fixed batch of {wording.number(seen[-1].samples)} samples"
    if len(seen) == 1:
        return f"{when(seen[0])}, {batch}"
    return f"{when(seen[0])} → {when(seen[-1])}, {batch}"


def _site(pictures: Sequence[SitePicture]) -> dict[str, Any]:
    ends = [pictures[0], pictures[-1]]
    site = pictures[-1]
    starts = {gate.name: gate for gate in pictures[0].gates}
    return {
        "name": wording.visible(site.name, NAME),
        "size": f"{wording.visible(site.kind)}, {site.units:,} units, {site.steps:,} time steps",
        "gates": [_gate(starts.get(gate.name, gate), gate) for gate in site.gates],
        "memory": [
            {"name": name, "value": _change(words)}
            for name, words in (
                ("learning signal", [reaches(e) for e in ends]),
                (
                    f"the {keeper(site)} gate alone halves what the cell holds in",
                    [_steps(e.memory.half_life) for e in ends],
                ),
                (
                    "the effect of a state on the last one halves in",
                    [_steps(e.memory.measured_half_life) for e in ends],
                ),
            )
            if any(words)
        ],
    }


def _gate(start: GatePicture, end: GatePicture) -> dict[str, str]:
    return {
        "name": wording.visible(end.name, NAME),
        "mean": _change([wording.number(each.mean) for each in (start, end)]),
        "saturated": _change([_share(each.saturated) for each in (start, end)]),
        "gradient": _change([wording.number(each.gradient) for each in (start, end)]),
    }


def _change(ends: Sequence[str]) -> str:
    """Joins what stood at the start and at the end; what stayed the same is said once."""
    start, end = (word or "unknown" for word in ends)
    return end if start == end else f"{start} → {end}"


def _share(value: float | None) -> str:
    return "unknown" if value is None else wording.share(value)


def _steps(value: float | None) -> str:
    return "" if value is None else f"{wording.number(value)} steps"
