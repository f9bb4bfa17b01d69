"""How strongly a model is regularized: what its dropouts keep, what its penalties have taken."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.case.facts import LayerFacts, ModelFacts
from unstuck.case.script import Call, Model
from unstuck.findings.series import StepSeries

DROPOUTS = ("Dropout", "SpatialDropout1D", "AlphaDropout", "GaussianDropout")
PENALTIES = ("kernel_regularizer", "recurrent_regularizer")


def rates_of(layer: LayerFacts) -> Iterator[tuple[str, float]]:
    """Yields the options of a layer that drop something, with their rates."""
    names = ("rate",) if layer.kind in DROPOUTS else ("dropout", "recurrent_dropout")
    for name in names:
        rate = layer.config.get(name)
        if isinstance(rate, float) and 0 < rate < 1:
            yield name, rate


def written_rates(layer: Call) -> Iterator[float]:
    """Yields the rates that a layer of a source drops at."""
    names = ("rate",) if layer.kind in DROPOUTS else ("dropout", "recurrent_dropout")
    for name in names:
        rate = layer.get(name, 0.0).value
        if isinstance(rate, float) and 0 < rate < 1:
            yield rate


def chained(model: Model) -> bool:
    """Whether each layer reads one other, so that dropouts lie one after the other."""
    return model.kind == "sequential" or all(len(layer.inputs) < 2 for layer in model.layers)


def penalty_of(layer: LayerFacts) -> str:
    """Returns the first option of a penalized layer that penalizes it."""
    return next(name for name in PENALTIES if layer.config.get(name))


def shrunk_by_penalty(model: ModelFacts, steps: StepSeries) -> tuple[LayerFacts, float] | None:
    """Returns the penalized layer whose weights shrank most, and its last over its first norm."""
    if not len(steps.index):
        return None
    norms = steps.column("weight_norm")
    found: list[tuple[LayerFacts, float]] = []
    for layer in model.layers:
        names = [name.split("_")[0] for name in PENALTIES if layer.config.get(name)]
        owners = (layer.name, layer.inside)
        kernels = {"kernel": "kernel", "recurrent": "recurrent_kernel"}
        at = [
            index
            for index, one in enumerate(steps.watched)
            if one.layer in owners and one.weight in [kernels[name] for name in names]
        ]
        ratios = [norms[-1, i] / norms[0, i] for i in at if norms[0, i] > 0]
        if ratios and np.isfinite(ratios).all():
            found.append((layer, float(max(ratios))))
    return min(found, key=lambda pair: pair[1], default=None)
