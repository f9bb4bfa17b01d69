"""A run with the probe ends, to the last bit, where the same run without it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers, optimizers

TORCH = keras.backend.backend() == "torch"


def plain(**options: Any) -> keras.Model:
    return keras.Sequential([keras.Input((4, 3)), layers.LSTM(4, **options), layers.Dense(1)])


def masked() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((4, 3)),
            layers.Masking(),
            layers.LSTM(4, return_sequences=True),
            layers.LSTM(4),
            layers.Dense(1),
        ]
    )


def words() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Embedding(7, 3, mask_zero=True),
            layers.Bidirectional(layers.LSTM(3)),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )


def dropped() -> keras.Model:
    return plain(dropout=0.3, recurrent_dropout=0.2)


def regularized() -> keras.Model:
    # Terms that XLA computes inside of the update, where a second reader of the gradient tells.
    return plain(kernel_regularizer="l2", recurrent_regularizer="l1", kernel_constraint="max_norm")


def half() -> keras.Model:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        return plain()
    finally:
        keras.config.set_dtype_policy(before)


CASES: dict[str, tuple[Callable[[], keras.Model], Callable[[], Any], dict[str, Any]]] = {
    "stacked and masked": (masked, lambda: optimizers.Adam(0.01), {}),
    "embedding, both directions, batch normalization": (words, lambda: "rmsprop", {}),
    "dropout": (dropped, lambda: "adam", {}),
    "adagrad": (plain, lambda: "adagrad", {}),
    "clipnorm": (regularized, lambda: optimizers.SGD(0.01, clipnorm=0.3), {}),
    "clipvalue": (regularized, lambda: optimizers.Adam(0.01, clipvalue=0.05), {}),
    "global_clipnorm": (masked, lambda: optimizers.Adam(0.01, global_clipnorm=0.3), {}),
    "gradient accumulation": (
        regularized,
        lambda: optimizers.Adam(0.01, gradient_accumulation_steps=2, clipnorm=0.3),
        {},
    ),
    "moving average and weight decay": (
        plain,
        lambda: optimizers.AdamW(0.01, use_ema=True, ema_overwrite_frequency=3),
        {},
    ),
    "mixed precision": (half, lambda: optimizers.Adam(0.01), {}),
    "loss scale that overflows": (
        half,
        lambda: optimizers.LossScaleOptimizer(
            optimizers.SGD(0.01, clipnorm=0.3), initial_scale=2.0**28
        ),
        {},
    ),
    "loss_scale_factor": (
        regularized,
        lambda: optimizers.Adam(0.01, loss_scale_factor=100.0, clipnorm=0.3),
        {},
    ),
    "eager": (plain, lambda: "adam", {"run_eagerly": True}),
    "jit_compile=False": (plain, lambda: "adam", {"jit_compile": False}),
}
if not TORCH:
    CASES["several steps at once"] = (plain, lambda: "adam", {"steps_per_execution": 2})
    CASES["jit_compile=True"] = (
        regularized,
        lambda: optimizers.Adam(0.01, global_clipnorm=0.3),
        {"jit_compile": True},
    )


@pytest.mark.parametrize("case", CASES)
def test_same_weights_state_and_history(case, data, attach, state, same):
    make, optimizer, options = CASES[case]
    x = data.words if make is words else data.x
    eager = options.get("run_eagerly") or options.get("jit_compile") is False
    ends = []
    for callbacks in ([], [attach()]):
        keras.utils.set_random_seed(7)
        model = make()
        model.compile(optimizer(), "mse", metrics=["mae"], **options)
        history = model.fit(
            x, data.y, batch_size=8, epochs=1 if eager else 2, verbose=0, callbacks=callbacks
        )
        ends.append((state(model), history.history))
    seen = callbacks[0]
    assert seen.complaints == []
    assert sum(len(steps.loss) for steps in seen.delivered) == (3 if eager else 6)
    assert same(ends[0][0], ends[1][0])
    assert ends[0][1] == ends[1][1]
