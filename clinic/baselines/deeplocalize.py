"""DeepLocalize (Wardat, Le and Rajan, ICSE 2021): numbers of Dense layers that stop changing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from clinic.baselines.symptoms import NOTHING_LEARNS, NUMBERS_EXPLODE, Array, Fit, Symptom

IN_A_ROW = 5


class DeepLocalize:
    """NaN, zero, or unchanged for five steps, in the weights and gradients of Dense layers.

    The original also compares whole outputs and losses; a recording holds norms of weights, of
    gradients and of updates, and the loss of each step.
    """

    name: ClassVar[str] = "DeepLocalize"

    def symptoms(self, fit: Fit) -> Iterator[Symptom]:
        """Yields its messages: numerical faults before constant numbers."""
        gradients, weights = (
            fit.kernels("gradient_norm", "Dense"),
            fit.kernels("weight_norm", "Dense"),
        )
        finite = all(np.all(np.isfinite(a)) for a in (fit.loss, gradients, weights))
        if not finite:
            yield Symptom("NaN or infinity", NUMBERS_EXPLODE)
        if any(self._lasts(column == 0) for column in (*gradients.T, *weights.T)):
            yield Symptom("a layer's numbers are zero", NOTHING_LEARNS)
        updates = fit.kernels("update_norm", "Dense")
        unchanged = [self._lasts(column == 0) for column in updates.T]
        if any(unchanged) or self._lasts(np.diff(fit.loss) == 0):
            causes = {"lr_too_low", "output_softmax_single_unit", "optimizer_step_too_small"}
            yield Symptom("a layer's numbers do not change", NOTHING_LEARNS | causes)

    def _lasts(self, holds: Array) -> bool:
        """Whether something holds for so many steps in a row."""
        row = (
            np.convolve(holds.astype(int), np.ones(IN_A_ROW, int), "valid") if holds.size else holds
        )
        return bool(np.any(row == IN_A_ROW)) and len(holds) >= IN_A_ROW
