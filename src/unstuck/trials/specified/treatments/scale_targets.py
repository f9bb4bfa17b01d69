"""Training in spreads of the targets, and a model that answers in their units."""

from __future__ import annotations

import numpy as np

from unstuck.trials.specified.layers import head, named
from unstuck.trials.specified.output import QUANTITIES, loss_of
from unstuck.trials.specified.specification import Specification, Unit


def applied(spec: Specification) -> Specification | None:
    """Trains on standardized targets; the finished model ends with a ``Rescaling``."""
    found, loss = head(spec.architecture), loss_of(spec)
    if found is None or loss is None or loss.name not in QUANTITIES or spec.unit is not None:
        return None
    y = spec.data.y
    if not isinstance(y, np.ndarray) or named(found[1]["activation"]) != "linear":
        return None
    columns = y.reshape(-1, y.shape[-1] if y.ndim > 1 else 1).astype(np.float64)
    if columns.shape[1] not in (1, found[1]["units"]):
        return None
    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    if not (np.isfinite(mean).all() and np.isfinite(spread).all() and spread.any()):
        return None
    spread = np.where(spread > 0, spread, 1.0)
    return spec.replaced(unit=Unit(tuple(mean.tolist()), tuple(spread.tolist())))
