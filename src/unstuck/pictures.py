"""What a report draws of the inside of recurrent cells, as frozen dataclasses without numpy."""

from __future__ import annotations

import dataclasses
from typing import Literal

Measure = Literal["activation", "gradient"]


@dataclasses.dataclass(frozen=True)
class Grid:
    """One quantity inside a recurrent cell, over its units (rows) and time steps (columns).

    Attributes:
        quantity: A gate's name, "cell state" or "hidden state".
        measure: "activation" (its mean over samples) or "gradient" (root mean square over
            samples of the loss's derivative by the gate's pre-activation, or by the state).
        data: float32, little-endian, row by row; NaN where no sample counts.
    """

    quantity: str
    measure: Measure
    shape: tuple[int, int]
    data: bytes


@dataclasses.dataclass(frozen=True)
class GatePicture:
    """One gate over all samples, steps and units.

    Attributes:
        mean: Mean activation.
        saturated: Share of activations at an end of the gate's range.
        gradient: Root mean square of the gradient at its pre-activation.
    """

    name: str
    mean: float | None
    saturated: float | None
    gradient: float | None


@dataclasses.dataclass(frozen=True)
class MemoryPicture:
    """How far back a cell remembers, in steps before the last one.

    Attributes:
        horizon: Furthest step back from which the gradient stands out of its noise, 0 being the
            last step; None where too few samples tell.
        heard: Whether it stands out at the last step at least, where the horizon is 0.
        half_life: Steps in which the forget gate alone halves what the cell holds.
        measured_half_life: Steps in which its state's effect on the last state halves.
        lags: Steps back at which the gradient is given.
        gradient: Root mean square of the loss's derivative by the hidden state.
    """

    horizon: int | None = None
    heard: bool = True
    half_life: float | None = None
    measured_half_life: float | None = None
    lags: tuple[int, ...] = ()
    gradient: tuple[float | None, ...] = ()


@dataclasses.dataclass(frozen=True)
class SitePicture:
    """One recurrent layer in one x-ray.

    Attributes:
        name: Path of the layer in the model.
        kind: "LSTM", "GRU" and so on.
        step_bins: First and last time step of each column of the maps.
        unit_bins: First and last unit of each row.
        counted: Share of samples that count in each column; the others are masked there.
        maps: By quantity and measure; empty where the recording holds none.
    """

    name: str
    layer: str
    kind: str
    steps: int
    units: int
    gates: tuple[GatePicture, ...]
    memory: MemoryPicture
    step_bins: tuple[tuple[int, int], ...] = ()
    unit_bins: tuple[tuple[int, int], ...] = ()
    counted: tuple[float, ...] = ()
    maps: tuple[Grid, ...] = ()


@dataclasses.dataclass(frozen=True)
class LagPicture:
    """How far back the inputs inform one output.

    Attributes:
        window: Time steps that one sample holds.
        needed: Steps back from the last one that the answer depends on, 0 being the last step
            alone; None where the inputs inform nothing.
        beyond: Steps back, outside of the window, up to which earlier data would add.
    """

    output: str
    window: int
    needed: int | None
    beyond: int | None = None


@dataclasses.dataclass(frozen=True)
class XRayPicture:
    """What one x-ray of a fixed batch shows.

    Attributes:
        step: Training steps made before it was taken.
        reason: "start", "spread", "jump" or "end".
        samples: Samples in the batch.
        sites: In the order of the data.
        lags: What the task needs, one for each output of which that is known.
        withheld: Why no site is shown, None where they are.
    """

    step: int
    reason: str
    samples: int
    loss: float | None
    sites: tuple[SitePicture, ...]
    lags: tuple[LagPicture, ...] = ()
    withheld: str | None = None
