"""UMLAUT (Schoop, Huang and Hartmann, CHI 2021): checks of the input, the rate and the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from clinic.baselines.symptoms import Fit, Symptom

HIGHEST_RATE, LOWEST_RATE = 0.01, 1e-7
INPUT_LIMIT = 1.0
SUSPICIOUS_ACCURACY = 0.95
MOST_DROPOUT = 0.5


class Umlaut:
    """Its published checks, which flag 109 of 109 models that train.

    It looks for a softmax by the names of the layers, as the original does, so that a Dense with
    ``activation="softmax"`` has none. Its checks of image shapes have no meaning here.
    """

    name: ClassVar[str] = "UMLAUT"

    def symptoms(self, fit: Fit) -> Iterator[Symptom]:
        """Yields its messages in the order of its severity: data, rate, head, scores, dropout."""
        yield from self._inputs(fit)
        yield from self._rate(fit)
        if fit.model and not any("softmax" in layer.name for layer in fit.model.layers):
            causes = {"logits_probability_mismatch", "loss_task_mismatch"}
            causes |= {"output_activation_range_mismatch"}
            yield Symptom("missing softmax before the loss", frozenset(causes))
        accuracy = fit.curve("val_accuracy", "val_acc")
        if np.any(accuracy > SUSPICIOUS_ACCURACY):
            causes = {"overfitting", "metric_mismatch", "class_imbalance", "target_misalignment"}
            yield Symptom("validation accuracy is suspiciously high", frozenset(causes))
        layers = fit.model.layers if fit.model else ()
        if any((layer.config.get("rate") or 0) > MOST_DROPOUT for layer in layers):
            yield Symptom("dropout is very high", frozenset({"over_regularization"}))

    def _inputs(self, fit: Fit) -> Iterator[Symptom]:
        if any(array.nonfinite for array in fit.inputs):
            yield Symptom("NaN in the input", frozenset({"nonfinite_input"}))
        ends = [end for a in fit.inputs for end in (a.minimum, a.maximum) if end is not None]
        if any(abs(end) > INPUT_LIMIT for end in ends):
            causes = {"no_input_scaling", "categorical_codes_as_numbers"}
            yield Symptom("input exceeds -1 to 1", frozenset(causes))

    def _rate(self, fit: Fit) -> Iterator[Symptom]:
        rate = float(fit.rate[0])
        if rate > HIGHEST_RATE:
            causes = {"lr_too_high", "no_lr_schedule", "exploding_gradients"}
            yield Symptom("learning rate is high", frozenset(causes))
        if rate < LOWEST_RATE:
            yield Symptom("learning rate is low", frozenset({"lr_too_low"}))
