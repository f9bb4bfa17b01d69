"""The way of a mask as the source writes it."""

from __future__ import annotations

from unstuck.case.script import Call
from unstuck.findings.masking.paths import RECURRENT

LOSING = (
    *("Conv1D", "SeparableConv1D", "DepthwiseConv1D", "MaxPooling1D", "AveragePooling1D"),
    *("Reshape", "Permute", "Lambda", "Cropping1D", "UpSampling1D", "ZeroPadding1D"),
)
"""Keras layers that don't support masks: what comes behind them sees none."""
MOVING = ("BatchNormalization", "LayerNormalization", "Normalization", "Dense", "TimeDistributed")
"""Keras layers that turn the mask's value into another one."""


def way_to_mask(reader: Call) -> list[Call]:
    """Returns the layers from a recurrent one down to what makes its mask; empty without."""
    chain = [reader]
    if reader.kind not in RECURRENT or reader.inside is not None:
        return []
    while len(chain[-1].inputs) == 1:
        chain.append(chain[-1].inputs[0])
        kind = chain[-1].kind
        if kind == "Masking" or (kind == "Embedding" and masks_zero(chain[-1])):
            return chain
        if kind in RECURRENT or not chain[-1].path.startswith("keras.layers."):
            return []
    return []


def masks_zero(embedding: Call) -> bool:
    """Whether an ``Embedding`` is seen to make a mask."""
    return embedding.get("mask_zero", False).value is True


def drops(layer: Call) -> bool:
    """Whether a layer is seen to drop the mask that arrives; a Lambda may be given its own."""
    return layer.kind in LOSING and not layer.open and "mask" not in layer.arguments


def mover(maker: Call) -> Call | None:
    """Returns the layer in front of a ``Masking`` that changes values, None if none is seen."""
    while len(maker.inputs) == 1:
        maker = maker.inputs[0]
        if maker.kind in MOVING:
            return maker
    return None
