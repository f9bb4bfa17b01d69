"""How far back the last state of a recurrent layer reaches, and which models rest on it."""

from __future__ import annotations

import dataclasses
import math

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.case.script import Call, Model
from unstuck.findings.replayed import last_sites
from unstuck.observe.xray.facts import LagFacts, XRayFacts

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional")
TRANSPARENT = (
    *("Input", "InputLayer", "Dropout", "Normalization", "BatchNormalization"),
    *("LayerNormalization", "Rescaling", "GaussianNoise", "Masking"),
)
"""Layers that leave the time axis as it is."""
POOLING = ("GlobalAveragePooling1D", "GlobalMaxPooling1D", "Attention", "AdditiveAttention",
           "MultiHeadAttention", "Flatten", "Dot", "Lambda")  # fmt: skip
"""Layers that may read every step, so that no state has to carry it to the end."""
KEPT = 1 / (1 + math.exp(-1))
"""Share of its state that an LSTM cell keeps at each step at the start: the sigmoid of Keras's
forget bias of one."""
HALVINGS = 23
"""Halvings after which a number is below the resolution of float32 beside what it was: any sum
rounds it away."""
REACH = math.ceil(HALVINGS * math.log(2) / -math.log(KEPT))
"""Steps, 51, after which what such a cell keeps, and the gradient that comes back through it, is
that small. With Adam at its usual rates LSTM(16) learns a sign given 40 steps back within 800
updates, and none given 60 steps back."""


def first_recurrent(model: Model, *through: str) -> Call | None:
    """Returns the recurrent layer that reads the input's own steps, None if another does.

    Args:
        through: Kinds of layers that may lie in front of it, beside those that leave steps alone.
    """
    for layer in model.layers:
        if layer.kind in RECURRENT:
            return layer
        if layer.kind not in TRANSPARENT and layer.kind not in through:
            return None
    return None


def readers(model: ModelFacts) -> tuple[LayerFacts, ...]:
    """Returns the recurrent layers of a model that reads forwards to a last state.

    Empty where something else than the last state may be read, or from the other end.
    """
    found = tuple(
        layer for layer in model.layers if layer.kind in RECURRENT and layer.inside is None
    )
    backwards = any(x.kind == "Bidirectional" or x.config.get("go_backwards") for x in found)
    pooled = any(layer.kind in POOLING or not layer.stock for layer in model.layers)
    return () if backwards or pooled else found


def steps_read(layer: LayerFacts, window: int) -> int:
    """Returns the steps that a layer reads: those of the window, unless fewer arrive."""
    shape = layer.input_shape
    steps = shape[1] if shape is not None and len(shape) > 2 else None
    return min(steps or window, window)


def explained_by(lag: LagFacts, last: int) -> float:
    """Returns what lags up to a last one explain of the targets' variance."""
    return max((s for end, s in zip(lag.lags, lag.scores, strict=True) if end <= last), default=0.0)


@dataclasses.dataclass(frozen=True)
class Memory:
    """What the last x-ray shows of a model's memory, in steps of the data's window.

    Attributes:
        half_life: Steps in which the state halves, in the layer that keeps it longest; infinite
            where it never does, None where no x-ray tells.
        horizon: Steps back from which learning still hears of the loss, in the best layer.
    """

    half_life: float | None = None
    horizon: float | None = None

    def spans(self, lag: int) -> bool:
        """Whether a state lasts that long for float32, and learning hears from there."""
        lasts = self.half_life is not None and HALVINGS * self.half_life >= lag
        return lasts and (self.horizon is None or self.horizon >= lag)


def memory(xrays: tuple[XRayFacts, ...], window: int) -> Memory:
    """Returns what the last x-ray shows, nothing where there is none."""
    halves: list[float] = []
    heard: list[float] = []
    for one in last_sites(xrays):
        scale = window / max(one.site.steps, 1)
        known = [x for x in (one.memory.half_life, one.memory.measured_half_life) if x is not None]
        if one.memory.half_life is None and one.site.kind in ("LSTM", "GRU"):
            known.append(math.inf)
        halves += [scale * max(known)] if known else []
        heard += [] if one.memory.horizon is None else [scale * one.memory.horizon]
    return Memory(max(halves, default=None), max(heard, default=None))
