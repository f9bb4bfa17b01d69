"""DeepDiagnosis (Wardat, Cruz, Le and Rajan, ICSE 2022): symptoms in the layers' numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from clinic.baselines.symptoms import NOTHING_LEARNS, NUMBERS_EXPLODE, Fit, Symptom

VANISHING = 1e-7
SATURATED_SHARE = 0.50
DEAD_SHARE = 0.70
SMALLEST_UPDATE, LARGEST_UPDATE = 1e-5, 0.1


class DeepDiagnosis:
    """Those of its eight symptoms that have a published number.

    It calls a tanh saturated beyond 5; a recording holds the share of gate activations at an end of
    their range instead. Its ratio of update to weight is taken from the update itself, by kernel
    and as a median over the steps. "Loss does not decrease", "accuracy does not rise" and "output
    out of range" come without a threshold and are left out.
    """

    name: ClassVar[str] = "DeepDiagnosis"

    def symptoms(self, fit: Fit) -> Iterator[Symptom]:
        """Yields its symptoms in its order: numbers, activations, gradients, updates."""
        if not np.all(np.isfinite(fit.loss)):
            yield Symptom("numerical error in the loss", NUMBERS_EXPLODE)
        yield from self._inside(fit)
        gradients = fit.kernels("gradient_norm")
        if gradients.size and np.any(gradients < VANISHING):
            yield Symptom("vanishing gradient", NOTHING_LEARNS)
        yield from self._updates(fit)

    def _inside(self, fit: Fit) -> Iterator[Symptom]:
        sites = [site for xray in fit.xrays[-1:] for site in xray.sites]
        gates = [gate.saturated for site in sites for gate in site.gates]
        if any(share > SATURATED_SHARE for share in gates):
            yield Symptom("saturated activation", NOTHING_LEARNS)
        if any(site.states.dead_units >= DEAD_SHARE for site in sites if site.states):
            yield Symptom("dead node", NOTHING_LEARNS)

    def _updates(self, fit: Fit) -> Iterator[Symptom]:
        weights, updates = fit.kernels("weight_norm"), fit.kernels("update_norm")
        if not weights.size:
            return
        with np.errstate(all="ignore"):
            ratio = np.nan_to_num(np.nanmedian(updates / weights, axis=0), nan=np.inf)
        if np.any(ratio > LARGEST_UPDATE):
            causes = {"lr_too_high", "no_lr_schedule", "exploding_gradients"}
            yield Symptom("updates too large for the weights", frozenset(causes))
        if np.any(ratio < SMALLEST_UPDATE):
            causes = {"lr_too_low", "optimizer_step_too_small", "optimizer_unsuited"}
            yield Symptom(
                "updates too small for the weights", frozenset({*causes, "frozen_weights"})
            )
