"""AutoTrainer (Zhang, Zhai, Ma and Shen, ICSE 2021): five training problems by thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from clinic.baselines.symptoms import NOTHING_LEARNS, NUMBERS_EXPLODE, Fit, Symptom

VANISHING_RATIO, VANISHING_FIRST = 1e-3, 1e-4
EXPLODING = 70.0
DEAD_SHARE = 0.70
OSCILLATION, OSCILLATING_EPOCHS = 0.03, 0.20
SLOW_CHANGE, SLOW_ACCURACY = 0.01, 0.6


class AutoTrainer:
    """Its symptoms from gradient norms and the curves of the epochs.

    Its share of zero gradients counts entries of the kernels; a recording holds their norms, so
    here it is the share of kernels whose whole gradient is zero. It knows cross-entropy only, and
    calls every other loss improper, as the original does.
    """

    name: ClassVar[str] = "AutoTrainer"

    def symptoms(self, fit: Fit) -> Iterator[Symptom]:
        """Yields its problems in the order in which it repairs them."""
        yield from self._improper(fit)
        yield from self._gradients(fit)
        accuracy = fit.curve("accuracy", "acc")
        curve = accuracy if len(accuracy) else fit.curve("loss")
        changes = np.diff(curve)
        falls = -changes if len(accuracy) else changes
        if len(falls) and np.mean(falls > OSCILLATION) >= OSCILLATING_EPOCHS:
            causes = {"lr_too_high", "no_lr_schedule", "batch_size_too_small"}
            causes |= {"batch_composition", "no_gradient_clipping", "exploding_gradients"}
            yield Symptom("oscillating loss", frozenset(causes))
        slow = len(changes) and np.nanmax(np.abs(changes)) < SLOW_CHANGE
        if slow and len(accuracy) and np.nanmax(accuracy) < SLOW_ACCURACY:
            causes = {"lr_too_low", "optimizer_unsuited", "optimizer_step_too_small"}
            causes |= {"batch_size_too_large", "too_few_updates"}
            yield Symptom("slow convergence", frozenset(causes))

    def _improper(self, fit: Fit) -> Iterator[Symptom]:
        heads = [head.activation for head in fit.model.heads] if fit.model else []
        for index, loss in enumerate(fit.compiled.losses if fit.compiled else ()):
            wanted = "sigmoid" if loss.name == "binary_crossentropy" else "softmax"
            given = heads[index] if index < len(heads) else None
            if "crossentropy" in loss.name and given == wanted:
                continue
            causes = {"loss_task_mismatch", "logits_probability_mismatch"}
            causes |= {"output_softmax_single_unit", "output_activation_range_mismatch"}
            yield Symptom("improper loss or last activation", frozenset(causes))
            return

    def _gradients(self, fit: Fit) -> Iterator[Symptom]:
        norms = fit.kernels("gradient_norm")
        if not norms.size:
            return
        with np.errstate(all="ignore"):
            ratio = norms[:, 0] / norms[:, -1]
            gone = (ratio < VANISHING_RATIO) & (norms[:, 0] < VANISHING_FIRST)
        if np.any(gone):
            yield Symptom("vanishing gradient", NOTHING_LEARNS)
        if not np.all(np.isfinite(norms)) or np.max(norms) > EXPLODING:
            yield Symptom("exploding gradient", NUMBERS_EXPLODE)
        if np.any(np.mean(norms == 0, axis=1) >= DEAD_SHARE):
            yield Symptom("dying ReLU", NOTHING_LEARNS)
