"""X-rays of an LSTM made with numpy, for the pictures of a report."""

from __future__ import annotations

import dataclasses

import numpy as np

from unstuck.findings.inside import picture
from unstuck.observe.xray import grids
from unstuck.observe.xray.facts import (
    FlowFacts,
    GateFacts,
    LagFacts,
    MemoryFacts,
    SiteFacts,
    SiteMeasures,
    StateFacts,
    XRayFacts,
)
from unstuck.observe.xray.trace import Trace
from unstuck.pictures import XRayPicture

GATES = ("input", "forget", "candidate", "output")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def trace(
    name: str = "lstm",
    samples: int = 8,
    steps: int = 60,
    units: int = 16,
    forget_bias: float = 1.0,
    masked: bool = False,
    gain: float = 1.0,
    seed: int = 0,
) -> Trace:
    """Runs an LSTM over noise forward and back; the loss pulls at its last hidden state."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(samples, steps, 3))
    kernel = draw.normal(size=(3, 4 * units)) * gain / np.sqrt(3)
    recurrent = np.linalg.qr(draw.normal(size=(4 * units, units)))[0].T * gain
    bias = np.zeros(4 * units)
    bias[units : 2 * units] = forget_bias
    lengths = draw.integers(steps // 3, steps, samples) if masked else np.full(samples, steps)
    mask = np.arange(steps) < lengths[:, None]
    h, c = np.zeros((2, samples, units))
    seen = []
    for step in range(steps):
        i, f, g, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        on = mask[:, step, None]
        before, c = c, np.where(on, f * c + i * g, c)
        h = np.where(on, o * np.tanh(c), h)
        seen.append([*(np.where(on, gate, 0) for gate in (i, f, g, o)), c, h, before])
    i, f, g, o, c, h, before = (np.stack(each, axis=1) for each in zip(*seen, strict=True))
    dh = draw.normal(size=(samples, units)) / samples
    dc = np.zeros_like(dh)
    pulled = np.zeros((6, samples, steps, units))
    for step in reversed(range(steps)):
        on = mask[:, step, None]
        bent = np.tanh(c[:, step])
        all_dc = dc + np.where(on, dh * o[:, step] * (1 - bent**2), 0)
        dz = [
            all_dc * g[:, step] * i[:, step] * (1 - i[:, step]),
            all_dc * before[:, step] * f[:, step] * (1 - f[:, step]),
            all_dc * i[:, step] * (1 - g[:, step] ** 2),
            dh * bent * o[:, step] * (1 - o[:, step]),
        ]
        dz = [np.where(on, each, 0) for each in dz]
        pulled[:, :, step] = [*dz, all_dc, dh]
        dc = np.where(on, all_dc * f[:, step], dc)
        dh = np.where(on, np.concatenate(dz, axis=1) @ recurrent.T, dh)
        # What float32 can't hold would only be slow.
        dc, dh = (np.where(np.abs(each) < 1e-44, 0, each) for each in (dc, dh))
    single = np.float32
    return Trace(
        site=SiteFacts(name, name, "LSTM", GATES, steps, 3, units, "tanh", "sigmoid"),
        mask=mask if masked else None,
        inputs=x.astype(single),
        gates={name: gate.astype(single) for name, gate in zip(GATES, (i, f, g, o), strict=True)},
        cell=c.astype(single),
        hidden=h.astype(single),
        gate_gradients={
            name: each.astype(single) for name, each in zip(GATES, pulled[:4], strict=True)
        },
        cell_gradient=pulled[4].astype(single),
        hidden_gradient=pulled[5].astype(single),
        input_gradient=np.zeros_like(x, single),
    )


def tiled(seen: Trace, along: int, across: int) -> Trace:
    """Repeats a trace in time and over units, which is quicker than a long run."""

    def wide(values):
        return np.tile(values, (1, along, across))

    steps, units = seen.site.steps * along, seen.site.units * across
    return dataclasses.replace(
        seen,
        site=dataclasses.replace(seen.site, steps=steps, units=units),
        mask=None if seen.mask is None else np.tile(seen.mask, (1, along)),
        inputs=np.tile(seen.inputs, (1, along, 1)),
        gates={name: wide(values) for name, values in seen.gates.items()},
        cell=wide(seen.cell),
        hidden=wide(seen.hidden),
        gate_gradients={name: wide(values) for name, values in seen.gate_gradients.items()},
        cell_gradient=wide(seen.cell_gradient),
        hidden_gradient=wide(seen.hidden_gradient),
        input_gradient=np.tile(seen.input_gradient, (1, along, 1)),
    )


def measures(seen: Trace) -> SiteMeasures:
    """Measures what the pictures show, in the plainest way."""
    counts = seen.counted
    gates = []
    for name, values in seen.gates.items():
        at = values[counts]
        end = (at < 0.02) | (at > 0.98) if name != "candidate" else np.abs(at) > 0.98
        pull = seen.gate_gradients[name][counts].astype(float)
        numbers = float(end.mean()), 0.0, 0.0, 0.0, float(at.mean())
        gates.append(GateFacts(name, *numbers, float(np.sqrt((pull**2).mean()))))
    last = int(counts.sum(axis=1).max())
    # Steps back from each sample's own last one.
    squares = [
        (pull[on][::-1].astype(float) ** 2).mean(axis=1)
        for pull, on in zip(seen.hidden_gradient, counts, strict=True)
    ]
    back = np.array(
        [
            np.sqrt(np.mean([each[lag] for each in squares if len(each) > lag]))
            for lag in range(last)
        ]
    )
    heard = int(np.argmin([*(back >= 0.01 * back[0]), False]))
    lags = (*range(0, last - 1, max(1, last // 60)), last - 1)
    return SiteMeasures(
        site=seen.site,
        gates=tuple(gates),
        memory=MemoryFacts(
            half_life=2.25,
            measured_half_life=3.5,
            horizon=heard - 1,
            lags=lags,
            gradient=tuple(float(back[lag]) for lag in lags),
            significance=tuple(0.01 if lag < heard else 0.7 for lag in lags),
        ),
        states=StateFacts(0.0, 0.0, 4.0, 0.0, None, 1.0, 0.2),
        weights=None,
        flow=FlowFacts(1.0, 0.2, None, 0.1, 0.1),
        masked=None if seen.mask is None else float(1 - counts.mean()),
    )


def lag(needed: int | None = 48, window: int = 60, **rest) -> LagFacts:
    return LagFacts("dense", window, needed, 0.8, **rest)


def xray(
    *traces: Trace, step: int = 0, reason: str = "start", lags: tuple[LagFacts, ...] = ()
) -> XRayPicture:
    facts = XRayFacts(step, reason, 8, 0.5, tuple(measures(seen) for seen in traces))
    return picture(facts, {seen.site.name: grids.kept(seen) for seen in traces}, lags)


def withheld(step: int = 0, reason: str = "start", why: str = "") -> XRayPicture:
    return picture(XRayFacts(step, reason, 8, None, (), withheld=why), {})


def course(
    name: str = "lstm", forget: tuple[float, ...] = (1.0, 1.2, 1.5), needed: int | None = 48, **rest
) -> tuple[XRayPicture, ...]:
    """The x-rays of a training in which the forget gate's bias drifts."""
    reasons = ["start", *["spread"] * (len(forget) - 2), "end"]
    lags = (lag(needed, rest.get("steps", 60)),)
    return tuple(
        xray(
            trace(name, forget_bias=bias, seed=index, **rest),
            step=index * 150,
            reason=reason,
            lags=lags,
        )
        for index, (bias, reason) in enumerate(zip(forget, reasons, strict=True))
    )


def renamed(seen: XRayPicture, name: str) -> XRayPicture:
    """Gives every site and gate and output a name."""
    sites = tuple(
        dataclasses.replace(
            site,
            name=name + str(index or ""),
            layer=name,
            gates=tuple(dataclasses.replace(gate, name=name + gate.name) for gate in site.gates),
            maps=tuple(
                dataclasses.replace(grid, quantity=name + grid.quantity) for grid in site.maps
            ),
        )
        for index, site in enumerate(seen.sites)
    )
    lags = tuple(dataclasses.replace(each, output=name) for each in seen.lags)
    return dataclasses.replace(seen, sites=sites, lags=lags, withheld=None)
