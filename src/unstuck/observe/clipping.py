"""How an optimizer scales, averages and clips a gradient, as Keras defines it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops


@dataclasses.dataclass(frozen=True)
class Clipping:
    """What happens to a gradient on its way into the update.

    Attributes:
        dynamic: A LossScaleOptimizer scales the loss; it skips steps that are not finite.
        loss_scale: The fixed factor of the loss.
        accumulate: Steps that one update averages over; 1 without gradient accumulation.
        norm: Bound on the norm of each gradient.
        total_norm: Bound on the norm of all gradients together.
        value: Bound on each entry.
    """

    dynamic: bool = False
    loss_scale: float = 1.0
    accumulate: int = 1
    norm: float | None = None
    total_norm: float | None = None
    value: float | None = None

    @classmethod
    def of(cls, optimizer: Any) -> Clipping:
        """Reads an optimizer's options; None, or no Keras optimizer, has none."""
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            return cls()
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        return cls(
            dynamic=inner is not optimizer,
            loss_scale=inner.loss_scale_factor or 1.0,
            accumulate=inner.gradient_accumulation_steps or 1,
            norm=inner.clipnorm or None,
            total_norm=inner.global_clipnorm or None,
            value=inner.clipvalue or None,
        )

    @property
    def passes_raw(self) -> bool:
        """Whether the raw gradient is what arrives at the clipping by norm."""
        return self.accumulate == 1 and self.value is None

    def learning_rate(self, optimizer: Any) -> Any:
        """Returns the learning rate of the coming update; NaN if only a call can tell it.

        A plain callable may count its calls, so it is not called once more.
        """
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        rate = inner._learning_rate
        if callable(rate) and not isinstance(
            rate, keras.optimizers.schedules.LearningRateSchedule | keras.Variable
        ):
            return np.nan
        return ops.convert_to_tensor(inner.learning_rate)

    def scale(self, optimizer: Any) -> Any:
        """Returns the factor that the loss, and so the gradients, were multiplied by."""
        if not self.dynamic:
            return self.loss_scale
        return ops.convert_to_tensor(
            optimizer.dynamic_scale if optimizer.built else optimizer.initial_scale
        )

    def is_update(self, optimizer: Any) -> Any:
        """Returns 1 where this step updates the weights, 0 where it only accumulates."""
        if self.accumulate == 1:
            return 1.0
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        return ops.cast(ops.equal((inner._iterations + 1) % self.accumulate, 0), "float32")

    def arrived(
        self,
        optimizer: Any,
        gradients: Sequence[Any | None],
        variables: Sequence[keras.Variable],
        norms: Callable[[Sequence[Any | None]], Any],
    ) -> Any | None:
        """Returns the norms of averaged, by value clipped gradients; None where these are raw."""
        if self.passes_raw:
            return None
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        scale = self.scale(optimizer)
        arrived = []
        for gradient, variable in zip(gradients, variables, strict=True):
            if gradient is not None:
                gradient = ops.cast(ops.convert_to_tensor(gradient), "float32") / scale
                if self.accumulate > 1:
                    index = inner._get_variable_index(variable)
                    so_far = ops.cast(inner._accumulated_gradients[index], "float32")
                    gradient = (gradient + so_far) / self.accumulate
                if self.value is not None:
                    gradient = ops.clip(gradient, -self.value, self.value)
            arrived.append(gradient)
        return norms(arrived)

    def clipped_norms(
        self, arrived: np.ndarray, is_update: np.ndarray, nonfinite: np.ndarray
    ) -> np.ndarray:
        """Returns the norms that Keras' clipping leaves, shape (steps, variables).

        Args:
            arrived: Norms of what goes into the clipping, shape (steps, variables), unscaled.
            is_update: Whether each step updates the weights, shape (steps,).
            nonfinite: Counts of entries that are not finite, NaN where a variable has no
                gradient, shape (steps, variables).
        """
        with np.errstate(all="ignore"):
            # Keras sums squares in float32, and so clips a large finite gradient to zero.
            sums = np.square(arrived.astype(np.float32))
            if self.norm:
                clipped = arrived * (self.norm / np.maximum(np.sqrt(sums), self.norm))
            elif self.total_norm:
                present = np.where(np.isnan(nonfinite), 0, sums)
                total = np.sqrt(np.sum(present, axis=1, keepdims=True))
                scale = self.total_norm * np.minimum(1 / total, 1 / self.total_norm)
                clipped = arrived * (scale + (total - total))
            else:
                clipped = arrived.copy()
        clipped[is_update == 0] = np.nan
        if self.dynamic:
            clipped[np.nansum(nonfinite, axis=1) > 0] = np.nan
        return clipped
