"""Rare classes that count as much as frequent ones."""

from __future__ import annotations

import numpy as np

from unstuck.trials.specified.output import PROBABILITIES, loss_of
from unstuck.trials.specified.specification import Specification

CAUSES = ("class_imbalance", "undetermined")
SUMMARY = "Weigh samples by how rare their class is."


def applied(spec: Specification) -> Specification | None:
    """Gives ``fit`` a ``class_weight``, where it has no weights and one class a sample."""
    y, loss = spec.data.y, loss_of(spec)
    if spec.fit.class_weight or spec.data.sample_weight is not None or loss is None:
        return None
    if loss.name not in PROBABILITIES or not isinstance(y, np.ndarray) or y.ndim > 2:
        return None
    several = y.ndim == 2 and y.shape[1] > 1
    if several and not (loss.name == "categorical_crossentropy" and (y.sum(axis=1) == 1).all()):
        return None
    classes = y.argmax(axis=1) if several else np.round(y.reshape(-1)).astype(int)
    names, counts = np.unique(classes, return_counts=True)
    if len(names) < 2 or len(set(counts.tolist())) == 1:
        return None
    weights = len(classes) / (len(names) * counts)
    pairs = zip(names.tolist(), weights.tolist(), strict=True)
    return spec.fitted(class_weight=dict(pairs))
