"""How one part of the data differs from the other: mixes of classes, means and spreads."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from unstuck.case.facts import ArrayFacts, DataFacts, FeatureFacts
from unstuck.findings.evidence import Output

FAR = 2.0
"""Training standard deviations between two means that no random split makes: with ten samples on
one side it makes 0.6 in one of twenty."""
SCALE = 5.0
"""Ratio of spreads that says the same; it is that of other units, or of a scaler that was left
out."""
MIX = 0.5
"""Share of the samples that must change class to make one mix into the other."""
FEWEST = 10
"""Validation samples below which any split looks odd."""


@dataclasses.dataclass(frozen=True)
class Shift:
    """How the validation part differs most: in words, as a share or in spreads, and a unit."""

    words: str
    size: float
    unit: str
    classes: bool = False


def widest(data: DataFacts, outputs: tuple[Output, ...]) -> Shift | None:
    """Returns the first difference between the parts that no random split makes."""
    pairs = [
        (role, array, other)
        for role in ("target", "input")
        for array in data.role(role)
        for other in data.role(f"validation_{role}")
        if other.name == array.name and other.read >= FEWEST
    ]
    if not pairs:
        pairs = [
            (role, *two)
            for role in ("target", "input")
            for two in zip(data.role(role), data.role(f"validation_{role}"), strict=False)
            if two[1].read >= FEWEST
        ]
    classes = {one.name for one in outputs if one.train and one.train.predictions.actual}
    for role, array, other in pairs:
        shift = _class_shift(array, other) if role == "target" and array.name in classes else None
        shift = shift or (None if array.name in classes else _number_shift(role, array, other))
        if shift is not None:
            return shift
    return None


def _class_shift(array: ArrayFacts, other: ArrayFacts) -> Shift | None:
    """Compares the mix of classes: the total variation between both."""
    here, there = _shares(array), _shares(other)
    if not here or not there:
        return None
    moved = sum(abs(here.get(k, 0.0) - there.get(k, 0.0)) for k in {*here, *there}) / 2
    if moved < MIX:
        return None
    kind = max(there, key=lambda name: there[name] - here.get(name, 0.0))
    words = f"class {kind} is {there[kind]:.0%} of them and {here.get(kind, 0):.0%} of the training"
    return Shift(words, moved, "share of samples", classes=True)


def _shares(array: ArrayFacts) -> Mapping[str, float]:
    """Returns the share of each class: of one-hot rows the means, else the counts."""
    if len(array.shape) > 1 and (array.shape[-1] or 1) > 1 and array.one_hot == 1.0:
        return {str(index): feature.mean for index, feature in enumerate(array.features)}
    total = sum(array.values.values())
    return {f"{float(name):g}": count / total for name, count in array.values.items()}


def _number_shift(role: str, array: ArrayFacts, other: ArrayFacts) -> Shift | None:
    """Compares means and spreads, feature by feature."""
    for index, (one, two) in enumerate(zip(array.features, other.features, strict=False)):
        if one.std <= 0:
            continue
        name = f"feature {index} of the inputs" if role == "input" else "the target"
        away = abs(two.mean - one.mean) / one.std
        if away >= FAR or _apart(one, two):
            words = f"{name} has mean {two.mean:.4g}, in training {one.mean:.4g} ± {one.std:.2g}"
            return Shift(words, away, "training spreads")
        ratio = two.std / one.std
        if ratio >= SCALE or (role == "input" and ratio <= 1 / SCALE):
            words = f"{name} has spread {two.std:.4g}, in training {one.std:.4g}"
            return Shift(words, ratio, "training spreads")
    return None


def _apart(one: FeatureFacts, two: FeatureFacts) -> bool:
    """Whether the ranges of real values do not meet."""
    varies = min(one.distinct, two.distinct) > FEWEST
    return varies and (two.minimum > one.maximum or two.maximum < one.minimum)
