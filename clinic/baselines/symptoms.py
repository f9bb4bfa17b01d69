"""What a baseline sees of a fit, and what it may say."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from unstuck.case.facts import ArrayFacts, CompileFacts, DataFacts, ModelFacts
from unstuck.observe.recording import RecordedFit, reading
from unstuck.observe.xray.facts import XRayFacts

Array = np.ndarray

NOTHING_LEARNS = frozenset(
    {
        "vanishing_gradients",
        "saturated_gates",
        "dead_units",
        "frozen_weights",
        "poor_initialization",
        "architecture_too_deep",
        "sequence_too_long",
        "lstm_internal_activation_wrong",
        "redundant_activation",
        "no_input_scaling",
        "output_softmax_single_unit",
        "output_activation_range_mismatch",
        "custom_loss_non_differentiable",
        "padding_not_masked",
    }
)
"""Causes that leave a gradient of nearly zero somewhere."""
NUMBERS_EXPLODE = frozenset(
    {
        "exploding_gradients",
        "no_gradient_clipping",
        "lr_too_high",
        "lstm_relu_activation",
        "no_input_scaling",
        "no_target_scaling",
        "nonfinite_input",
        "custom_loss_numerics",
        "label_encoding_error",
        "loss_task_mismatch",
        "embedding_index_out_of_range",
        "poor_initialization",
    }
)
"""Causes that make gradients, weights or losses too large or no numbers."""


@dataclasses.dataclass(frozen=True)
class Symptom:
    """A message of a baseline, and the causes that a reader could take it for."""

    words: str
    causes: frozenset[str]


class Baseline(Protocol):
    """A published detector."""

    name: ClassVar[str]

    def symptoms(self, fit: Fit) -> Iterator[Symptom]:
        """Yields what it would say of a fit, in its own order."""
        ...


@dataclasses.dataclass(frozen=True)
class Fit:
    """The measurements of one fit, as a baseline sees them.

    Attributes:
        loss: Loss of each step, shape (steps,).
        rate: Learning rate of each step, shape (steps,).
        columns: By name, an array of shape (steps, variables): "gradient_norm", "weight_norm",
            "update_norm", "nonfinite" and more.
        watched: The trainable variables, in the order of the columns.
        epochs: The logs of each epoch.
    """

    loss: Array
    rate: Array
    columns: Mapping[str, Array]
    watched: tuple[Mapping[str, Any], ...]
    epochs: tuple[Mapping[str, float], ...]
    model: ModelFacts | None
    compiled: CompileFacts | None
    inputs: tuple[ArrayFacts, ...]
    xrays: tuple[XRayFacts, ...]

    def kernels(self, column: str, *kinds: str) -> Array:
        """A column of the kernels alone, in the order of the layers; of some kinds of layer.

        Returns:
            Shape (steps, kernels).
        """
        layers = {layer.name: layer.kind for layer in self.model.layers} if self.model else {}
        chosen = [
            index
            for index, variable in enumerate(self.watched)
            if variable["weight"] == "kernel"
            and (not kinds or layers.get(variable["layer"]) in kinds)
        ]
        return self.columns[column][:, chosen] if column in self.columns else np.zeros((0, 0))

    def curve(self, *names: str) -> Array:
        """The first of some logs that the epochs have, shape (epochs,); empty if there is none."""
        for name in names:
            if self.epochs and name in self.epochs[0]:
                return np.array([epoch.get(name, np.nan) for epoch in self.epochs], float)
        return np.zeros(0)


def fits(recording: Path) -> list[Fit]:
    """Reads the fits of a recording; those without a measured step are left out."""
    with reading(recording) as recorded:
        found = [_fit(fit) for fit in recorded.fits()]
    return [fit for fit in found if len(fit.loss)]


def _fit(fit: RecordedFit) -> Fit:
    series = fit.series()
    watched = tuple(fit.fact("watched", list) or ())
    names = list(fit.fact("columns", list) or ())
    rows = series.rows if series is not None else np.zeros((0, 2), np.float32)
    values = rows[:, 2:].reshape(len(rows), len(watched), -1) if watched else np.zeros((0, 0, 0))
    data = fit.fact("data", DataFacts)
    return Fit(
        loss=rows[:, 0],
        rate=rows[:, 1],
        columns={name: values[:, :, index] for index, name in enumerate(names) if watched},
        watched=watched,
        epochs=tuple(logs for _, _, logs in fit.epochs()),
        model=fit.fact("model", ModelFacts),
        compiled=fit.fact("compile", CompileFacts),
        inputs=data.role("input") if data else (),
        xrays=fit.xrays(),
    )
